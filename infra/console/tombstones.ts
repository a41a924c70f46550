/** `tombstones`: drops what deletions and expiries have left in Oracle, once nothing can need it any more. */
import { type Command, InvalidArgumentError } from 'commander';
import { type Droppable, LEAST_LIFE, LIFE } from '../../functions/control/droppable.ts';
import { OracleConnection } from '../../functions/stores/oracle/connection.ts';
import type { OracleLogin } from '../../functions/stores/oracle/login.ts';
import { countDroppable, dateTombstones, dropWithin } from '../../functions/stores/oracle/tombstones.ts';
import { ownerIn } from './schema.ts';
import { BadCommand } from './service.ts';
import type { Open, Terminal } from './terminal.ts';
import { instant } from './told/time.ts';

const MORE = `
The service tells what nothing can need any more: that depends on the phase, on the last clean verification, and on the age. The rows
are dropped here, by the owner of the tables, for the user of the functions may delete nothing: ORACLE_CONNECT_STRING, ORACLE_USER and
ORACLE_PASSWORD say who that is. Without --confirm they are counted. Run it once a week, or as often as the forecast says.
--date dates the tombstones that functions before this version have left, which counts their age from now on: it reads the whole table, once.`;

/** What is counted without being dropped. */
const MOST = 1_000_000;

interface Asked {
  readonly why: string;
  readonly olderThan: number;
  readonly confirm?: boolean;
  readonly date?: boolean;
}

type Bounds = (Droppable | { readonly refused: string }) & { readonly table: string };

export function addTombstones(program: Command, open: Open): void {
  program
    .command('tombstones')
    .description('drop what deletions and expiries have left in Oracle, once nothing can need it any more')
    .argument('<collection>')
    .requiredOption('--why <reason>', 'for the audit log')
    .option('--older-than <days>', `a life of so many days, ${LEAST_LIFE} or more`, daysIn, LIFE)
    .option('--date', 'date those that have no date yet, and drop nothing')
    .option('--confirm', 'drop them')
    .addHelpText('after', MORE)
    .action(async (collection: string, asked: Asked) => {
      const login = ownerIn(process.env);
      if (login === null)
        throw new BadCommand(
          'The owner of the tables is not known: set ORACLE_CONNECT_STRING, ORACLE_USER and ORACLE_PASSWORD',
        );
      const { why, olderThan: life, confirm = false, date = false } = asked;
      const terminal = open();
      const input = { collection, why, life, confirm: confirm && !date };
      const bounds = await terminal.service.ask<Bounds>('tombstones', input);
      if ('refused' in bounds) throw new BadCommand(`Nothing was dropped. ${bounds.refused}`);
      const count = await done(terminal, login, bounds, { confirm, date });
      terminal.show({ ...bounds, count }, linesOf(bounds, count, { confirm, date }));
    });
}

function done(
  terminal: Terminal,
  login: OracleLogin,
  bounds: Droppable & { readonly table: string },
  { confirm, date }: { readonly confirm: boolean; readonly date: boolean },
): Promise<number> {
  const { table } = bounds;
  const seen = (count: number) => terminal.count(`${count} rows`);
  return asOwner(login, (connection) => {
    if (date) return dateTombstones(connection, table, Date.now(), seen);
    return confirm
      ? dropWithin(connection, table, bounds, seen)
      : countDroppable(connection, table, bounds, MOST);
  });
}

async function asOwner<R>(login: OracleLogin, act: (connection: OracleConnection) => Promise<R>): Promise<R> {
  const connection = new OracleConnection({ login: async () => login, size: 1, timeout: 60_000 });
  try {
    return await act(connection);
  } finally {
    await connection.close();
  }
}

function linesOf(
  { table, until, held }: Droppable & { readonly table: string },
  count: number,
  { confirm, date }: { readonly confirm: boolean; readonly date: boolean },
): string[] {
  if (date) return [`${count} tombstones of ${table} had no date: they count as gone from now on.`];
  const about = `of documents that were gone at ${instant(until)}`;
  return [
    confirm
      ? `${count} tombstones of ${table} were dropped, ${about}.`
      : `${count === MOST ? `${count} or more` : count} tombstones of ${table} can be dropped, ${about}. Say --confirm to drop them.`,
    ...(held === null
      ? []
      : [`More could be dropped of the keys that Oracle orders, or has ordered. ${held}`]),
  ];
}

function daysIn(text: string): number {
  const days = Number(text);
  if (!Number.isInteger(days) || days < LEAST_LIFE)
    throw new InvalidArgumentError(`It must be a whole number of days, ${LEAST_LIFE} or more.`);
  return days;
}
