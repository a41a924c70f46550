/** Removes what certifications have written: the only rows of documents that the functions may delete. */
import type oracledb from 'oracledb';
import type { Target } from '../failure.ts';
import type { OracleConnection } from './connection.ts';
import { SCRATCH } from './schema.ts';

const target: Target = { store: 'oracle', operation: 'clear', collection: SCRATCH, key: null };
/** Milliseconds that it may take: a certification leaves a few thousand rows. */
const LONGEST = 60_000;

/**
 * Removes the rows of the scratch table whose keys lie above one key, and up to another. What repairs have set aside of that table is
 * closed: nobody has to decide on it. @param now milliseconds since the epoch.
 */
export async function removeRows(
  connection: OracleConnection,
  above: string,
  upTo: string,
  now: number,
): Promise<void> {
  const remove = `DELETE FROM ${SCRATCH} WHERE doc_key > :above AND doc_key <= :up_to`;
  const close =
    "UPDATE CROSSFADE_SET_ASIDE SET state = 'kept', decided = :now, decided_by = 'certification' " +
    `WHERE table_name = '${SCRATCH}' AND state = 'open'`;
  const act = async (session: oracledb.Connection) => {
    await session.execute(remove, { above, up_to: upTo });
    await session.execute(close, { now });
    await session.commit();
  };
  await connection.use(target, true, act, LONGEST);
}
