/** The heartbeat of Oracle, over Oracle and SSM. */
import { PutParameterCommand, type SSMClient } from '@aws-sdk/client-ssm';
import { Heartbeats } from '../books/heartbeats.ts';
import type { Identities } from '../books/identities.ts';
import { type HeartbeatPorts, OracleHeartbeat } from '../identity/heartbeat.ts';
import { heartbeatOf } from '../phases/parameters.ts';
import { reportedIn } from '../records/heartbeat.ts';
import type { OracleConnection } from '../stores/oracle/connection.ts';
import type { Container } from './container.ts';
import { readParameters } from './parameters.ts';

export interface HeartbeatParts extends Pick<HeartbeatPorts, 'phase' | 'now'> {
  readonly parameters: SSMClient;
  /** What the names of all parameters begin with. */
  readonly prefix: string;
  readonly logger: Pick<Container['logger'], 'warn'>;
}

/** @param ledger of the identities of all collections. */
export function heartbeatOver(
  { parameters, prefix, logger, phase, now }: HeartbeatParts,
  database: OracleConnection,
  ledger: Identities,
  collections: readonly string[],
): OracleHeartbeat {
  const Name = heartbeatOf(prefix);
  const row = new Heartbeats(database);
  return new OracleHeartbeat({
    reported: async () => {
      const stored = (await readParameters(parameters, [Name])).get(Name);
      return stored === undefined ? null : reportedIn(Name, stored.value, stored.changed);
    },
    report: async (number) => {
      const Description = 'The last number that the controller has committed in Oracle: leave it alone';
      const put = { Name, Value: String(number), Type: 'String', Description, Overwrite: true } as const;
      await parameters.send(new PutParameterCommand(put));
    },
    read: () => row.read(),
    write: (before, after) => row.write(before, after),
    ...{ collections, phase, now },
    remembered: () => ledger.all(),
    remember: (collection, marks, instead) => ledger.remember(collection, 'oracle', marks, instead, now()),
    unread: (error) =>
      logger.warn('Whether Oracle has lost commits is not known: SSM could not be read', {
        cause: String(error),
      }),
    unnoted: (error) =>
      logger.warn('Oracle has lost commits, and that could not be entered there: the next look enters it', {
        cause: String(error),
      }),
  });
}
