/**
 * The ledger of runs: which shards there are, how far each has come, and who is at work on it. A shard is moved on in the
 * same transaction as the documents that it was moved on by, so that its counts are exact whatever crashes.
 */
import type oracledb from 'oracledb';
import type { Shard } from '../protocol/shard.ts';
import {
  type Ended,
  type Hold,
  type Kind,
  type Outcome,
  Overtaken,
  RUN_KINDS,
  type Run,
  type ShardRow,
  type Totals,
} from '../records/run.ts';
import type { Target } from '../stores/failure.ts';
import type { OracleConnection } from '../stores/oracle/connection.ts';
import { isUniqueViolation } from '../stores/oracle/failure.ts';
import {
  addShards,
  bindsOf,
  COUNTS,
  type Counted,
  ENDED,
  endedFrom,
  give,
  runIn,
  shardOf,
  totalsIn,
} from './ledger_rows.ts';

const COMMIT = { autoCommit: true };

export class Ledger {
  readonly #connection: OracleConnection;

  constructor(connection: OracleConnection) {
    this.#connection = connection;
  }

  /**
   * Begins a run with its shards, in one transaction. Returns the one that runs already in its place, if there is one.
   * @param given so many shards are given out with this.
   */
  begin(run: Run, shards: readonly Shard[], given = 0): Promise<Run | null> {
    return this.#use('begin', async (session) => {
      const { id, kind, collection, stamp, phase, started } = run;
      const options = JSON.stringify(run.options);
      const slot = `${kind} ${collection}`;
      try {
        await session.execute(
          'INSERT INTO CROSSFADE_RUNS (run_id, kind, collection, slot, stamp, options, phase, started) ' +
            'VALUES (:id, :kind, :collection, :slot, :stamp, :options, :phase, :started)',
          { id, kind, collection, slot, stamp, options, phase, started },
        );
      } catch (error) {
        if (!isUniqueViolation(error)) throw error;
        await session.rollback();
        return (
          (await runIn(session, 'slot = :slot', { slot })) ?? (await runIn(session, 'run_id = :id', { id }))
        );
      }
      await addShards(session, id, shards, { first: 0, changed: started, given });
      await session.commit();
      return null;
    });
  }

  /** The run that is under way, or was left so. */
  unfinished(kind: Run['kind'], collection: string): Promise<Run | null> {
    return this.#use('read', (session) => runIn(session, 'slot = :slot', { slot: `${kind} ${collection}` }));
  }

  /** All that are under way, or were left so, of whatever kind. */
  async underWay(collection: string): Promise<Run[]> {
    const found = await Promise.all(RUN_KINDS.map((kind) => this.unfinished(kind, collection)));
    return found.filter((run) => run !== null);
  }

  /** How many are under way, or were left so, of all kinds and collections. */
  countUnderWay(): Promise<number> {
    return this.#use('read', async (session) => {
      const count = 'SELECT COUNT(*) FROM CROSSFADE_RUNS WHERE slot IS NOT NULL';
      const { rows = [] } = await session.execute<[number]>(count);
      return Number(rows[0]?.[0]);
    });
  }

  /** The shard that holds the key: one row, however many shards the run has. Null where none does. */
  shardWith(run: string, key: string): Promise<ShardRow | null> {
    const range = '(after_key IS NULL OR after_key < :key) AND (up_to_key IS NULL OR up_to_key >= :key2)';
    return this.#shard(`run_id = :run AND ${range}`, { run, key, key2: key });
  }

  /** What all of them add up to. */
  totals(run: string): Promise<Totals> {
    return this.#use('read', (session) => totalsIn(session, run));
  }

  /** Numbers of the first ones that are not done. */
  open(run: string, most: number): Promise<number[]> {
    return this.#use('read', async (session) => {
      const { rows = [] } = await session.execute<[number]>(
        "SELECT shard FROM CROSSFADE_SHARDS WHERE run_id = :run AND state = 'open' ORDER BY shard FETCH FIRST :most ROWS ONLY",
        { run, most },
      );
      return rows.map(([shard]) => shard);
    });
  }

  /** Null where there is none. */
  shard(run: string, shard: number): Promise<ShardRow | null> {
    return this.#shard('run_id = :run AND shard = :shard', { run, shard });
  }

  /**
   * Numbers of open shards for workers to begin with: those that were given out before first, and others, which are given out with this. A shard
   * that is given out has an epoch, and no worker chooses it as its next one.
   */
  giveOut(run: string, most: number): Promise<number[]> {
    return this.#use('give', async (session) => {
      const { rows = [] } = await session.execute<[number, number]>(
        "SELECT shard, epoch FROM CROSSFADE_SHARDS WHERE run_id = :run AND state = 'open' " +
          'ORDER BY CASE WHEN epoch > 0 THEN 0 ELSE 1 END, shard FETCH FIRST :most ROWS ONLY',
        { run, most },
      );
      for (const [shard, epoch] of rows) if (epoch === 0) await give(session, run, shard);
      await session.commit();
      return rows.map(([shard]) => shard);
    });
  }

  /** Gives out one more shard. Null where all were given out. */
  giveNext(run: string): Promise<number | null> {
    return this.#use('give', async (session) => {
      for (;;) {
        const { rows = [] } = await session.execute<[number | null]>(
          "SELECT MIN(shard) FROM CROSSFADE_SHARDS WHERE run_id = :run AND state = 'open' AND epoch = 0",
          { run },
        );
        const shard = rows[0]?.[0] ?? null;
        if (shard === null) return null;
        // Where another worker was given it at the same time, one shard fewer is left, and this one asks again.
        if (!(await give(session, run, Number(shard)))) continue;
        await session.commit();
        return Number(shard);
      }
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

  /** Ends a run, and frees its place for another. Whether it was this call that ended it. @param counted what it has counted beside. */
  end(run: string, outcome: Outcome, now: number, counted: Counted = {}): Promise<boolean> {
    return this.#use('end', async (session) => {
      const { rowsAffected } = await session.execute(
        'UPDATE CROSSFADE_RUNS SET outcome = :outcome, finished = :now, slot = NULL, markers = :markers, oldest_marker = :oldest, ' +
          'ignored = :ignored, elsewhere = :elsewhere WHERE run_id = :run AND finished IS NULL',
        { outcome, now, run, ...bindsOf(counted) },
        COMMIT,
      );
      return rowsAffected === 1;
    });
  }

  /**
   * Cuts what is left of a shard at keys above where it stands, in their order: it keeps the first piece, and the others become
   * shards of their own. Throws `Overtaken`.
   */
  split(hold: Hold, cuts: readonly string[], upTo: string | null, now: number): Promise<void> {
    return this.#use('split', async (session) => {
      const [first, ...others] = cuts;
      if (first === undefined) return;
      const { run, shard, epoch } = hold;
      const { rowsAffected } = await session.execute(
        'UPDATE CROSSFADE_SHARDS SET up_to_key = :up_to, changed = :now WHERE run_id = :run AND shard = :shard AND epoch = :epoch ' +
          'AND (done_key IS NULL OR done_key < :up_to2)',
        { up_to: first, now, run, shard, epoch, up_to2: first },
      );
      if (rowsAffected !== 1) throw new Overtaken(hold);
      const { rows = [] } = await session.execute<[number]>(
        'SELECT MAX(shard) FROM CROSSFADE_SHARDS WHERE run_id = :run',
        { run },
      );
      const pieces = [first, ...others].map((after, n) => ({ after, upTo: others[n] ?? upTo }));
      await addShards(session, run, pieces, { first: Number(rows[0]?.[0]) + 1, changed: now, given: 0 });
      await session.commit();
    });
  }

  /** A run that is under way; null once it has been ended: its workers stop. */
  running(run: string): Promise<Run | null> {
    return this.#use('read', (session) => runIn(session, 'run_id = :run AND finished IS NULL', { run }));
  }

  /** Runs that have ended, the latest first. */
  history(kind: Kind, collection: string, most: number): Promise<Ended[]> {
    return this.#use('read', async (session) => {
      const { rows = [] } = await session.execute<unknown[]>(
        `SELECT ${ENDED} FROM CROSSFADE_RUNS WHERE kind = :kind AND collection = :collection ` +
          'AND finished IS NOT NULL ORDER BY started DESC FETCH FIRST :most ROWS ONLY',
        { kind, collection, most },
      );
      return rows.map(endedFrom);
    });
  }

  /** A run, ended or not. */
  run(run: string): Promise<Run | null> {
    return this.#use('read', (session) => runIn(session, 'run_id = :run', { run }));
  }

  #shard(where: string, binds: Record<string, string | number>): Promise<ShardRow | null> {
    return this.#use('read', async (session) => {
      const columns = `shard, after_key, up_to_key, done_key, state, changed, ${COUNTS}`;
      const text = `SELECT ${columns} FROM CROSSFADE_SHARDS WHERE ${where} FETCH FIRST 1 ROWS ONLY`;
      const { rows: [row] = [] } = await session.execute<unknown[]>(text, binds);
      return row === undefined ? null : shardOf(row);
    });
  }

  #use<R>(operation: string, act: (session: oracledb.Connection) => Promise<R>): Promise<R> {
    const target: Target = { store: 'oracle', operation, collection: 'CROSSFADE_SHARDS', key: null };
    return this.#connection.use(target, operation !== 'read', act);
  }
}
