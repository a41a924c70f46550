/** Where looks at all documents of Couchbase stand, and what they have found: a row for each range of keys. */
import { createHash } from 'node:crypto';
import type oracledb from 'oracledb';
import type { Shard } from '../protocol/shard.ts';
import { foundIn, foundText, type Walk } from '../records/preflight.ts';
import type { Target } from '../stores/failure.ts';
import type { OracleConnection } from '../stores/oracle/connection.ts';
import { isNotGranted } from '../stores/oracle/failure.ts';
import { inserted } from '../stores/oracle/inserted.ts';

const target = (operation: string): Target => ({
  ...{ store: 'oracle', operation, collection: 'CROSSFADE_PREFLIGHTS', key: null },
});
const COMMIT = { autoCommit: true };
/** Bytes that the column has room for. */
const FOUND = 4000;
const COLUMNS =
  'collection, after_key, up_to_key, stamp, epoch, state, done_key, started, changed, found, large_before, accepted, accepted_orphans';

/** Names the walk of a range. */
export function walkId(collection: string, { after, upTo }: Shard): string {
  return createHash('sha256')
    .update(JSON.stringify([collection, after, upTo]))
    .digest('base64url');
}

/** All of one walk but what an operator has accepted, which walks of the same mapping leave as it is. */
export type Written = Omit<Walk, 'accepted' | 'acceptedOrphans'>;

export class Preflights {
  readonly #connection: OracleConnection;

  constructor(connection: OracleConnection) {
    this.#connection = connection;
  }

  /** The walk of a range; null where there has been none. */
  find(collection: string, range: Shard): Promise<Walk | null> {
    return this.#connection.use(target('read'), false, async (session) => {
      const text = `SELECT ${COLUMNS} FROM CROSSFADE_PREFLIGHTS WHERE walk_id = :id`;
      const { rows: [row] = [] } = await session.execute<unknown[]>(text, { id: walkId(collection, range) });
      return row === undefined ? null : walkIn(row);
    });
  }

  /** Those of all collections; none where the table is not there yet, or not granted. */
  all(): Promise<Walk[]> {
    return this.#walks(`SELECT ${COLUMNS} FROM CROSSFADE_PREFLIGHTS`, {});
  }

  /** Those of a collection. */
  of(collection: string): Promise<Walk[]> {
    return this.#walks(`SELECT ${COLUMNS} FROM CROSSFADE_PREFLIGHTS WHERE collection = :collection`, {
      collection,
    });
  }

  #walks(text: string, binds: oracledb.BindParameters): Promise<Walk[]> {
    return this.#connection.use(target('read'), false, async (session) => {
      try {
        const { rows = [] } = await session.execute<unknown[]>(text, binds);
        return rows.map(walkIn);
      } catch (error) {
        if (isNotGranted(error)) return [];
        throw error;
      }
    });
  }

  /** Writes a walk down. False where somebody else has it: nothing is written then. @param was the epoch of the row; null for no row. */
  write(walk: Written, was: number | null): Promise<boolean> {
    return this.#connection.use(target('note'), true, (session) => write(session, walk, was));
  }

  /** Notes that an operator accepts so many documents that are too large, or that no collection takes. */
  async accept(
    collection: string,
    range: Shard,
    accepted: number,
    what: 'tooLarge' | 'orphans' = 'tooLarge',
  ): Promise<void> {
    const column = what === 'tooLarge' ? 'accepted' : 'accepted_orphans';
    await this.#connection.use(target('accept'), true, (session) =>
      session.execute(
        `UPDATE CROSSFADE_PREFLIGHTS SET ${column} = :accepted WHERE walk_id = :id`,
        { accepted, id: walkId(collection, range) },
        COMMIT,
      ),
    );
  }
}

async function write(session: oracledb.Connection, walk: Written, was: number | null): Promise<boolean> {
  const { collection, range, stamp, epoch, state, doneKey, started, changed, found, largeBefore } = walk;
  const moved = {
    ...{ stamp, epoch, state, done_key: doneKey, started, changed, found: foundText(found, FOUND) },
    large_before: largeBefore,
  };
  const id = walkId(collection, range);
  if (was === null)
    return inserted(
      session,
      `INSERT INTO CROSSFADE_PREFLIGHTS (walk_id, ${COLUMNS}) VALUES (:id, :collection, :after_key, :up_to_key, :stamp, :epoch, ` +
        ':state, :done_key, :started, :changed, :found, :large_before, 0, 0)',
      { id, collection, after_key: range.after, up_to_key: range.upTo, ...moved },
    );
  const set = Object.keys(moved).map((column) => `${column} = :${column}`);
  const { rowsAffected } = await session.execute(
    // What was accepted of another mapping was about other documents.
    `UPDATE CROSSFADE_PREFLIGHTS SET ${set.join(', ')}, accepted = CASE WHEN stamp = :same THEN accepted ELSE 0 END, ` +
      'accepted_orphans = CASE WHEN stamp = :same2 THEN accepted_orphans ELSE 0 END WHERE walk_id = :id AND epoch = :was',
    { ...moved, same: stamp, same2: stamp, id, was },
    COMMIT,
  );
  return rowsAffected === 1;
}

function walkIn(row: readonly unknown[]): Walk {
  const [collection, after, upTo, stamp, epoch, state, doneKey, started, changed, found, ...counts] = row;
  const [largeBefore = 0, accepted = 0, acceptedOrphans = 0] = counts.map(Number);
  return {
    ...{ collection: collection as string, stamp: stamp as string, state: state as Walk['state'] },
    range: { after: after as string | null, upTo: upTo as string | null },
    ...{ epoch: Number(epoch), doneKey: doneKey as string | null },
    ...{ started: Number(started), changed: Number(changed), found: foundIn(found as string) },
    ...{ largeBefore, accepted, acceptedOrphans },
  };
}
