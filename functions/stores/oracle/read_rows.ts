/** The rows of many keys in one statement, as the protocol sees them. */
import { NO_ROW, type OracleState } from '../../protocol/state.ts';
import type { Target } from '../failure.ts';
import { isStorableKey } from '../storable.ts';
import { LOBS_AS_BYTES, type OracleConnection } from './connection.ts';
import { listOf, type Statement } from './statements.ts';
import { type Kind, stateOf } from './table.ts';

export interface ReadRowsOptions {
  /** Bytes of a body that is read along with others. */
  readonly largest: number;
  /** Milliseconds since the epoch, by which documents expire. */
  readonly now: number;
}

/**
 * In the order of the keys. Null for a row with a larger body, whose body is not read, and for a key that no row can have. Throws
 * `StoreUnavailable` and `OperatorNeeded`.
 * @param keys at most `MOST_KEYS`, as many as one statement lists.
 */
export async function readRows(
  connection: OracleConnection,
  table: string,
  keys: readonly string[],
  { largest, now }: ReadRowsOptions,
): Promise<(OracleState | null)[]> {
  const target: Target = { store: 'oracle', operation: 'read', collection: table, key: null };
  const possible = keys.filter(isStorableKey);
  if (possible.length === 0) return keys.map(() => null);
  const { text, binds } = statementOf(table, possible, largest);
  const { rows = [] } = await connection.use(target, false, (session) =>
    session.execute<unknown[]>(text, binds, LOBS_AS_BYTES),
  );
  const found = new Map<string, OracleState | null>(possible.map((key) => [key, NO_ROW]));
  for (const row of rows) found.set(row[0] as string, stateIn(row, largest, now));
  return keys.map((key) => found.get(key) ?? null);
}

function statementOf(table: string, keys: readonly string[], largest: number): Statement {
  const { list, binds } = listOf(keys);
  const body =
    "CASE WHEN kind = 'json' AND LENGTH(body) <= :largest THEN body WHEN LENGTH(bytes) <= :largest2 THEN bytes END";
  return {
    text:
      'SELECT doc_key, TO_CHAR(version), TO_CHAR(handoff), TO_CHAR(handback), kind, expires, request, ' +
      `COALESCE(LENGTH(body), LENGTH(bytes), 0), ${body} FROM ${table} WHERE doc_key IN (${list})`,
    binds: { largest, largest2: largest, ...binds },
  };
}

function stateIn(row: readonly unknown[], largest: number, now: number): OracleState | null {
  const [, version, handoff, handback, kind, expires, request, size, read] = row;
  if (Number(size) > largest) return null;
  const content = read as Buffer | null;
  const held = {
    ...{ version: version as string, handoff: handoff as string | null, handback: handback as string },
    ...{ kind: kind as Kind, expires: expires as number | null, request: request as string | null },
    ...{ body: content, bytes: content },
  };
  return stateOf(held, now);
}
