/** Which versions the rows of many keys have, in one statement, and without their bodies. */
import { NO_ROW, type OracleState } from '../../protocol/state.ts';
import type { Target } from '../failure.ts';
import { isStorableKey } from '../storable.ts';
import type { OracleConnection } from './connection.ts';
import { listOf } from './statements.ts';
import type { Kind } from './table.ts';

/**
 * What a row says of its order, without what it holds. `gone`: there is no row, or its document was deleted or has expired. `expired`: it has, and nobody has deleted
 * it.
 */
export type RowVersion = Omit<OracleState, 'content'> & { readonly gone: boolean; readonly expired: boolean };

const NOTHING: RowVersion = {
  ...{ version: NO_ROW.version, handoff: null, handback: NO_ROW.handback },
  ...{ gone: true, expired: false },
};

/**
 * In the order of the keys; null for a key that no row can have. Throws `StoreUnavailable` and `OperatorNeeded`.
 * @param keys at most `MOST_KEYS`, as many as one statement lists. @param now milliseconds since the epoch, by which documents expire.
 */
export async function rowVersions(
  connection: OracleConnection,
  table: string,
  keys: readonly string[],
  now: number,
): Promise<(RowVersion | null)[]> {
  const target: Target = { store: 'oracle', operation: 'read', collection: table, key: null };
  const possible = keys.filter(isStorableKey);
  if (possible.length === 0) return keys.map(() => null);
  const { list, binds } = listOf(possible);
  const text = `SELECT doc_key, TO_CHAR(version), TO_CHAR(handoff), TO_CHAR(handback), kind, expires FROM ${table} WHERE doc_key IN (${list})`;
  const { rows = [] } = await connection.use(target, false, (session) =>
    session.execute<[string, string, string | null, string, Kind, number | null]>(text, binds),
  );
  const found = new Map<string, RowVersion>(possible.map((key) => [key, NOTHING]));
  for (const [key, version, handoff, handback, kind, expires] of rows) {
    const expired = kind !== 'gone' && expires !== null && expires * 1000 <= now;
    found.set(key, {
      version: BigInt(version),
      handoff: handoff === null ? null : BigInt(handoff),
      handback: BigInt(handback),
      ...{ gone: kind === 'gone' || expired, expired },
    });
  }
  return keys.map((key) => found.get(key) ?? null);
}
