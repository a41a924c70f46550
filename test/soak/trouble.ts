/** What goes wrong while the service is moved: processes die, connections break, answers are lost, and servers come back. */
import { setTimeout } from 'node:timers/promises';
import type { Stage } from '../../infra/demo/stage.ts';
import type { Fallbacks } from './fallback.ts';

/** False where it is not the time for it: nothing has happened then. */
type Strike = (stage: Stage, fallbacks: Fallbacks) => Promise<unknown>;

/** Messages that are delivered once more. */
const AGAIN = 20;
/** Milliseconds for which a replica is behind before its node fails over. */
const LAG = 1000;
/** Calls that a fault strikes. */
const CALLS = 5;

const killed = (entry: Parameters<Stage['local']['deployment']['entry']>[0]): Strike => {
  return async ({ local }) => local.deployment.entry(entry).kill();
};
const oracle = (action: Parameters<Stage['local']['oracle']['fault']>[0]['action']): Strike => {
  return ({ local }) => local.oracle.fault({ operation: 'execute', statement: null, times: CALLS, action });
};
const couchbase = (
  operation: 'mutateIn' | 'lookupIn',
  action: Parameters<Stage['local']['couchbase']['fault']>[0]['action'],
): Strike => {
  return ({ local }) => local.couchbase.fault({ operation, times: CALLS, action });
};

/** Durable writes wait for the replica, so nothing that was acknowledged is lost. */
const failedOver = (failover: { readonly node?: number } = {}): Strike => {
  return async ({ local: { couchbase: server } }) => {
    await server.lagReplication();
    await setTimeout(LAG);
    await server.failOver(failover);
    await server.nodesBack();
  };
};

const TROUBLES: Readonly<Record<string, Strike>> = {
  'kill -9 of the API’s containers': killed('api'),
  'kill -9 of the reconciler': killed('reconcile'),
  'kill -9 of the backfill': killed('backfill'),
  'kill -9 of the verification': killed('verify'),
  'kill -9 of the planner': killed('plan'),
  'kill -9 of the controller': killed('control'),
  'kill -9 of Oracle, which starts again': ({ local }) => local.oracle.restart(),
  'kill -9 of Couchbase, which starts again': ({ local }) => local.couchbase.restart(),
  'Oracle does it, and the connection breaks': oracle({ kind: 'drop', applied: true }),
  'the connection to Oracle breaks': oracle({ kind: 'drop', applied: false }),
  'Oracle does it, and says nothing': oracle({ kind: 'silence', applied: true }),
  'Oracle is slow': oracle({ kind: 'delay', milliseconds: 600 }),
  'a commit is lost on its way': ({ local }) =>
    local.oracle.fault({
      ...{ operation: 'commit', statement: null, times: CALLS },
      action: { kind: 'drop', applied: false },
    }),
  'Couchbase writes it, and the connection breaks': couchbase('mutateIn', { kind: 'drop', applied: true }),
  'the connection to Couchbase breaks': couchbase('mutateIn', { kind: 'drop', applied: false }),
  'Couchbase writes it, and says nothing': couchbase('mutateIn', { kind: 'silence', applied: true }),
  'Couchbase reads slowly': couchbase('lookupIn', { kind: 'delay', milliseconds: 600 }),
  'Couchbase is busy': couchbase('mutateIn', { kind: 'status', status: 0x86 }),
  'a node of Couchbase fails over, and its replica was behind': failedOver(),
  'Oracle falls back to an earlier state, and is another incarnation': (_, fallbacks) =>
    fallbacks.strike(true),
  'Oracle falls back to an earlier state, in the same incarnation': (_, fallbacks) => fallbacks.strike(false),
  'one node of three of Couchbase fails over, and its replicas were behind': failedOver({ node: 1 }),
  'messages come twice': (stage) => stage.deliverAgain(AGAIN),
};

/** Milliseconds between two troubles: the least, and what chance adds. */
const [LEAST, MORE] = [1000, 5000];

export class Troubles {
  readonly counts = new Map<string, number>();
  readonly #stage: Stage;
  readonly #fallbacks: Fallbacks;
  readonly #random: () => number;
  readonly #names: readonly string[];
  #rest = true;
  #running: Promise<void> = Promise.resolve();

  /** @param only strikes whose name has this in it. */
  constructor(stage: Stage, fallbacks: Fallbacks, random: () => number, only: string) {
    this.#stage = stage;
    this.#fallbacks = fallbacks;
    this.#random = random;
    this.#names = Object.keys(TROUBLES).filter((name) => name.includes(only));
    if (this.#names.length === 0)
      throw new Error(
        `No trouble has ${JSON.stringify(only)} in its name: there are ${Object.keys(TROUBLES).join('; ')}`,
      );
  }

  /** @param told of each. */
  begin(told: (name: string) => void): void {
    this.#rest = false;
    this.#running = this.#go(told);
  }

  /** No more from now on, and none on order. */
  async end(): Promise<void> {
    this.#rest = true;
    await this.#running;
    await this.#stage.local.oracle.calm();
    await this.#stage.local.couchbase.calm();
  }

  async #go(told: (name: string) => void): Promise<void> {
    while (!this.#rest) {
      const name = this.#names[Math.floor(this.#random() * this.#names.length)] as string;
      const struck = await TROUBLES[name]?.(this.#stage, this.#fallbacks);
      if (struck !== false) {
        told(name);
        this.counts.set(name, (this.counts.get(name) ?? 0) + 1);
      }
      await setTimeout(LEAST + this.#random() * MORE);
    }
  }
}
