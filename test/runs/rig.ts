/** Runs over both embedded stores of one collection: their ledger, and workers that can be made to die. */
import { randomUUID } from 'node:crypto';
import { type CopyPorts, copyShard } from '../../functions/backfill/copy_shard.ts';
import { portsToCopy } from '../../functions/backfill/ports.ts';
import { Findings } from '../../functions/books/findings.ts';
import { Ledger } from '../../functions/books/ledger.ts';
import type { Phase } from '../../functions/protocol/phase.ts';
import type { Shard } from '../../functions/protocol/shard.ts';
import type { Finding } from '../../functions/records/finding.ts';
import type { Kind, Options, ShardRow } from '../../functions/records/run.ts';
import type { Both, Work } from '../../functions/runs/ports.ts';
import type { Permit } from '../../functions/runs/turn.ts';
import type { Walked } from '../../functions/runs/walk_shard.ts';
import { CONTROL } from '../../functions/stores/oracle/control_tables.ts';
import { upgrade } from '../../functions/stores/oracle/upgrade.ts';
import { WHOLE } from '../../functions/stores/selection.ts';
import { type TestCluster, testCluster } from '../stores/couchbase/cluster.ts';
import { type TestDatabase, testDatabase, type Wanted } from '../stores/oracle/database.ts';

/** A worker's end, in the middle of anything. */
export class Death extends Error {}

export const LIMITS = { documents: 20, bytes: 1_000_000 };

export interface Begin {
  readonly kind?: Kind;
  readonly phase?: Phase;
  readonly options?: Options;
}

export class Rig {
  readonly cluster: TestCluster;
  readonly database: TestDatabase;
  readonly ledger: Ledger;
  readonly findings: Findings;
  readonly setAside: Finding[] = [];
  /** Which keys the runs take. */
  selection = WHOLE;
  /** Keys that somebody has asked to repair. */
  readonly repairs: string[] = [];

  private constructor(cluster: TestCluster, database: TestDatabase) {
    this.cluster = cluster;
    this.database = database;
    this.ledger = new Ledger(database.connection);
    this.findings = new Findings(database.connection);
  }

  static async start(wanted: Wanted = {}): Promise<Rig> {
    const [cluster, database] = await Promise.all([testCluster(), testDatabase(wanted)]);
    await upgrade(database.connection, [CONTROL], null, () => {});
    return new Rig(cluster, database);
  }

  async stop(): Promise<void> {
    await Promise.all([this.cluster.stop(), this.database.stop()]);
  }

  get both(): Both {
    const { cluster, database } = this;
    return {
      ...{ cluster: cluster.connection, keyspace: cluster.keyspace, couchbase: cluster.store },
      selection: this.selection,
      ...{ database: database.connection, table: database.table, oracle: database.store },
      unstorable: 'refuse',
    };
  }

  /** Begins a run over these shards. */
  async begin(shards: readonly Shard[], { kind = 'backfill', phase = 'expand', options = {} }: Begin = {}) {
    const id = randomUUID();
    const run = { id, kind, collection: id, options, stamp: 's', phase, started: Date.now() };
    await this.ledger.begin(run, shards);
    return id;
  }

  /** Takes a shard, and what a worker on it works with. */
  async take(run: string, shard: number): Promise<{ row: ShardRow; work: Work }> {
    const taken = await this.ledger.take(run, shard, Date.now());
    if (taken === null) throw new Error('There is no such shard');
    const work: Work = {
      ...{ hold: taken.hold, ledger: this.ledger, now: Date.now, timeout: 5000 },
      setAside: async (finding) => {
        this.setAside.push(finding);
      },
      repair: async (key) => {
        this.repairs.push(key);
      },
      ...{ turn: async () => ({ over: async () => {} }), timely: () => true, careful: false },
      permit: async () => ({ timely: () => true, holds: () => true }),
    };
    return { row: taken.row, work };
  }

  /** Copies a shard from where it stands. @param port may replace the worker's ports. @param permit what a look at the phase gives. */
  async work(
    run: string,
    shard: number,
    port = (ports: CopyPorts) => ports,
    permit: Permit = { timely: () => true, holds: () => true },
  ): Promise<Walked> {
    const { row, work } = await this.take(run, shard);
    return copyShard(row, port(portsToCopy(this.both, { ...work, permit: async () => permit })), LIMITS);
  }

  /** In their order. */
  async shards(run: string): Promise<ShardRow[]> {
    const rows: ShardRow[] = [];
    for (
      let row = await this.ledger.shard(run, 0);
      row !== null;
      row = await this.ledger.shard(run, rows.length)
    )
      rows.push(row);
    return rows;
  }
}

/** Ports whose user dies at the n-th call. */
export function mortal(ports: CopyPorts, calls: number): CopyPorts {
  let left = calls;
  const dying =
    <A extends unknown[], R>(act: (...args: A) => Promise<R>) =>
    async (...args: A): Promise<R> => {
      if (left-- <= 0) throw new Death();
      const result = await act(...args);
      // Half of the deaths come before the answer, half after it.
      if (left-- <= 0) throw new Death();
      return result;
    };
  return {
    ...ports,
    keys: dying(ports.keys),
    sizes: dying(ports.sizes),
    read: dying(ports.read),
    apply: dying((copies, step, unfit) =>
      ports.apply(
        copies,
        async (outcomes, handedOff) => {
          if (left-- <= 0) throw new Death();
          return step(outcomes, handedOff);
        },
        unfit,
      ),
    ),
    finish: dying(ports.finish),
  };
}
