/** `doctor`: whether both stores are as Crossfade needs them. It only reads. */
import { type Command, Option } from 'commander';
import type { Diagnosis } from '../../../functions/diagnosis/diagnosis.ts';
import type { Side } from '../../../functions/diagnosis/line.ts';
import { shippedSettings } from '../schema.ts';
import type { Open, Terminal } from '../terminal.ts';
import { diagnosisLines, endOf, type Told } from './lines.ts';

const MORE = `
It looks at both stores with the logins of the functions (deployment.secrets of infra/crossfade.config.ts), from two sides: from this machine, which
need not reach them, and through the deployed functions, which must. From here the owner of the tables is looked at too
(deployment.secrets.oracleOwner). Before there is a deployment: --from here. Nothing is changed.

good      as it should be
doubtful  it works, and costs something that you should know of
bad       a promise of Crossfade does not hold, or it cannot work
unknown   nobody could look: the line says which right is missing, or who did not answer

Rights: Couchbase data_reader, data_writer and query_select, which the functions need anyway, tell most; Read-Only Admin (ro_admin) tells replications
and Eventing too. Oracle tells every user most of it; the line of each view that needs a grant says which. From here it also takes
secretsmanager:GetSecretValue. It logs in once with each login; values of secrets are not printed.

Exits with 0 where nothing is bad, with 1 where something is, and with 2 where neither side has reached a store.
`;

const COULD_NOT = 2;

/** @param read the settings; those that are shipped if there is none. */
export function addDoctor(program: Command, open: Open, read = shippedSettings): void {
  program
    .command('doctor')
    .description(
      'check versions, rights, copies, expiry, indexes, replication, profile, standbys, clocks and latencies of both stores',
    )
    .addOption(new Option('--from <side>', 'look from this side alone').choices(['here', 'functions']))
    .addHelpText('after', MORE)
    .action(async ({ from }: { readonly from?: Side }) => {
      const terminal = open();
      const settings = await read();
      const sides: Promise<Told>[] = [];
      if (from !== 'functions')
        sides.push(
          import('./here.ts').then(async ({ diagnoseHere }) => ({
            from: 'here',
            lines: (await diagnoseHere(settings)).lines,
          })),
        );
      if (from !== 'here') sides.push(fromFunctions(terminal, settings.deployment.oracleSessions, from));
      const told = await Promise.all(sides);
      const ended = endOf(told);
      terminal.show({ sides: told }, diagnosisLines(told), ended === 'well');
      if (ended === 'nothing seen') process.exitCode = COULD_NOT;
    });
}

/** Where only they were asked for, it rejects where they do not answer. */
async function fromFunctions(terminal: Terminal, sessions: number, only: Side | undefined): Promise<Told> {
  try {
    const { lines } = await terminal.service.ask<Diagnosis>('doctor', { sessions });
    return { from: 'functions', lines };
  } catch (error) {
    if (only !== undefined) throw error;
    const todo =
      'Deploy this version, and give --url; before there is a deployment, --from here looks from this machine alone';
    return {
      from: 'functions',
      lines: [{ code: 'FUNCTIONS', state: 'unknown', seen: (error as Error).message, todo }],
    };
  }
}
