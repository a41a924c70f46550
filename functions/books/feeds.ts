/** Change feeds, as functions know them of one another: the last probe of each, and the writes past the API that were found. */
import type { Phase } from '../protocol/phase.ts';
import type { FeedSeen, Foreign } from '../records/feed.ts';
import type { Target } from '../stores/failure.ts';
import type { OracleConnection } from '../stores/oracle/connection.ts';
import { inserted } from '../stores/oracle/inserted.ts';

const target = (operation: string): Target => ({
  ...{ store: 'oracle', operation, collection: 'CROSSFADE_FEEDS', key: null },
});
const COMMIT = { autoCommit: true };

/** Prefixes of a collection that are told apart in a phase. */
export const MOST_PREFIXES = 50;
export const OTHERS = '(others)';

/** Some writes of keys that begin alike. */
export interface ForeignCount {
  readonly collection: string;
  readonly phase: Phase;
  readonly prefix: string;
  readonly writes: number;
}

export class Feeds {
  readonly #connection: OracleConnection;

  constructor(connection: OracleConnection) {
    this.#connection = connection;
  }

  /** Null where nothing was ever noted. */
  seen(collection: string): Promise<FeedSeen | null> {
    return this.#connection.use(target('read'), false, async (session) => {
      const { rows = [] } = await session.execute<[number, number, number, number]>(
        'SELECT probed_at, seen_at, since_at, lag FROM CROSSFADE_FEEDS WHERE collection = :collection',
        { collection },
      );
      const [row] = rows;
      return row === undefined ? null : { probed: row[0], seen: row[1], since: row[2], lag: row[3] };
    });
  }

  /** Before the probe is written: it may come back at once. @param key of the probe. @param now milliseconds since the epoch; 0 where it could not be written. */
  probe(collection: string, key: string, now: number): Promise<void> {
    return this.#connection.use(target('probe'), true, async (session) => {
      const row = { collection, key, now };
      const insert =
        'INSERT INTO CROSSFADE_FEEDS (collection, probe_key, probed_at, seen_at, since_at, lag) VALUES (:collection, :key, :now, 0, 0, 0)';
      if (await inserted(session, insert, row)) return;
      const update =
        'UPDATE CROSSFADE_FEEDS SET probe_key = :key, probed_at = :now WHERE collection = :collection';
      await session.execute(update, row, COMMIT);
    });
  }

  /**
   * A probe has come back, at once by a clock that is behind that of who has written it. Only the last one that was written counts, and once: what comes again, or was never written, changes nothing.
   * @param silent milliseconds; where the one before has come back longer ago, the feed counts as new.
   * @returns whether it was the last one.
   */
  cameBack(collection: string, key: string, now: number, silent: number): Promise<boolean> {
    return this.#connection.use(target('note'), true, async (session) => {
      const { rowsAffected } = await session.execute(
        'UPDATE CROSSFADE_FEEDS SET since_at = CASE WHEN :now - seen_at > :silent THEN :now2 ELSE since_at END, seen_at = GREATEST(:now3, probed_at), lag = GREATEST(0, :now4 - probed_at) ' +
          'WHERE collection = :collection AND probe_key = :key AND seen_at < probed_at',
        { collection, key, silent, now, now2: now, now3: now, now4: now },
        COMMIT,
      );
      return rowsAffected === 1;
    });
  }

  /** @param now milliseconds since the epoch. */
  async noteForeign({ collection, phase, prefix, writes }: ForeignCount, now: number): Promise<void> {
    if (await this.#add({ collection, phase, prefix, writes }, now)) return;
    const known = (await this.foreign(collection)).filter((each) => each.phase === phase).length;
    const named = known < MOST_PREFIXES ? prefix : OTHERS;
    const row = { collection, phase, prefix: named, writes, now };
    const insert =
      'INSERT INTO CROSSFADE_FOREIGN (collection, phase, prefix, writes, last_at) VALUES (:collection, :phase, :prefix, :writes, :now)';
    const isNew = await this.#connection.use(target('note'), true, (session) =>
      inserted(session, insert, row),
    );
    if (!isNew) await this.#add({ collection, phase, prefix: named, writes }, now);
  }

  /** Of one collection, those of the last first. */
  foreign(collection: string): Promise<Foreign[]> {
    return this.#connection.use(target('read'), false, async (session) => {
      const { rows = [] } = await session.execute<[Phase, string, number, number]>(
        'SELECT phase, prefix, writes, last_at FROM CROSSFADE_FOREIGN WHERE collection = :collection ORDER BY last_at DESC',
        { collection },
      );
      return rows.map(([phase, prefix, writes, last]) => ({ phase, prefix, writes, last }));
    });
  }

  #add({ collection, phase, prefix, writes }: ForeignCount, now: number): Promise<boolean> {
    return this.#connection.use(target('note'), true, async (session) => {
      const { rowsAffected } = await session.execute(
        'UPDATE CROSSFADE_FOREIGN SET writes = writes + :writes, last_at = GREATEST(last_at, :now) WHERE collection = :collection AND phase = :phase AND prefix = :prefix',
        { collection, phase, prefix, writes, now },
        COMMIT,
      );
      return rowsAffected === 1;
    });
  }
}
