/** What one worker of runs has read of the load of Oracle, for all of them: the readings, and when the next one is due. */
import * as v from 'valibot';
import type { Target } from '../stores/failure.ts';
import { type Load, READINGS } from '../stores/load.ts';
import type { OracleConnection } from '../stores/oracle/connection.ts';
import { inserted } from '../stores/oracle/inserted.ts';

const target = (operation: string): Target => ({
  ...{ store: 'oracle', operation, collection: 'CROSSFADE_LOAD', key: null },
});
const COMMIT = { autoCommit: true };
/** The one row: all runs use the same database. */
const NAME = 'runs';

/** Members that are added later are passed over: functions of two versions read what either publishes. */
const WATCHED = v.object({
  reading: v.variant('kind', [
    v.object({ kind: v.literal('value'), value: v.number() }),
    v.object({ kind: v.literal('none') }),
    v.object({ kind: v.literal('notGranted') }),
    v.object({ kind: v.literal('unknown'), why: v.string(), slow: v.boolean() }),
  ]),
  limits: v.object({ slow: v.number(), pause: v.number(), resume: v.number() }),
  known: v.nullable(v.object({ value: v.number(), at: v.number() })),
  ...{ paused: v.boolean(), share: v.number(), notBefore: v.number() },
});
const LOAD = v.object({
  at: v.number(),
  watched: v.object(
    Object.fromEntries(READINGS.map((name) => [name, v.optional(WATCHED)])) as Record<
      (typeof READINGS)[number],
      v.OptionalSchema<typeof WATCHED, undefined>
    >,
  ),
});

export interface PublishedLoad {
  /** When the next reading is due, in milliseconds since the epoch; null before the first one. */
  readonly next: number | null;
  readonly load: Load | null;
}

export class LoadBook {
  readonly #connection: OracleConnection;

  constructor(connection: OracleConnection) {
    this.#connection = connection;
  }

  read(): Promise<PublishedLoad> {
    return this.#connection.use(target('read'), false, async (session) => {
      const { rows = [] } = await session.execute<[string, string | null]>(
        'SELECT TO_CHAR(next_at), readings FROM CROSSFADE_LOAD WHERE name = :name',
        { name: NAME },
      );
      const [row] = rows;
      return row === undefined ? { next: null, load: null } : { next: Number(row[0]), load: loadIn(row[1]) };
    });
  }

  /** Takes the next reading. False where another worker was faster. @param seen the `next` that was read. */
  claim(seen: number | null, next: number): Promise<boolean> {
    return this.#connection.use(target('claim'), true, async (session) => {
      const insert = 'INSERT INTO CROSSFADE_LOAD (name, next_at) VALUES (:name, :next)';
      if (seen === null) return inserted(session, insert, { name: NAME, next });
      const update = 'UPDATE CROSSFADE_LOAD SET next_at = :next WHERE name = :name AND next_at = :seen';
      const { rowsAffected = 0 } = await session.execute(update, { next, name: NAME, seen }, COMMIT);
      return rowsAffected > 0;
    });
  }

  /** @param next that the publisher has claimed: after another claim nothing is published. */
  publish(next: number, load: Load): Promise<void> {
    return this.#connection.use(target('publish'), true, async (session) => {
      const update = 'UPDATE CROSSFADE_LOAD SET readings = :readings WHERE name = :name AND next_at = :next';
      await session.execute(update, { readings: JSON.stringify(load), name: NAME, next }, COMMIT);
    });
  }
}

/** Null for what another version may have written: nothing is known then. */
function loadIn(text: string | null): Load | null {
  if (text === null) return null;
  try {
    const { success, output } = v.safeParse(LOAD, JSON.parse(text));
    return success ? (output as Load) : null;
  } catch {
    return null;
  }
}
