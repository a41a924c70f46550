/**
 * The ledger of runs: which shards there are, how far each has come, and who is at work on it. A shard is moved on in the
 * same transaction as the documents that it was moved on by, so that its counts are exact whatever crashes.
 */
import type oracledb from 'oracledb';
import type { Shard } from '../../protocol/shard.ts';
import type { Target } from '../failure.ts';
import type { OracleConnection } from './connection.ts';
import { isUniqueViolation } from './failure.ts';

export interface Run {
  readonly id: string;
  readonly kind: 'backfill' | 'copyback';
  readonly collection: string;
  /** Hash of what the run is made with: another stamp is another run. */
  readonly stamp: string;
  readonly phase: string;
  /** Milliseconds since the epoch. */
  readonly started: number;
}

export interface Counts {
  /** Keys that were listed; the sum of the others. */
  readonly listed: number;
  readonly applied: number;
  /** Oracle had something as new. */
  readonly stale: number;
  /** Deleted since they were listed. */
  readonly gone: number;
  readonly failed: number;
  /** Of the bodies that were applied. */
  readonly bytes: number;
}

export interface ShardRow extends Shard, Counts {
  readonly shard: number;
  /** The last key that is done; null before the first. */
  readonly doneKey: string | null;
  readonly state: 'open' | 'done';
  /** Milliseconds since the epoch. */
  readonly changed: number;
}

/** A piece of a run, as one worker holds it: whoever takes it over later has a higher epoch, and this one can do no more. */
export interface Hold {
  readonly run: string;
  readonly shard: number;
  readonly epoch: number;
}

/** Somebody else holds the shard now. Nothing of what was tried has happened. */
export class Overtaken extends Error {
  override readonly name = 'Overtaken';

  constructor({ run, shard }: Hold) {
    super(`Shard ${shard} of the run ${run} is held by another worker now; this one stops`);
  }
}

const COMMIT = { autoCommit: true };
const COUNTS = 'listed, applied, stale, gone, failed, bytes';

export class Ledger {
  readonly #connection: OracleConnection;

  constructor(connection: OracleConnection) {
    this.#connection = connection;
  }

  /** Begins a run with its shards, in one transaction. Returns the one that runs already in its place, if there is one. */
  begin(run: Run, shards: readonly Shard[]): Promise<Run | null> {
    return this.#use('begin', async (session) => {
      const { id, kind, collection, stamp, phase, started } = run;
      const slot = `${kind} ${collection}`;
      try {
        await session.execute(
          'INSERT INTO CROSSFADE_RUNS (run_id, kind, collection, slot, stamp, phase, started) ' +
            'VALUES (:id, :kind, :collection, :slot, :stamp, :phase, :started)',
          { id, kind, collection, slot, stamp, phase, started },
        );
      } catch (error) {
        if (!isUniqueViolation(error)) throw error;
        await session.rollback();
        return (
          (await runIn(session, 'slot = :slot', { slot })) ?? (await runIn(session, 'run_id = :id', { id }))
        );
      }
      const rows = shards.map(({ after, upTo }, shard) => ({
        id,
        shard,
        after,
        up_to: upTo,
        changed: started,
      }));
      for (const row of rows)
        await session.execute(
          `INSERT INTO CROSSFADE_SHARDS (run_id, shard, after_key, up_to_key, state, epoch, ${COUNTS}, changed) ` +
            "VALUES (:id, :shard, :after, :up_to, 'open', 0, 0, 0, 0, 0, 0, 0, :changed)",
          row,
        );
      await session.commit();
      return null;
    });
  }

  /** The run that is under way, or was left so. */
  unfinished(kind: Run['kind'], collection: string): Promise<Run | null> {
    return this.#use('read', (session) => runIn(session, 'slot = :slot', { slot: `${kind} ${collection}` }));
  }

  /** In their order. */
  shards(run: string): Promise<ShardRow[]> {
    return this.#use('read', async (session) => {
      const { rows = [] } = await session.execute<unknown[]>(
        `SELECT shard, after_key, up_to_key, done_key, state, changed, ${COUNTS} FROM CROSSFADE_SHARDS ` +
          'WHERE run_id = :run ORDER BY shard',
        { run },
      );
      return rows.map(shardOf);
    });
  }

  /** Takes a shard over from whoever held it. Null where there is none. */
  take(run: string, shard: number, now: number): Promise<{ hold: Hold; row: ShardRow } | null> {
    return this.#use('take', async (session) => {
      const { rowsAffected } = await session.execute(
        'UPDATE CROSSFADE_SHARDS SET epoch = epoch + 1, changed = :now WHERE run_id = :run AND shard = :shard',
        { now, run, shard },
      );
      if (rowsAffected !== 1) return null;
      const { rows = [] } = await session.execute<unknown[]>(
        `SELECT shard, after_key, up_to_key, done_key, state, changed, ${COUNTS}, epoch FROM CROSSFADE_SHARDS ` +
          'WHERE run_id = :run AND shard = :shard',
        { run, shard },
      );
      await session.commit();
      const [row] = rows as [unknown[]];
      return { hold: { run, shard, epoch: row[12] as number }, row: shardOf(row) };
    });
  }

  /** Closes a shard whose keys are all done. Throws `Overtaken`. */
  async finish(hold: Hold, now: number): Promise<void> {
    const { run, shard, epoch } = hold;
    const changed = await this.#use('finish', async (session) => {
      const { rowsAffected } = await session.execute(
        "UPDATE CROSSFADE_SHARDS SET state = 'done', changed = :now WHERE run_id = :run AND shard = :shard AND epoch = :epoch",
        { now, run, shard, epoch },
        COMMIT,
      );
      return rowsAffected === 1;
    });
    if (!changed) throw new Overtaken(hold);
  }

  /** Ends a run, and frees its place for another. Whether it was this call that ended it. */
  end(run: string, outcome: 'clean' | 'failures' | 'stopped', now: number): Promise<boolean> {
    return this.#use('end', async (session) => {
      const { rowsAffected } = await session.execute(
        'UPDATE CROSSFADE_RUNS SET outcome = :outcome, finished = :now, slot = NULL WHERE run_id = :run AND finished IS NULL',
        { outcome, now, run },
        COMMIT,
      );
      return rowsAffected === 1;
    });
  }

  /** Whether a run has been ended: its workers stop. */
  ended(run: string): Promise<boolean> {
    return this.#use('read', async (session) => {
      const { rows = [] } = await session.execute(
        'SELECT run_id FROM CROSSFADE_RUNS WHERE run_id = :run AND finished IS NULL',
        { run },
      );
      return rows.length === 0;
    });
  }

  #use<R>(operation: string, act: (session: oracledb.Connection) => Promise<R>): Promise<R> {
    const target: Target = { store: 'oracle', operation, collection: 'CROSSFADE_SHARDS', key: null };
    return this.#connection.use(target, operation !== 'read', act);
  }
}

async function runIn(
  session: oracledb.Connection,
  where: string,
  binds: Record<string, string>,
): Promise<Run | null> {
  const { rows = [] } = await session.execute<unknown[]>(
    `SELECT run_id, kind, collection, stamp, phase, started FROM CROSSFADE_RUNS WHERE ${where}`,
    binds,
  );
  const [row] = rows;
  if (row === undefined) return null;
  const [id, kind, collection, stamp, phase, started] = row as [
    string,
    Run['kind'],
    string,
    string,
    string,
    number,
  ];
  return { id, kind, collection, stamp, phase, started };
}

function shardOf(row: readonly unknown[]): ShardRow {
  const [shard, after, upTo, doneKey, state, changed, ...counts] = row;
  const [listed, applied, stale, gone, failed, bytes] = counts as number[];
  return {
    shard: shard as number,
    ...{ after: after as string | null, upTo: upTo as string | null, doneKey: doneKey as string | null },
    ...{ state: state as ShardRow['state'], changed: changed as number },
    ...({ listed, applied, stale, gone, failed, bytes } as Counts),
  };
}
