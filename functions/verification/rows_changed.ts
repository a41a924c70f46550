/**
 * Rows that were changed by SQL in `contract`, as a verification there finds them: against what Couchbase was last told, which nobody writes any more. What a row
 * holds that Oracle has written since cannot be told from a change by SQL; nor need it be, for the way back copies that row as it is.
 */
import { isCopy, NO_ROW } from '../protocol/state.ts';
import { isGivenAfter } from '../protocol/version.ts';
import type { CouchbaseStore } from '../stores/couchbase/store.ts';
import type { Changed } from '../stores/oracle/sql_changes.ts';
import type { OracleStore } from '../stores/oracle/store.ts';
import type { Pair, Seen } from '../stores/snapshot.ts';

/** What was changed; null for nothing that can be seen. @param differs whether both bodies were read, and are others. */
export function changeIn({ couchbase: held, oracle: row }: Pair, differs: boolean): Changed | null {
  if (row.presence === 'absent') return held.presence === 'live' ? 'delete' : null;
  if (held.presence !== 'live' && row.presence !== 'live') return null;
  // A placeholder has no version, and says as much as nothing.
  if (held.version === 0n) return row.handoff === null ? 'insert' : null;
  if (held.version !== row.version) return isWritten(held, row) ? null : 'document';
  if (held.presence !== row.presence) return held.expires === null ? 'unversioned' : null;
  return differs || held.expires !== row.expires ? 'unversioned' : null;
}

/** Whether a write of the API explains another version: Oracle counts up from the one that Couchbase has, and hands the row off. */
function isWritten(held: Seen, row: Seen): boolean {
  return row.handoff !== null && row.version > held.version;
}

/** How a verification names what it finds. */
export const SQL_KINDS = {
  'sql-unversioned':
    'the row has the version of what Couchbase holds, and another content or expiry: it was changed by SQL without a new version',
  'sql-document':
    'the row has another version than Couchbase, and not from a write of the API: it was changed by SQL, or Couchbase was written past the API',
  'sql-insert':
    'Couchbase has no such document, and no write of the API has made the row: it was inserted by SQL, or the document was deleted in Couchbase past the API',
  'sql-delete':
    'Oracle has no row of it, and a deletion by the API leaves one: it was deleted by SQL, or the document was written in Couchbase past the API',
} as const;
export type SqlKind = keyof typeof SQL_KINDS;

/** What a difference of this kind is; null for one that no SQL has made. */
export function changeOf(kind: string): Changed | null {
  return kind in SQL_KINDS ? (kind.slice('sql-'.length) as Changed) : null;
}

interface Stores {
  readonly couchbase: Pick<CouchbaseStore, 'read' | 'gone'>;
  readonly oracle: Pick<OracleStore, 'read' | 'noteChanged'>;
}

/**
 * Writes down, for operators, that the row of a key was changed: the states were the same for longer than a write takes. What was written or deleted in Couchbase
 * past the API in this stay is no change of the row.
 * @param since when the phase began, in milliseconds since the epoch.
 */
export async function noteChange(
  { couchbase, oracle }: Stores,
  key: string,
  what: Changed,
  since: number,
): Promise<void> {
  const held = await couchbase.read(key);
  const given = held.cas === 0n ? await couchbase.gone(key) : isCopy(held) ? null : held.version;
  // One version in both stores was given out by one of them, and the other has taken it.
  if (what !== 'unversioned' && given !== null && isGivenAfter(given, since)) return;
  const row = await oracle.read(key);
  if (row.version === NO_ROW.version && held.version === NO_ROW.version) return;
  // What is not there any more has the version that Couchbase was told.
  const was = row.version === NO_ROW.version ? { ...NO_ROW, version: held.version } : row;
  await oracle.noteChanged(key, what, was);
}
