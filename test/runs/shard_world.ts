/** A worker on shards with all that it reaches replaced: time is a number, and what it does is a list. */

import type { Phase } from '../../functions/protocol/phase.ts';
import type { Hold, Run, ShardRow } from '../../functions/records/run.ts';
import { Courtesy } from '../../functions/runs/courtesy.ts';
import { Pace } from '../../functions/runs/pace.ts';
import type { ShardPorts } from '../../functions/runs/shard_ports.ts';
import { type ShardTask, TaskGone } from '../../functions/runs/shard_task.ts';
import { type Job, ShardWorker } from '../../functions/runs/shard_worker.ts';
import { type Walked, walkShard } from '../../functions/runs/walk_shard.ts';
import { NO_DEATHS } from './attempts_in_memory.ts';

export const KEYS = ['a', 'b', 'c', 'd'];
export const RUN: Run = {
  ...{ id: 'r', kind: 'copyback', collection: 'c', options: {}, stamp: '', phase: 'switch', started: 0 },
};
export const ROW: ShardRow = {
  ...{ shard: 0, after: null, upTo: null, doneKey: null, state: 'open', changed: 0 },
  ...{ listed: 0, applied: 0, stale: 0, gone: 0, failed: 0, bytes: 0 },
};
export const MESSAGE = { run: 'r', collection: 'c', shard: 0, token: 't' };
/** Milliseconds of one invocation. */
export const INVOCATION = 300_000;
/** As the functions derive it from a call of 3 seconds. */
const TIMING = { call: 3000, lastCall: 4500, lasts: 15_500, silence: 30_000 };

/** A service in `switch`, and a shard of four keys. */
export class World {
  /** Whether operators have chosen to leave out what Oracle can never take. */
  chosen = false;
  phase: Phase = 'switch';
  since = 0;
  now = 0;
  waited = 0;
  /** Milliseconds that each turn is waited for. */
  pace = 0;
  rate = '100';
  /** Of the pace, that Oracle leaves to bulk work. Rejects for a pause. */
  load = async (): Promise<number> => 1;
  run: Run | null = RUN;
  row: ShardRow | null = ROW;
  epoch = 1;
  /** Where the shard stands when the worker has stopped. */
  stands: ShardRow = ROW;
  sample: () => Promise<string[]> = async () => [];
  /** From which of its calls on the task is gone; they are counted from 1. */
  goneFrom = Number.POSITIVE_INFINITY;
  identity: () => Promise<void> = async () => {};
  receiptsFail = false;
  /** Shards that nobody has. */
  next: number[] = [];
  lane = false;
  /** Milliseconds since something was worked on. */
  idle = 0;
  onWait = () => {};
  /** What the worker has done, in order. */
  readonly did: string[] = [];
  /** What its ports were called with. */
  readonly handedOn: { readonly message: object; readonly delay: number }[] = [];
  /** Whether each of them has worked on something. */
  readonly progressed: boolean[] = [];
  readonly claims: number[] = [];
  readonly metrics = new Map<string, number>();
  #calls = 0;

  get task(): ShardTask {
    const alive = async () => {
      if (++this.#calls >= this.goneFrom) throw new TaskGone();
    };
    return {
      alive,
      isWanted: () =>
        alive().then(
          () => true,
          () => false,
        ),
      done: async (output) => void this.did.push(`done ${JSON.stringify(output)}`),
      failed: async (error, cause) => void this.did.push(`failed ${error}: ${cause}`),
    };
  }

  get #ledger(): ShardPorts['ledger'] {
    return {
      running: async () => this.run,
      take: async (_, shard) => {
        this.did.push('take');
        const hold: Hold = { run: RUN.id, shard, epoch: this.epoch };
        return this.row === null ? null : { hold, row: this.row };
      },
      shard: async (_, shard) => (shard === this.stands.shard ? this.stands : null),
      giveNext: async () => {
        this.did.push('give next');
        return this.next.shift() ?? null;
      },
      split: async ({ epoch }, cuts, upTo) =>
        void this.did.push(`split of epoch ${epoch} at ${cuts.join()}, up to ${upTo}`),
      finish: async () => {},
    };
  }

  get #pace(): Pace {
    return new Pace({
      read: async () => ({ value: this.rate }),
      claim: async (documents, _rate, _now, most) => {
        this.claims.push(documents);
        return this.pace <= most ? this.pace : null;
      },
      clock: { wall: () => this.now, steady: () => this.now },
      sleep: async (milliseconds) => {
        this.now += milliseconds;
        this.waited += milliseconds;
        this.onWait();
      },
    });
  }

  get ports(): ShardPorts {
    return {
      ...{ ledger: this.#ledger, pace: this.#pace, timing: TIMING, patient: false },
      ...NO_DEATHS,
      leftByChoice: async () => this.chosen,
      stores: () => ({}) as never,
      load: { share: () => this.load() },
      sample: () => this.sample(),
      phase: async () => ({ phase: this.phase, since: this.since, by: 'test' }),
      requireIdentity: () => this.identity(),
      sendReceipt: async ({ key, cause }) => {
        this.did.push(`receipt ${key} ${cause}`);
        return !this.receiptsFail;
      },
      bury: async ({ key, cause }, reason) => {
        this.did.push(`bury ${key} ${cause}: ${reason}`);
        return async () => void this.did.push(`letter ${key}`);
      },
      count: (metric, value) => void this.metrics.set(metric, (this.metrics.get(metric) ?? 0) + value),
      warn: (message, about) => void this.did.push(`warn ${message} ${JSON.stringify(about)}`),
      now: () => this.now,
      clock: { wall: () => this.now, steady: () => this.now },
    };
  }

  worker(act: (job: Job) => Promise<Walked>): ShardWorker {
    return new ShardWorker(this.ports, act, new Courtesy());
  }

  /** Delivers the message of the shard to a worker. */
  deliver(
    worker: ShardWorker,
    { deliveries = 1, message = MESSAGE, loop = null as Loop } = {},
  ): Promise<void> {
    return worker.work({
      ...{ message, deliveries, task: this.task, loop: () => loop, left: () => INVOCATION - this.now },
      ...{ lane: this.lane, handedOn: false, waited: () => this.idle },
      handOn: async (next, delay, progressed) => {
        this.handedOn.push({ message: next, delay });
        this.progressed.push(progressed);
      },
    });
  }

  work(act: (job: Job) => Promise<Walked>): Promise<void> {
    return this.deliver(this.worker(act));
  }

  /** Walks along the four keys, in batches of one. */
  walk(act: (key: string, job: Job) => Promise<void>): Promise<void> {
    return this.work((job) =>
      walkShard(
        job.row,
        {
          ...job,
          keys: async ({ after }) => KEYS.filter((key) => after === null || key > after),
          sizes: async (keys) => keys.map(() => 1),
          finish: async () => {},
        },
        { documents: 1, bytes: 100 },
        {
          prepare: async ([each]) => each?.key ?? '',
          act: async (_, key) => {
            this.did.push(`act ${key}`);
            await act(key, job);
          },
        },
      ),
    );
  }
}

type Loop = { readonly error: string; readonly cause: string } | null;
