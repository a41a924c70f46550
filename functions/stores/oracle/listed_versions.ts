/** Versions of many rows in one statement: the same rows as a walk along the keys lists, with what tells whether Couchbase holds the same. */
import type { Shard } from '../../protocol/shard.ts';
import type { Target } from '../failure.ts';
import type { Column } from './column.ts';
import type { OracleConnection } from './connection.ts';
import { BY_KEY, firstRows } from './first_rows.ts';
import { listedRows } from './inspect.ts';
import type { Statement } from './statements.ts';

export interface ListedRow {
  readonly key: string;
  readonly version: bigint;
  /** Null while Couchbase orders the key. */
  readonly handoff: bigint | null;
  /** Whether its document is neither deleted nor expired. */
  readonly isLive: boolean;
  /** Seconds since the epoch; null for none. */
  readonly expires: number | null;
}

export interface ListOptions {
  readonly limit: number;
  /** Milliseconds since the epoch, by which documents expire. */
  readonly now: number;
  /** Columns that are filled from the documents. */
  readonly columns: readonly Pick<Column, 'name'>[];
  /** Milliseconds. */
  readonly timeout: number;
}

const COLUMNS = ['doc_key', 'version', 'handoff', 'kind', 'expires'] as const;

/** Exported for a look at its plan. */
export function rowsStatement(
  table: string,
  shard: Shard,
  { limit, now, columns }: Omit<ListOptions, 'timeout'>,
): Statement {
  const { where, binds } = listedRows(shard, 'all', limit, now, columns);
  const page = firstRows({ table, columns: COLUMNS, where, ...BY_KEY });
  // Numbers of JavaScript have fewer digits than versions.
  const text = `SELECT doc_key, TO_CHAR(version), TO_CHAR(handoff), kind, expires FROM (${page})`;
  return { text, binds };
}

/** The next rows of a shard, by the byte order of their keys, and in no order among themselves. */
export function listedVersions(
  connection: OracleConnection,
  table: string,
  shard: Shard,
  options: ListOptions,
): Promise<ListedRow[]> {
  const { text, binds } = rowsStatement(table, shard, options);
  const target: Target = { store: 'oracle', operation: 'list versions', collection: table, key: null };
  return connection.use(
    target,
    false,
    async (session) => {
      const { rows = [] } = await session.execute<unknown[]>(text, { ...binds });
      return rows.map((row) => listedFrom(row, options.now));
    },
    options.timeout,
  );
}

function listedFrom([key, version, handoff, kind, until]: readonly unknown[], now: number): ListedRow {
  const expires = until as number | null;
  return {
    ...{ key: key as string, version: BigInt(version as string), expires },
    handoff: handoff === null ? null : BigInt(handoff as string),
    isLive: kind !== 'gone' && (expires === null || expires * 1000 > now),
  };
}
