/** What Oracle holds, read for verification: by other statements and other code than the copier's. */
import type oracledb from 'oracledb';
import type { Shard } from '../../protocol/shard.ts';
import type { Target } from '../failure.ts';
import { TooHeavy } from '../failure.ts';
import { NOTHING, type Seen } from '../snapshot.ts';
import type { Column } from './column.ts';
import { LOBS_AS_BYTES, type OracleConnection } from './connection.ts';
import { BY_KEY, firstRows } from './first_rows.ts';
import { listOf, type Statement } from './statements.ts';

/** Keys of one statement. */
const MOST = 256;

/** Which rows a walk is about: those that hold or owe something, or those alone that Oracle has ordered since it orders keys. */
export type Which = 'handed-off' | 'all';

export interface InspectOptions {
  readonly bodies: boolean;
  /** Bytes of all bodies together. */
  readonly most: number;
  /** Milliseconds since the epoch, by which documents expire. */
  readonly now: number;
  /** Columns that are filled from the documents. */
  readonly columns: readonly Pick<Column, 'name'>[];
}

const STATE = 'doc_key, TO_CHAR(version), TO_CHAR(handoff), kind, expires';

/** Whether a row says that its document is deleted, and still has something of it: no code of ours leaves such a row. */
export function remains(columns: readonly Pick<Column, 'name'>[]): string {
  const filled = ['body', 'bytes', ...columns.map(({ name }) => name)].map((name) => `${name} IS NOT NULL`);
  return `kind = 'gone' AND (${filled.join(' OR ')})`;
}

function inspection(table: string, columns: string, keys: readonly string[]): Statement {
  const { list, binds } = listOf(keys);
  return { text: `SELECT ${columns} FROM ${table} WHERE doc_key IN (${list})`, binds };
}

/** In the order of the keys. Throws `TooHeavy` before it reads any body. */
export async function inspectOracle(
  connection: OracleConnection,
  table: string,
  keys: readonly string[],
  { bodies, most, now, columns }: InspectOptions,
): Promise<Seen[]> {
  if (bodies && most !== Number.POSITIVE_INFINITY) {
    const sizes = await bodySizes(connection, table, keys);
    const bytes = sizes.reduce<number>((sum, size) => sum + (size ?? 0), 0);
    if (bytes > most) throw new TooHeavy(`The rows of a batch of ${keys.length} have ${bytes} bytes`);
  }
  const state = `${STATE}, CASE WHEN ${remains(columns)} THEN 1 ELSE 0 END`;
  const rows = await select(connection, table, bodies ? `${state}, body, bytes` : state, keys);
  const found = new Map(rows.map((row) => [row[0] as string, seenFrom(row, now)]));
  return keys.map((key) => found.get(key) ?? NOTHING);
}

/** Bytes of each body, in the order of the keys; null for what is not there. */
export async function bodySizes(
  connection: OracleConnection,
  table: string,
  keys: readonly string[],
): Promise<(number | null)[]> {
  const rows = await select(connection, table, 'doc_key, COALESCE(LENGTH(body), LENGTH(bytes), 0)', keys);
  const found = new Map(rows as (readonly [string, number])[]);
  return keys.map((key) => found.get(key) ?? null);
}

async function select(
  connection: OracleConnection,
  table: string,
  columns: string,
  keys: readonly string[],
): Promise<(readonly unknown[])[]> {
  const found: (readonly unknown[])[] = [];
  for (let at = 0; at < keys.length; at += MOST) {
    const { text, binds } = inspection(table, columns, keys.slice(at, at + MOST));
    const { rows = [] } = await connection.use(targetOf(table), false, (session) =>
      session.execute<unknown[]>(text, binds, LOBS_AS_BYTES),
    );
    found.push(...rows);
  }
  return found;
}

/** The next keys of a shard, in byte order. @param now milliseconds since the epoch */
export function inspectedKeys(
  connection: OracleConnection,
  table: string,
  shard: Shard,
  {
    which,
    limit,
    now,
    columns = [],
    timeout,
  }: Pick<Partial<InspectOptions>, 'columns'> & {
    readonly which: Which;
    readonly limit: number;
    readonly now: number;
    /** Milliseconds, where it may take longer than other calls. */
    readonly timeout?: number | undefined;
  },
): Promise<string[]> {
  const { text, binds } = keysStatement(table, shard, which, limit, now, columns);
  const act = async (session: oracledb.Connection) => {
    const { rows = [] } = await session.execute<[string]>(text, binds as oracledb.BindParameters);
    return rows.map(([key]) => key);
  };
  return connection.use(targetOf(table), false, act, timeout);
}

/** Exported for a look at its plan. */
export function keysStatement(
  table: string,
  shard: Shard,
  which: Which,
  limit: number,
  now: number,
  columns: InspectOptions['columns'],
): Statement {
  const { where, binds } = listedRows(shard, which, limit, now, columns);
  return { text: firstRows({ table, columns: ['doc_key'], where, ...BY_KEY }), binds };
}

/** Which rows a walk lists: what they have to meet, and its binds. */
export function listedRows(
  { after, upTo }: Shard,
  which: Which,
  limit: number,
  now: number,
  columns: InspectOptions['columns'],
): { readonly where: readonly string[]; readonly binds: Record<string, string | number> } {
  const live = "(kind <> 'gone' AND (expires IS NULL OR expires > :now))";
  const wanted = {
    'handed-off': 'handoff IS NOT NULL',
    all: `(handoff IS NOT NULL OR ${live} OR (${remains(columns)}))`,
  };
  const where = [
    ...(after === null ? [] : ['doc_key > :after']),
    ...(upTo === null ? [] : ['doc_key <= :up_to']),
    wanted[which],
  ];
  return {
    where,
    binds: {
      ...(after !== null && { after }),
      ...(upTo !== null && { up_to: upTo }),
      ...(which !== 'handed-off' && { now: Math.floor(now / 1000) }),
      most: limit,
    },
  };
}

function seenFrom(
  [, version, handoff, kind, expires, remains, body, bytes]: readonly unknown[],
  now: number,
): Seen {
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
    state: `${live ? 'live' : 'deleted'}@${version}/${handoff ?? ''}${remains === 1 ? '+remains' : ''}`,
    ...(remains === 1 && { remains: true as const }),
  };
}

function targetOf(table: string): Target {
  return { store: 'oracle', operation: 'inspect', collection: table, key: null };
}
