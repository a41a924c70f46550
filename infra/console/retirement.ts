/** `retire`: the last step. After it there is no way back, and what was there for the way back may go. */
import type { Command } from 'commander';
import type { Condition } from '../../functions/control/conditions.ts';
import type { Move } from '../../functions/control/publish.ts';
import type { Asked } from '../../functions/operations/four_eyes.ts';
import { OracleConnection } from '../../functions/stores/oracle/connection.ts';
import { dropTombstones, tombstonesText } from '../../functions/stores/oracle/tombstones.ts';
import { ownerIn } from './schema.ts';
import type { Open, Terminal } from './terminal.ts';
import { askedLines } from './told/asked.ts';
import { conditionLines } from './told/phases.ts';

const MORE = `
It wants the collection in contract, with nothing left to be done. With --confirm it is marked as retired, and no flag takes it
back any more. What deletions have left in Oracle can be dropped by the owner of the tables alone: with ORACLE_CONNECT_STRING,
ORACLE_USER and ORACLE_PASSWORD it is done here, otherwise the statement is printed.`;

interface Retired {
  readonly conditions: readonly Condition[];
  readonly moved: Move | null;
  /** Functions of the version before tell none. */
  readonly asked?: Asked;
  readonly table: string;
}

export function addRetirement(program: Command, open: Open): void {
  program
    .command('retire')
    .description('end the migration of a collection for good, once it is in contract')
    .argument('<collection>')
    .requiredOption('--why <reason>', 'for the audit log')
    .option('--confirm', 'do it: there is no way back')
    .addHelpText('after', MORE)
    .action(async (collection: string, { why, confirm = false }: { why: string; confirm?: boolean }) => {
      await retired(open(), collection, 'retire', { collection, why, confirm }, confirm);
    });
}

/** @param confirmed whether it is to be done. */
export async function retired(
  terminal: Terminal,
  collection: string,
  operation: 'retire' | 'retire-confirm',
  input: object,
  confirmed: boolean,
): Promise<void> {
  const told = await terminal.service.ask<Retired>(operation, input);
  const ready = told.conditions.every(({ holds }) => holds);
  // A request has done nothing yet.
  const done = confirmed && (told.asked === undefined || told.moved !== null);
  const dropped = done ? await dropAll(terminal, told.table) : null;
  terminal.show({ ...told, dropped }, linesOf(collection, told, done, dropped), ready);
}

function linesOf(
  collection: string,
  { conditions, table, asked }: Retired,
  done: boolean,
  dropped: number | null,
): string[] {
  if (!done)
    return [
      `To retire ${collection}:`,
      ...conditionLines(conditions, 2),
      ...(asked === undefined ? ['Nothing was done. Say --confirm to retire it.'] : askedLines(asked)),
    ];
  return [
    `${collection} is retired: no flag takes it back.`,
    dropped === null
      ? `As the owner of ${table}, when you like, to drop what deletions have left:\n  ${tombstonesText(table)};`
      : `${dropped} rows that deletions had left were dropped.`,
    'Once all collections are retired: set deployment.secrets.couchbase to null in infra/crossfade.config.ts, and deploy. What is',
    'left is the API over Oracle, its tables and its logs. Then nothing here knows Couchbase any more, and its bucket may go.',
  ];
}

/** Null where nobody has said who the owner is. */
async function dropAll(terminal: Terminal, table: string): Promise<number | null> {
  const login = ownerIn(process.env);
  if (login === null) return null;
  const connection = new OracleConnection({ login: async () => login, size: 1, timeout: 60_000 });
  try {
    return await dropTombstones(connection, table, (count) => terminal.count(`${count} rows`));
  } finally {
    await connection.close();
  }
}
