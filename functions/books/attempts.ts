/** What is remembered of the workers of each shard, to find a document that ends their processes. See `runs/attempts.ts`. */
import type oracledb from 'oracledb';
import type { Attempt } from '../records/attempt.ts';
import type { Step } from '../records/finding.ts';
import { type Hold, Overtaken } from '../records/run.ts';
import type { Target } from '../stores/failure.ts';
import type { OracleConnection } from '../stores/oracle/connection.ts';
import { isNotGranted } from '../stores/oracle/failure.ts';
import { inserted } from '../stores/oracle/inserted.ts';
import { recordAlone } from './checkpoint.ts';

const target = (operation: string): Target => ({
  ...{ store: 'oracle', operation, collection: 'CROSSFADE_ATTEMPTS', key: null },
});
const COMMIT = { autoCommit: true };
/** What the column of deaths has above their number where one of the workers has died with the next key alone in hand. */
const SUSPECTED = 1000;
const INSERT =
  'INSERT INTO CROSSFADE_ATTEMPTS (run_id, shard, epoch, working, deaths, at_key, touching, alone, in_row, lost) ' +
  'VALUES (:run, :shard, :epoch, :working, :deaths, :at_key, :touching, :alone, :in_row, :lost)';
const WHERE = 'WHERE run_id = :run AND shard = :shard AND epoch = :epoch';

export class Attempts {
  readonly #connection: OracleConnection;

  constructor(connection: OracleConnection) {
    this.#connection = connection;
  }

  /**
   * Writes down that a worker begins. Null where the table is not there yet, or not granted: nothing is remembered then. Throws `Overtaken`.
   * @param begin what is to be written, after what is there.
   */
  begin<Begun extends { readonly attempt: Attempt }>(
    hold: Hold,
    begin: (before: Attempt | null) => Begun,
  ): Promise<Begun | null> {
    return this.#connection.use(target('begin'), true, async (session) => {
      try {
        const before = await read(session, hold);
        const begun = begin(before);
        if (!(await write(session, hold, begun.attempt, before?.epoch ?? null))) throw new Overtaken(hold);
        return begun;
      } catch (error) {
        if (isNotGranted(error)) return null;
        throw error;
      }
    });
  }

  /** Writes down the key that is touched next. @param alone so many keys after it are worked on one by one. Throws `Overtaken`. */
  async touch(hold: Hold, key: string, alone: number): Promise<void> {
    const changed = await this.#update(hold, 'touching = :key, alone = :alone', { key, alone });
    if (!changed) throw new Overtaken(hold);
  }

  /** Notes that the worker stops in good order. */
  async leave(hold: Hold): Promise<void> {
    await this.#update(hold, 'working = 0', {});
  }

  /** Moves the shard on past a key that is set aside. Throws `Overtaken`. */
  pass(hold: Hold, step: Step, now: number): Promise<void> {
    return recordAlone(this.#connection, hold, step, now);
  }

  #update(
    { run, shard, epoch }: Hold,
    set: string,
    binds: Record<string, string | number>,
  ): Promise<boolean> {
    return this.#connection.use(target('note'), true, async (session) => {
      const text = `UPDATE CROSSFADE_ATTEMPTS SET ${set} ${WHERE}`;
      const { rowsAffected } = await session.execute(text, { ...binds, run, shard, epoch }, COMMIT);
      return rowsAffected === 1;
    });
  }
}

async function read(session: oracledb.Connection, { run, shard }: Hold): Promise<Attempt | null> {
  const { rows = [] } = await session.execute<unknown[]>(
    'SELECT epoch, working, deaths, at_key, touching, alone, in_row, lost FROM CROSSFADE_ATTEMPTS ' +
      'WHERE run_id = :run AND shard = :shard',
    { run, shard },
  );
  const [row] = rows;
  if (row === undefined) return null;
  const [epoch, working, deaths, at, touching, alone, inRow, lost] = row;
  return {
    ...{ epoch: Number(epoch), working: Number(working) === 1, ...deathsIn(Number(deaths)) },
    ...{ at: at as string | null, touching: touching as string | null },
    ...{ alone: Number(alone), row: Number(inRow), lost: Number(lost) },
  };
}

/** The number that the column of deaths has. */
export function deathsColumn({ deaths, suspected }: Pick<Attempt, 'deaths' | 'suspected'>): number {
  return suspected ? SUSPECTED + deaths : Math.min(deaths, SUSPECTED - 1);
}

/** What the number in the column of deaths says. */
export function deathsIn(column: number): Pick<Attempt, 'deaths' | 'suspected'> {
  const suspected = column >= SUSPECTED;
  return { deaths: suspected ? column - SUSPECTED : column, suspected };
}

/** Writes and commits. False where another worker has begun since. @param was the epoch that was read; null for no row. */
async function write(
  session: oracledb.Connection,
  { run, shard }: Hold,
  { epoch, working, deaths, suspected, at, touching, alone, row, lost }: Attempt,
  was: number | null,
): Promise<boolean> {
  const binds = {
    ...{ epoch, working: working ? 1 : 0, deaths: deathsColumn({ deaths, suspected }) },
    ...{ at_key: at, touching, alone, in_row: row, lost },
    ...{ run, shard },
  };
  if (was === null) return inserted(session, INSERT, binds);
  const { rowsAffected } = await session.execute(
    'UPDATE CROSSFADE_ATTEMPTS SET epoch = :epoch, working = :working, deaths = :deaths, at_key = :at_key, touching = :touching, ' +
      'alone = :alone, in_row = :in_row, lost = :lost WHERE run_id = :run AND shard = :shard AND epoch = :was AND epoch < :least',
    { ...binds, was, least: epoch },
    COMMIT,
  );
  return rowsAffected === 1;
}
