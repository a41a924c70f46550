/** Starts an embedded Couchbase server in a process of its own: the driver waits in ways that would starve a shared one. */
import { fileURLToPath } from 'node:url';
import { startChild } from '../child.ts';
import type { TlsSettings } from '../tls/settings.ts';
import type { Connector, Kept } from './connector/connectors.ts';
import type { Handlers, Unkind } from './eventing/eventing.ts';
import type { Fault } from './faults.ts';
import type { Hand } from './hands.ts';
import type { Managed } from './managed.ts';

export interface Settings {
  /** 0 or none: any free port. */
  readonly port?: number;
  /** The same for the services that speak HTTP. */
  readonly httpPort?: number;
  readonly httpTlsPort?: number;
  /** Names and passwords. */
  readonly users: Readonly<Record<string, string>>;
  /** Per bucket and scope, the names of its collections. */
  readonly buckets: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;
  /** Nodes beside the active one that hold each document: 0 to 3, 1 if not given. Clients see none of them. */
  readonly replicas?: number;
  /** Where documents outlive the process. None: they do not. */
  readonly file?: string;
  /** All services speak TLS, too, on ports of their own. Who shows a certificate is the user of its common name, and needs no password. */
  readonly tls?: TlsSettings;
}

/** What the process is told while it runs, one JSON text a line. */
export type Order =
  | { readonly kind: 'fault'; readonly fault: Fault }
  | { readonly kind: 'calm' }
  | { readonly kind: 'struck'; readonly name: string | null }
  | { readonly kind: 'clock'; readonly milliseconds: number }
  | { readonly kind: 'manage'; readonly changes: Partial<Managed> }
  | { readonly kind: 'lose' | 'moveManagement' }
  | { readonly kind: 'rebalance' }
  | { readonly kind: 'lag' }
  | { readonly kind: 'catchUp' }
  | {
      readonly kind: 'failover';
      readonly node: number | null;
      readonly clock: number | null;
      readonly disconnects: boolean;
    }
  | { readonly kind: 'elsewhere' }
  | { readonly kind: 'purge' }
  | { readonly kind: 'handed' }
  | { readonly kind: 'hand'; readonly hand: Hand }
  | { readonly kind: 'deploy'; readonly definition: unknown }
  | { readonly kind: 'eventing'; readonly unkind: Partial<Unkind> }
  | { readonly kind: 'undeploy' | 'handlers'; readonly name: string }
  | { readonly kind: 'connect'; readonly connector: Connector }
  | {
      readonly kind: 'produce';
      readonly topic: string;
      readonly key: string;
      readonly value: string | null;
    }
  | { readonly kind: 'records'; readonly topic: string; readonly most: number };

export interface Failover {
  /**
   * The node that fails, 0 to 2: vbucket v is active on node v mod 3, and its replicas are on the next ones. All others go on. If not
   * given, the active node of every vbucket fails.
   */
  readonly node?: number;
  /** By how many milliseconds the clock of the new active node is ahead, or with a negative number behind. */
  readonly clock?: number;
  /** Clients lose their connections, as they do if the failed node is gone. True if not given. */
  readonly disconnects?: boolean;
}

export interface Running {
  readonly connectionString: string;
  readonly port: number;
  /** The port with TLS, and how to reach it: null where the cluster speaks none. */
  readonly secure: { readonly port: number; readonly connectionString: string } | null;
  /** The next requests of a kind go wrong. */
  fault(fault: Fault): Promise<void>;
  /** From now on the management tells these instead of what is usual; `calm` undoes it. Of all that it tells the maximum TTLs alone are obeyed. */
  manage(changes: Partial<Managed>): Promise<void>;
  /** Another hand answers what clients write with mutations of its own, until `calm`. */
  hand(hand: Hand): Promise<void>;
  /** How many mutations other hands have made since this was asked the last time. */
  handed(): Promise<number>;
  /** Deploys an Eventing function, in place of one with the same name. Rejects for what the service would refuse. */
  deploy(definition: unknown): Promise<void>;
  undeploy(name: string): Promise<void>;
  /** The Eventing service stands still, lags or repeats; `calm` undoes it. */
  eventing(unkind: Partial<Unkind>): Promise<void>;
  /** What the handlers of a function have done. */
  handlers(name: string): Promise<Handlers>;
  /** Starts a Kafka connector, which writes into a topic from now on. Rejects for a keyspace that there is not. */
  connect(connector: Connector): Promise<void>;
  /** Somebody else writes a record into a topic. */
  produce(topic: string, key: Buffer, value: Buffer | null): Promise<void>;
  /** The next records of a topic, each once. Rejects where no connector writes into it. */
  records(topic: string, most: number): Promise<Kept[]>;
  /** The server's clock jumps, ahead or, with a negative number, back. */
  jump(milliseconds: number): Promise<void>;
  /**
   * From now on the active node answers a mutation before its replicas have it, and they never get it. A durable write is
   * replicated all the same, together with all that came before it in its vbucket.
   */
  lagReplication(): Promise<void>;
  /** The replicas get everything, and go on so. */
  catchUpReplication(): Promise<void>;
  /**
   * The active node is gone and a replica takes its place: what was not replicated is lost, vbucket uuids change, CAS go
   * on from the clock or the highest that the replica knows. Then one node is missing, until `nodesBack`. With `node` it is so of the
   * vbuckets that are active there, and those that have a replica there lose it.
   */
  failOver(failover?: Failover): Promise<void>;
  /**
   * Another cluster answers at this address, as after a switch to a disaster-recovery site: other uuids of cluster,
   * buckets and vbuckets, other sequence numbers, and the data as they were when `lagReplication` was ordered.
   */
  anotherCluster(): Promise<void>;
  /**
   * The management service listens at another port from now on, and clients that are connected are not told, as where their driver has
   * lost track of the nodes: they ask at the port of before, and get no answer. Who connects anew finds it.
   */
  moveManagement(): Promise<void>;
  /** One node with a replica is gone: durable writes are impossible where no majority of the nodes is left. */
  loseReplica(): Promise<void>;
  /** All nodes are back and hold what the active node holds, as after a rebalance. */
  nodesBack(): Promise<void>;
  /** Tombstones are gone, as a compaction drops those that are older than the purge interval. */
  purgeTombstones(): Promise<void>;
  /** Nothing goes wrong on order any more, the clock is right again, all nodes are there and have everything. */
  calm(): Promise<void>;
  /**
   * How many requests each fault with a name has struck since this was asked the last time; of one name alone where it is given. Forgotten
   * when the server starts again.
   */
  struck(name?: string | null): Promise<Readonly<Record<string, number>>>;
  /** Ends the process; what no file holds is gone. */
  stop(): Promise<void>;
  /** Ends it as a power cut would. */
  kill(): Promise<void>;
  /** Ends it so, and starts it again at its ports. Faults that were ordered are forgotten. */
  restart(): Promise<void>;
}

export async function startCouchbase(settings: Settings): Promise<Running> {
  const main = fileURLToPath(new URL('./main.ts', import.meta.url));
  const child = await startChild('Couchbase', main, settings);
  const { port, tlsPort, stop, kill, restart } = child;
  const order = async (told: Order) => void (await child.order(told));
  // The plain memcached scheme of the driver: bootstrap on this one port, no lookups by DNS.
  return {
    connectionString: `couchbase://127.0.0.1:${port}`,
    port,
    secure:
      tlsPort === null ? null : { port: tlsPort, connectionString: `couchbases://127.0.0.1:${tlsPort}` },
    fault: (fault) => order({ kind: 'fault', fault }),
    manage: (changes) => order({ kind: 'manage', changes }),
    hand: (hand) => order({ kind: 'hand', hand }),
    handed: async () => (await child.order({ kind: 'handed' } satisfies Order)) as number,
    deploy: (definition) => order({ kind: 'deploy', definition }),
    undeploy: (name) => order({ kind: 'undeploy', name }),
    eventing: (unkind) => order({ kind: 'eventing', unkind }),
    handlers: async (name) => (await child.order({ kind: 'handlers', name } satisfies Order)) as Handlers,
    connect: (connector) => order({ kind: 'connect', connector }),
    produce: (topic, key, value) =>
      order({
        ...{ kind: 'produce', topic, key: key.toString('base64') },
        value: value === null ? null : value.toString('base64'),
      }),
    records: async (topic, most) =>
      (await child.order({ kind: 'records', topic, most } satisfies Order)) as Kept[],
    jump: (milliseconds) => order({ kind: 'clock', milliseconds }),
    lagReplication: () => order({ kind: 'lag' }),
    catchUpReplication: () => order({ kind: 'catchUp' }),
    failOver: ({ node = null, clock = null, disconnects = true } = {}) =>
      order({ kind: 'failover', node, clock, disconnects }),
    anotherCluster: () => order({ kind: 'elsewhere' }),
    moveManagement: () => order({ kind: 'moveManagement' }),
    loseReplica: () => order({ kind: 'lose' }),
    nodesBack: () => order({ kind: 'rebalance' }),
    purgeTombstones: () => order({ kind: 'purge' }),
    calm: () => order({ kind: 'calm' }),
    struck: async (name = null) =>
      (await child.order({ kind: 'struck', name } satisfies Order)) as Record<string, number>,
    stop,
    kill,
    restart,
  };
}
