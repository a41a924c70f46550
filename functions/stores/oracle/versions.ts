/** Which versions the rows of many keys have, in one statement, and without their bodies. */
import { NO_ROW, type OracleState } from '../../protocol/state.ts';
import { PoisonDocument, type Target } from '../failure.ts';
import { requireKey } from '../storable.ts';
import type { OracleConnection } from './connection.ts';
import { listOf } from './statements.ts';

/** What a row says of its order, without what it holds. */
export type RowVersion = Omit<OracleState, 'content'>;

/**
 * In the order of the keys; null for a key that no row can have. Throws `StoreUnavailable` and `OperatorNeeded`.
 * @param keys at most `MOST_KEYS`, as many as one statement lists.
 */
export async function rowVersions(
  connection: OracleConnection,
  table: string,
  keys: readonly string[],
): Promise<(RowVersion | null)[]> {
  const target: Target = { store: 'oracle', operation: 'read', collection: table, key: null };
  const possible = keys.filter((key) => isPossible(target, key));
  if (possible.length === 0) return keys.map(() => null);
  const { list, binds } = listOf(possible);
  const text = `SELECT doc_key, TO_CHAR(version), TO_CHAR(handoff), TO_CHAR(handback) FROM ${table} WHERE doc_key IN (${list})`;
  const { rows = [] } = await connection.use(target, false, (session) =>
    session.execute<[string, string, string | null, string]>(text, binds),
  );
  const found = new Map<string, RowVersion>(possible.map((key) => [key, NO_ROW]));
  for (const [key, version, handoff, handback] of rows)
    found.set(key, {
      version: BigInt(version),
      handoff: handoff === null ? null : BigInt(handoff),
      handback: BigInt(handback),
    });
  return keys.map((key) => found.get(key) ?? null);
}

function isPossible(target: Target, key: string): boolean {
  try {
    requireKey({ ...target, key });
    return true;
  } catch (error) {
    if (error instanceof PoisonDocument) return false;
    throw error;
  }
}
