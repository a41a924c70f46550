/**
 * One lane of a run whose documents can end the process of their worker: nothing of that worker happens any more, and SQS delivers its message
 * again, five times at most.
 */
import type { Step } from '../../functions/records/finding.ts';
import { type Hold, Overtaken, type Run, type ShardRow } from '../../functions/records/run.ts';
import { BATCH, type Sized } from '../../functions/runs/batches.ts';
import { Courtesy } from '../../functions/runs/courtesy.ts';
import type { ShardMessage } from '../../functions/runs/shard_message.ts';
import type { ShardPorts } from '../../functions/runs/shard_ports.ts';
import { type Job, ShardWorker } from '../../functions/runs/shard_worker.ts';
import { type Walked, walkShard } from '../../functions/runs/walk_shard.ts';
import { AttemptsInMemory } from './attempts_in_memory.ts';

/** What a worker does when it dies; one that dies when it measures a document also dies when it reads it. */
export type Deed = 'list' | 'measure' | 'read' | 'apply';

const RUN: Run = {
  ...{ id: 'r', kind: 'backfill', collection: 'c', options: {}, stamp: '', phase: 'expand', started: 0 },
};
const ROW: ShardRow = {
  ...{ shard: 0, after: null, upTo: null, doneKey: null, state: 'open', changed: 0 },
  ...{ listed: 0, applied: 0, stale: 0, gone: 0, failed: 0, bytes: 0 },
};
/** Deliveries of a message until it is dead. */
const MOST = 5;

interface Message {
  readonly message: ShardMessage;
  readonly deliveries: number;
  readonly handedOn: boolean;
}

export const keyOf = (n: number) => String(n).padStart(5, '0');

export class KillingWorld {
  readonly keys: readonly string[];
  /** The keys of which workers die, and of what. */
  readonly kills: Map<string, Deed>;
  run: Run = RUN;
  row = ROW;
  deaths = 0;
  /** How the lane has ended. */
  ended: string | null = null;
  readonly buried: string[] = [];
  readonly findings: Step['findings'][number][] = [];
  /** What fails although no process ends. */
  fails: (key: string) => Error | null = () => null;
  onDeath: () => unknown = () => {};
  readonly leftOut = new Set<string>();
  epoch = 0;
  readonly attempts = new AttemptsInMemory((hold, step) => this.#move(hold, step));
  #die: () => void = () => {};

  constructor(documents: number, kills: Readonly<Record<string, Deed>>) {
    this.keys = Array.from({ length: documents }, (_, n) => keyOf(n));
    this.kills = new Map(Object.entries(kills));
  }

  /** Delivers messages of the lane until it ends, or its message is dead. */
  async work(): Promise<this> {
    const queue: Message[] = [
      { message: { run: 'r', collection: 'c', shard: 0, token: 't' }, deliveries: 1, handedOn: false },
    ];
    for (let at = queue.shift(); at !== undefined && this.ended === null; at = queue.shift()) {
      const outcome = await this.#deliver(at, (message) =>
        queue.push({ message, deliveries: 1, handedOn: true }),
      );
      if (outcome === 'over') continue;
      if (at.deliveries === MOST) this.ended = 'dead letter';
      queue.push({ ...at, deliveries: at.deliveries + 1 });
    }
    return this;
  }

  async #deliver(
    { message, deliveries, handedOn }: Message,
    send: (message: ShardMessage) => void,
  ): Promise<'over' | 'died' | 'failed'> {
    const died = new Promise<'died'>((resolve) => {
      this.#die = () => {
        this.deaths++;
        this.onDeath();
        resolve('died');
      };
    });
    const worker = new ShardWorker(this.#ports, (job) => this.#walk(job), new Courtesy());
    const alive = async () => {};
    const work = worker.work({
      ...{
        message,
        deliveries,
        handedOn,
        lane: true,
        waited: () => 0,
        loop: () => null,
        left: () => 300_000,
      },
      task: {
        ...{ alive, isWanted: async () => true },
        done: async () => {
          this.ended = 'done';
        },
        failed: async (error, cause) => {
          this.ended = `${error}: ${cause}`;
        },
      },
      handOn: async (next) => send(next),
    });
    return Promise.race([died, work.then(() => 'over' as const).catch(() => 'failed' as const)]);
  }

  get #ports(): ShardPorts {
    const now = () => 0;
    const unused = () => Promise.reject(new Error('not needed'));
    return {
      ledger: {
        running: async () => this.run,
        take: async () => ({ hold: { run: 'r', shard: 0, epoch: ++this.epoch }, row: this.row }),
        shard: async () => this.row,
        ...{ split: unused, giveNext: async () => null },
        finish: async () => {},
      },
      attempts: this.attempts.ports,
      ...{
        stores: () => ({}) as never,
        sample: unused,
        requireIdentity: async () => {},
        sendReceipt: unused,
      },
      phase: async () => ({ phase: this.run.phase, since: 0, by: 'test' }),
      pace: { rate: async () => 1000, wait: async () => true },
      load: { share: async () => 1 },
      leftOut: async (_, key) => this.leftOut.has(key),
      // What has killed its workers is left out by no choice.
      leftByChoice: async () => true,
      bury: async ({ key }) => {
        this.buried.push(key);
        return async () => {};
      },
      ...{ count: () => {}, warn: () => {}, now, clock: { wall: now, steady: now }, patient: false },
      timing: { call: 3000, lastCall: 4500, lasts: 15_500, silence: 30_000 },
    };
  }

  #walk(job: Job): Promise<Walked> {
    const touches = async (keys: readonly string[], deed: Deed) => {
      for (const key of keys) {
        const kills = this.kills.get(key);
        if (kills === deed || (kills === 'measure' && deed === 'read')) {
          this.#die();
          await new Promise(() => {});
        }
        const error = deed === 'read' ? this.fails(key) : null;
        if (error !== null) throw error;
      }
    };
    const keys = (batch: readonly Sized[]) => batch.map(({ key }) => key);
    return walkShard(
      job.row,
      {
        ...job,
        keys: async ({ after }, limit) => {
          const page = this.keys.filter((key) => after === null || key > after).slice(0, limit);
          await touches(page, 'list');
          return page;
        },
        sizes: async (some) => {
          await touches(some, 'measure');
          return some.map(() => 1);
        },
        timely: () => true,
        finish: async () => {
          this.row = { ...this.row, state: 'done' };
        },
      },
      BATCH,
      {
        prepare: async (batch) => touches(keys(batch), 'read'),
        act: async (batch) => {
          await touches(keys(batch), 'apply');
          const counts = {
            listed: batch.length,
            applied: batch.length,
            stale: 0,
            gone: 0,
            failed: 0,
            bytes: 0,
          };
          this.#move(job.hold, { to: batch.at(-1)?.key as string, counts, findings: [] });
        },
      },
    );
  }

  #move(hold: Hold, { to, counts, findings }: Step): void {
    if (hold.epoch !== this.epoch) throw new Overtaken(hold);
    const { listed, applied, failed } = this.row;
    this.row = {
      ...{ ...this.row, doneKey: to, listed: listed + counts.listed, applied: applied + counts.applied },
      failed: failed + counts.failed,
    };
    this.findings.push(...findings);
  }
}
