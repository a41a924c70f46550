/** Everything that a stack on this machine shows or keeps outside of the two stores' documents: logs, messages, parameters, runs and control tables. */
import { subjectsOf } from '../../functions/configuration/configuration.ts';
import { LOBS_AS_BYTES, OracleConnection } from '../../functions/stores/oracle/connection.ts';
import { tablesOf } from '../../functions/stores/oracle/schema.ts';
import type { Local } from '../../infra/local/start.ts';
import type { CheckedSettings } from '../../infra/settings.ts';
import type { Shown } from './marks.ts';

export class Watched {
  readonly #seen: Shown[] = [];

  see(place: string, text: string): void {
    this.#seen.push({ place, text });
  }

  /** For `startLocal`. Metrics are lines of the log, too. */
  readonly log = (source: string, line: string): void => this.see(`log of ${source}`, line);

  /** From now on, what is sent to SQS and put into SSM, and what Step Functions is told. */
  listen({ queues, parameters, deployment }: Local): void {
    const forward = queues.forward.bind(queues);
    queues.forward = (target, body) => {
      if (/\.SendMessage/.test(target)) this.see('message of SQS', body);
      return forward(target, body);
    };
    const put = parameters.call.bind(parameters);
    parameters.call = (operation, input, by) => {
      this.see('call of SSM', JSON.stringify(input));
      return put(operation, input, by);
    };
    // What a function gives back to a state machine is kept there, as are its failures. Api and Operate answer for themselves.
    for (const each of deployment.functions.values()) {
      const handler = each.settings.environment._HANDLER ?? '';
      if (/^(api|operate)\./.test(handler)) continue;
      const invoke = each.invoke.bind(each);
      each.invoke = async (...given: Parameters<typeof invoke>) => {
        try {
          const result = await invoke(...given);
          this.see('call of Step Functions', JSON.stringify(result) ?? '');
          return result;
        } catch (error) {
          this.see('call of Step Functions', String(error));
          throw error;
        }
      };
    }
  }

  /** All that was seen, with the rows of the control tables as they are now. */
  async all(local: Local, { configuration }: CheckedSettings): Promise<readonly Shown[]> {
    const database = new OracleConnection({
      login: async () => local.logins.oracle,
      size: 1,
      timeout: 10_000,
    });
    const target = { store: 'oracle', operation: 'read', collection: 'CROSSFADE', key: null } as const;
    try {
      for (const table of tablesOf(subjectsOf(configuration)).filter((name) =>
        name.startsWith('CROSSFADE_'),
      )) {
        const { rows = [] } = await database.use(target, false, (session) =>
          session.execute<unknown[]>(`SELECT * FROM ${table}`, [], LOBS_AS_BYTES),
        );
        for (const row of rows) this.see(`table ${table}`, row.map(String).join('\n'));
      }
    } finally {
      await database.close();
    }
    return this.#seen;
  }
}
