/** What a certification does to Oracle from outside: it locks a row, and kills a session that has written one. */
import type oracledb from 'oracledb';
import { OperatorNeeded, type Target } from '../failure.ts';
import type { OracleConnection } from './connection.ts';
import { isNotGranted, oraNumber } from './failure.ts';

/** What was done, or the right that it would take. */
export type Tried<Value> =
  | { readonly kind: 'done'; readonly value: Value }
  | { readonly kind: 'lacks'; readonly right: string };

/** What ends the transaction that has a row locked, without a change; or null where this is no database that has locks beside other sessions. */
export type Unlock = (() => Promise<void>) | null;

/** "Unimplemented feature": no Oracle says so of FOR UPDATE. What stands in for one may, where it has one session at work at a time. */
const UNIMPLEMENTED = 3001;

/** A lock is held for so many times as long as a call may take, at the most. */
const HELD = 6;

const targetOf = (operation: string, table: string, key: string): Target => ({
  ...{ store: 'oracle', operation, collection: table, key },
});

/**
 * Locks the row of a key in a session of the pool.
 * @param call milliseconds that a call may take.
 */
export async function lockRow(
  database: OracleConnection,
  table: string,
  key: string,
  call: number,
): Promise<Unlock> {
  const unlocked = Promise.withResolvers<void>();
  const locked = Promise.withResolvers<boolean>();
  const query = `SELECT doc_key FROM ${table} WHERE doc_key = :key FOR UPDATE`;
  const hold = async (session: oracledb.Connection) => {
    const done = await session.execute(query, { key }).catch((error: unknown) => {
      if (oraNumber(error) !== UNIMPLEMENTED) throw error;
      return null;
    });
    locked.resolve(done !== null);
    if (done === null) return;
    await unlocked.promise;
    await session.rollback();
  };
  const held = database.use(targetOf('lock', table, key), false, hold, HELD * call);
  held.catch(locked.reject);
  if (!(await locked.promise)) return null;
  return () => {
    unlocked.resolve();
    return held;
  };
}

/**
 * Changes the row of a key in one session, has another one kill it before it commits, and lets it go on.
 * @returns how it has failed, as stores tell it; null where it has not.
 */
export async function killWhileWriting(
  database: OracleConnection,
  table: string,
  key: string,
): Promise<Tried<Error | null>> {
  const update = `UPDATE ${table} SET version = version + 1 WHERE doc_key = :key`;
  let killed: Promise<string | null> = Promise.resolve(null);
  const told = await database
    .use(targetOf('write', table, key), true, async (session) => {
      await session.execute(update, { key });
      killed = kill(database, session, targetOf('kill', table, key));
      if ((await killed) === null) await session.execute(update, { key });
      await session.rollback();
      return null;
    })
    .catch((error: Error) => error);
  // That nothing was killed is no answer.
  const lacks = await killed;
  return lacks === null ? { kind: 'done', value: told } : { kind: 'lacks', right: lacks };
}

/** @returns the right that it lacks; null where the session was killed. */
async function kill(
  database: OracleConnection,
  session: oracledb.Connection,
  target: Target,
): Promise<string | null> {
  const own = await ownSession(session);
  if (own === null) return 'SELECT ON V_$SESSION';
  try {
    await database.use(target, false, (other) =>
      other.execute(`ALTER SYSTEM KILL SESSION '${own}' IMMEDIATE`),
    );
    return null;
  } catch (error) {
    if (error instanceof OperatorNeeded) return 'ALTER SYSTEM';
    throw error;
  }
}

/** As `KILL SESSION` names it, with its instance; null where it cannot be told. */
async function ownSession(session: oracledb.Connection): Promise<string | null> {
  const query =
    "SELECT sid, serial#, SYS_CONTEXT('USERENV', 'INSTANCE') FROM V$SESSION WHERE TO_CHAR(sid) = SYS_CONTEXT('USERENV', 'SID')";
  try {
    const { rows } = await session.execute<[number, number, string]>(query);
    const [row] = rows ?? [];
    return row === undefined ? null : `${row[0]},${row[1]},@${row[2]}`;
  } catch (error) {
    if (isNotGranted(error)) return null;
    throw error;
  }
}
