/** A backfill of one collection over both embedded stores: its ledger, and workers that can be made to die. */
import { randomUUID } from 'node:crypto';
import { type Copied, copyShard, type Ports } from '../../functions/backfill/copy_shard.ts';
import { portsOver } from '../../functions/backfill/ports.ts';
import type { Shard } from '../../functions/protocol/shard.ts';
import type { Finding } from '../../functions/stores/oracle/checkpoint.ts';
import { Ledger, type ShardRow } from '../../functions/stores/oracle/ledger.ts';
import { CONTROL } from '../../functions/stores/oracle/schema.ts';
import { upgrade } from '../../functions/stores/oracle/upgrade.ts';
import { type TestCluster, testCluster } from '../stores/couchbase/cluster.ts';
import { type TestDatabase, testDatabase, type Wanted } from '../stores/oracle/database.ts';

/** A worker's end, in the middle of anything. */
export class Death extends Error {}

export class Rig {
  readonly cluster: TestCluster;
  readonly database: TestDatabase;
  readonly ledger: Ledger;
  readonly setAside: Finding[] = [];

  private constructor(cluster: TestCluster, database: TestDatabase) {
    this.cluster = cluster;
    this.database = database;
    this.ledger = new Ledger(database.connection);
  }

  static async start(wanted: Wanted = {}): Promise<Rig> {
    const [cluster, database] = await Promise.all([testCluster(), testDatabase(wanted)]);
    await upgrade(database.connection, [CONTROL], null, () => {});
    return new Rig(cluster, database);
  }

  async stop(): Promise<void> {
    await Promise.all([this.cluster.stop(), this.database.stop()]);
  }

  /** Begins a run over these shards. */
  async begin(shards: readonly Shard[], id: string = randomUUID()): Promise<string> {
    await this.ledger.begin(
      { id, kind: 'backfill', collection: id, stamp: 's', phase: 'expand', started: Date.now() },
      shards,
    );
    return id;
  }

  /** Works on a shard from where it stands. @param port may replace the worker's ports. */
  async work(run: string, shard: number, port: (ports: Ports) => Ports = (ports) => ports): Promise<Copied> {
    const taken = await this.ledger.take(run, shard, Date.now());
    if (taken === null) throw new Error('There is no such shard');
    const { cluster, database, ledger } = this;
    const ports = portsOver(
      {
        ...{ cluster: cluster.connection, keyspace: cluster.keyspace, couchbase: cluster.store },
        ...{ database: database.connection, table: database.table },
      },
      {
        ...{ hold: taken.hold, ledger, now: Date.now, timeout: 5000 },
        setAside: async (finding) => {
          this.setAside.push(finding);
        },
        pace: async () => true,
        timely: () => true,
        alive: async () => {},
      },
    );
    return copyShard(taken.row, port(ports), { documents: 20, bytes: 1_000_000 });
  }

  async shards(run: string): Promise<ShardRow[]> {
    return this.ledger.shards(run);
  }
}

/** Ports whose user dies at the n-th call. */
export function mortal(ports: Ports, calls: number): Ports {
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
    apply: dying((copies, step) =>
      ports.apply(copies, async (outcomes) => {
        if (left-- <= 0) throw new Death();
        return step(outcomes);
      }),
    ),
    finish: dying(ports.finish),
  };
}
