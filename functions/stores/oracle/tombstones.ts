/** What deletions have left in the table of a collection that is retired: rows that nothing is compared with any more. */
import type { Target } from '../failure.ts';
import type { OracleConnection } from './connection.ts';

/**
 * Versions that Oracle has counted by itself stay below this, Couchbase's are far above. A key that is created anew counts from 1,
 * so where a tombstone with such a version were dropped, an ETag of before could fit a document of after.
 */
const COUNTED = 10n ** 15n;

/** What a DELETE of a key that never was has left: no document has had this version, for a deletion of one has a higher one. */
const NEVER = 1n;

const ROWS = 1000;

const TOMBSTONES = `kind = 'gone' AND (version >= ${COUNTED} OR version = ${NEVER})`;

/** All of them at once. */
export function tombstonesText(table: string): string {
  return `DELETE FROM ${table} WHERE ${TOMBSTONES}`;
}

function someText(table: string): string {
  return (
    `DELETE FROM ${table} WHERE doc_key IN ` +
    `(SELECT doc_key FROM ${table} WHERE ${TOMBSTONES} FETCH FIRST ${ROWS} ROWS ONLY) AND ${TOMBSTONES}`
  );
}

/** As the owner of the table: the user of the functions may delete nothing. @param seen is told how many so far. */
export async function dropTombstones(
  connection: OracleConnection,
  table: string,
  seen: (count: number) => void,
): Promise<number> {
  const target: Target = { store: 'oracle', operation: 'drop tombstones', collection: table, key: null };
  let total = 0;
  for (;;) {
    const dropped = await connection.use(target, true, async (session) => {
      const { rowsAffected = 0 } = await session.execute(someText(table), {}, { autoCommit: true });
      return rowsAffected;
    });
    total += dropped;
    if (dropped === 0) return total;
    seen(total);
  }
}
