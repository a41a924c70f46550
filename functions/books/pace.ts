/**
 * One budget for any number of workers: each claims the next piece of time for what it is about to do, in one row that all of
 * them share. (The generic cell rate algorithm of ITU-T I.371, without a burst.)
 */
import oracledb from 'oracledb';
import type { Target } from '../stores/failure.ts';
import type { OracleConnection } from '../stores/oracle/connection.ts';
import { inserted } from '../stores/oracle/inserted.ts';

const TARGET: Target = { store: 'oracle', operation: 'pace', collection: 'CROSSFADE_PACE', key: null };
const STARTS = { dir: oracledb.BIND_OUT, type: oracledb.STRING, maxSize: 20 };

/**
 * Claims time for so many documents. @returns milliseconds until it begins; null where that is more than `most`: nothing is
 * claimed then, since time that was claimed and is not used would keep the others waiting.
 * @param name of the budget. @param rate documents a second, above 0. @param now milliseconds since the epoch.
 * @param most milliseconds that it would wait; 0 to let those go first who wait already.
 */
export async function claim(
  connection: OracleConnection,
  name: string,
  documents: number,
  rate: number,
  now: number,
  most: number,
): Promise<number | null> {
  // Microseconds, since at high rates a document takes less than a millisecond.
  const cost = Math.ceil((documents * 1_000_000) / rate);
  const at = now * 1000;
  return connection.use(TARGET, true, async (session) => {
    const update = async () => {
      const { outBinds } = await session.execute<{ ends: string[] }>(
        'UPDATE CROSSFADE_PACE SET next_at = GREATEST(next_at, :at) + :cost WHERE name = :name AND next_at <= :latest ' +
          'RETURNING TO_CHAR(next_at) INTO :ends',
        { at, cost, name, latest: at + Math.floor(most * 1000), ends: STARTS },
        { autoCommit: true },
      );
      const ends = outBinds?.ends[0];
      return ends === undefined ? null : (Number(ends) - cost - at) / 1000;
    };
    const claimed = await update();
    if (claimed !== null) return claimed;
    const insert = 'INSERT INTO CROSSFADE_PACE (name, next_at) VALUES (:name, :next_at)';
    return (await inserted(session, insert, { name, next_at: at + cost })) ? 0 : update();
  });
}
