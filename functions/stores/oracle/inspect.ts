/** What Oracle holds, read for verification: by other statements and other code than the copier's. */
import type oracledb from 'oracledb';
import type { Shard } from '../../protocol/shard.ts';
import { NOTHING, type Seen } from '../../verification/seen.ts';
import type { Target } from '../failure.ts';
import { LOBS_AS_BYTES, type OracleConnection } from './connection.ts';
import type { Statement } from './statements.ts';

/** Keys of one statement. */
const MOST = 256;

/** Which rows a walk is about: those that hold or owe something, or those alone that Oracle has ordered since it orders keys. */
export type Which = 'live' | 'handed-off' | 'all';

export interface InspectOptions {
  readonly bodies: boolean;
  /** Milliseconds since the epoch, by which documents expire. */
  readonly now: number;
}

/** The statement that reads rows by their keys. */
export function inspection(table: string, keys: readonly string[], bodies: boolean): Statement {
  const binds = Object.fromEntries(
    Array.from({ length: MOST }, (_, n) => [`k${n}`, keys[Math.min(n, keys.length - 1)] as string]),
  );
  const places = Object.keys(binds).map((name) => `:${name}`);
  const columns = `doc_key, TO_CHAR(version), TO_CHAR(handoff), kind, expires${bodies ? ', body, bytes' : ''}`;
  return { text: `SELECT ${columns} FROM ${table} WHERE doc_key IN (${places.join(', ')})`, binds };
}

/** In the order of the keys. */
export async function inspectOracle(
  connection: OracleConnection,
  table: string,
  keys: readonly string[],
  { bodies, now }: InspectOptions,
): Promise<Seen[]> {
  const found = new Map<string, Seen>();
  for (let at = 0; at < keys.length; at += MOST) {
    const { text, binds } = inspection(table, keys.slice(at, at + MOST), bodies);
    const rows = await connection.use(targetOf(table), false, async (session) => {
      const result = await session.execute<unknown[]>(text, binds, LOBS_AS_BYTES);
      return result.rows ?? [];
    });
    for (const row of rows) found.set(row[0] as string, seenFrom(row, now));
  }
  return keys.map((key) => found.get(key) ?? NOTHING);
}

/** The next keys of a shard, in byte order. @param now milliseconds since the epoch */
export function inspectedKeys(
  connection: OracleConnection,
  table: string,
  shard: Shard,
  { which, limit, now }: { readonly which: Which; readonly limit: number; readonly now: number },
): Promise<string[]> {
  const { text, binds } = keysStatement(table, shard, which, limit, now);
  return connection.use(targetOf(table), false, async (session) => {
    const { rows = [] } = await session.execute<[string]>(text, binds as oracledb.BindParameters);
    return rows.map(([key]) => key);
  });
}

export function keysStatement(
  table: string,
  { after, upTo }: Shard,
  which: Which,
  limit: number,
  now: number,
): Statement {
  const live = "(kind <> 'gone' AND (expires IS NULL OR expires > :now))";
  const wanted = {
    live: [live],
    'handed-off': ['handoff IS NOT NULL'],
    all: [`(handoff IS NOT NULL OR ${live})`],
  };
  const where = [
    ...(after === null ? [] : ['doc_key > :after']),
    ...(upTo === null ? [] : ['doc_key <= :up_to']),
    ...wanted[which],
  ];
  return {
    text: `SELECT doc_key FROM ${table} WHERE ${where.join(' AND ')} ORDER BY doc_key FETCH FIRST :most ROWS ONLY`,
    binds: {
      ...(after !== null && { after }),
      ...(upTo !== null && { up_to: upTo }),
      ...(which !== 'handed-off' && { now: Math.floor(now / 1000) }),
      most: limit,
    },
  };
}

function seenFrom([, version, handoff, kind, expires, body, bytes]: readonly unknown[], now: number): Seen {
  const seconds = expires as number | null;
  const live = kind !== 'gone' && (seconds === null || seconds * 1000 > now);
  const content = (kind === 'json' ? body : bytes) as Buffer | null | undefined;
  return {
    presence: live ? 'live' : 'deleted',
    version: BigInt(version as string),
    expires: live ? seconds : null,
    // An empty body and none are the same to Oracle; the kind says that there is one.
    body: live && content !== undefined ? (content ?? Buffer.alloc(0)) : null,
    handoff: handoff === null ? null : BigInt(handoff as string),
    state: `${live ? 'live' : 'deleted'}@${version}/${handoff ?? ''}`,
  };
}

function targetOf(table: string): Target {
  return { store: 'oracle', operation: 'inspect', collection: table, key: null };
}
