/**
 * Runs of any size, from the start of their executions to the end: the state machine of the template in the local Step Functions, the steps and
 * the workers as they are deployed, and both stores, the queue and the time simulated. A shard is walked along without documents.
 */
import { begin } from '../../functions/runs/begin.ts';
import { Courtesy } from '../../functions/runs/courtesy.ts';
import { Paused } from '../../functions/runs/pace.ts';
import type { PlanPorts } from '../../functions/runs/plan.ts';
import { parseRequest } from '../../functions/runs/request.ts';
import { parseShardMessage } from '../../functions/runs/shard_message.ts';
import type { ShardPorts } from '../../functions/runs/shard_ports.ts';
import { type ShardTask, TaskGone } from '../../functions/runs/shard_task.ts';
import { type Job, ShardWorker } from '../../functions/runs/shard_worker.ts';
import { takeStep } from '../../functions/runs/step.ts';
import { summarize } from '../../functions/runs/summary.ts';
import type { Walked } from '../../functions/runs/walk_shard.ts';
import { StoreUnavailable } from '../../functions/stores/failure.ts';
import { Machines } from '../../infra/local/states/machines.ts';
import { NO_DEATHS } from './attempts_in_memory.ts';
import { SimulatedClock } from './simulated_clock.ts';
import { keyAt, placeOf, SizedLedger } from './sized_books.ts';
import { type Received, SizedQueue } from './sized_queue.ts';

const ARN = 'arn:aws:states:eu-central-1:000000000000:stateMachine:CopyAll';
/** Milliseconds of an invocation, without a sign of life, and between two of them. */
const [INVOCATION, SILENCE, BEAT] = [300_000, 22_000, 20_000];
const TIMING = { call: 3000, lastCall: 5500, lasts: 14_500, silence: SILENCE };
/** Keys that a plan counts before its time is up, and keys of a sample. */
const [COUNTED, SAMPLED] = [1_300_000, 3200];
const DAY = 24 * 3_600_000;

interface Described {
  readonly status: string;
  readonly error?: string;
  readonly cause?: string;
}

export class SizedWorld {
  readonly clock = new SimulatedClock();
  readonly ledger = new SizedLedger();
  readonly queue: SizedQueue;
  readonly machines: Machines;
  /** Documents of each collection. */
  readonly sizes: Readonly<Record<string, number>>;
  /** Documents a second for all workers together. */
  rate = 500;
  away = false;
  /** When each collection was first worked on. */
  readonly first = new Map<string, number>();
  /** Bytes of the largest result of a step. */
  largest = 0;
  tasks = 0;
  /** The longest chain of messages in which nothing was done. */
  hops = 0;
  #paced = 0;
  readonly #samples = new Map<string, readonly string[]>();
  readonly #batch: number;

  /** @param batch documents that are walked along at a time. */
  constructor(definition: string, workers: number, sizes: Readonly<Record<string, number>>, batch: number) {
    this.sizes = sizes;
    this.#batch = batch;
    this.queue = new SizedQueue(this.clock, workers);
    this.machines = new Machines(undefined, this.clock);
    this.machines.define(ARN, definition);
    this.machines.use((_, resource, argument) => this.#run(resource, argument as Task));
    const worker = new ShardWorker(this.#ports(), (job) => this.#walk(job), new Courtesy());
    this.queue.workedOffBy((received) => this.#deliver(worker, received));
  }

  start(collection: string, more: object = {}): string {
    const input = JSON.stringify({ collection, ...more });
    const started = this.machines.call('StartExecution', { stateMachineArn: ARN, input, name: collection });
    return (started as { executionArn: string }).executionArn;
  }

  describe(executionArn: string): Described {
    return this.machines.call('DescribeExecution', { executionArn }) as Described;
  }

  /** Until these executions are over, and for so many days at most. */
  async run(executions: readonly string[], days: number): Promise<void> {
    const over = () => executions.every((each) => this.describe(each).status !== 'RUNNING');
    await this.clock.run(over, this.clock.now() + days * DAY);
  }

  async #run(resource: string, argument: Task): Promise<unknown> {
    if (resource.endsWith('lambda:invoke')) {
      const result = await takeStep<unknown>(argument.Payload, {
        run: (id) => this.ledger.run(id),
        begin: (id, job, input) => this.#begin(id, job, input),
        recheck: () => Promise.reject(new Error('nothing was suspected')),
        summarize: (run) => summarize(run, this.ledger.books, this.clock.now()),
      });
      this.largest = Math.max(this.largest, JSON.stringify(result).length);
      return { Payload: result };
    }
    const { MessageBody, MessageAttributes = {} } = argument;
    const attributes = Object.entries(MessageAttributes).map(([name, { StringValue }]) => [
      name,
      StringValue,
    ]);
    this.tasks++;
    this.queue.send(JSON.stringify(MessageBody), Object.fromEntries(attributes), 0);
    return {};
  }

  #begin(id: string, job: 'copy' | 'verify', input: unknown): Promise<unknown> {
    const request = parseRequest(input, job, Object.keys(this.sizes));
    const size = this.sizes[request.collection] ?? 0;
    let counted = 0;
    const ports: PlanPorts = {
      keys: async ({ after }, limit) => {
        const from = placeOf(after, -1) + 1;
        const keys = Array.from({ length: Math.min(limit, size - from) }, (_, n) => keyAt(from + n));
        counted += keys.length;
        return keys;
      },
      sizes: async (keys) => keys.map(() => 1000),
      sample: async () => this.#sample(request.collection),
      timely: () => counted < COUNTED,
    };
    return begin(
      id,
      request,
      { ...ports, books: this.ledger.books, now: () => this.clock.now() },
      {
        ...{ phase: { phase: 'expand', since: -1_000_000, by: 'test' }, bake: 50_000 },
        ...{ mapping: {}, rate: this.rate, turn: INVOCATION / 1000 },
      },
    );
  }

  #sample(collection: string): readonly string[] {
    const known = this.#samples.get(collection);
    if (known !== undefined) return known;
    const size = this.sizes[collection] ?? 0;
    const some = Math.min(SAMPLED, size);
    const sample = Array.from({ length: some }, (_, n) => keyAt(Math.floor((n * size) / some)));
    this.#samples.set(collection, sample);
    return sample;
  }

  #ports(): ShardPorts {
    const { clock, ledger } = this;
    const now = () => clock.now();
    const unused = () => {
      throw new Error('A copy of nothing needs none of that');
    };
    return {
      ...{ ledger: ledger as unknown as ShardPorts['ledger'], ...NO_DEATHS },
      ...{ stores: (collection) => ({ collection }) as never, load: { share: async () => 1 } },
      sample: async (both) => this.#sample((both as unknown as { collection: string }).collection),
      phase: async () => ({ phase: 'expand', since: -1_000_000, by: 'test' }),
      requireIdentity: async () => {},
      pace: {
        rate: async () => this.rate,
        wait: async (documents, most, { alive }) => {
          if (this.rate === 0) throw new Paused('Runs are paused: their pace is 0');
          const wait = Math.max(0, this.#paced - now());
          if (wait > most) return false;
          this.#paced = Math.max(this.#paced, now()) + (documents * 1000) / this.rate;
          // A few signs of life are as good as all of them.
          for (let left = wait; left > 0; left -= BEAT) {
            await clock.sleep(Math.min(left, BEAT));
            await alive();
          }
          return true;
        },
      },
      ...{ sendReceipt: unused, bury: unused, count: () => {}, warn: unused, now, patient: false },
      ...{ clock: { wall: now, steady: now }, timing: TIMING },
    };
  }

  async #walk({ row, run, hold, turn, timely, both }: Job): Promise<Walked> {
    const { collection } = both as unknown as { collection: string };
    if (row.state === 'done') return 'done';
    const end = placeOf(row.upTo, (this.sizes[collection] ?? 0) - 1);
    let { listed } = row;
    for (let at = placeOf(row.doneKey ?? row.after, -1); at < end; ) {
      if (this.away) throw new StoreUnavailable(TARGET, false, new Error('it is away'));
      const some = Math.min(this.#batch, end - at);
      const granted = timely() ? await turn(some) : null;
      if (granted === null) return 'rest';
      if (!this.first.has(run.collection)) this.first.set(run.collection, this.clock.now());
      at += some;
      listed += some;
      // A thousand documents a millisecond: the pace is what limits it.
      await this.clock.sleep(some / 1000);
      this.ledger.move(hold, { doneKey: keyAt(at), listed, applied: listed });
      await granted.over();
    }
    await this.ledger.finish(hold);
    return 'done';
  }

  #deliver(worker: ShardWorker, received: Received): Promise<void> {
    const message = parseShardMessage(received.body);
    const { hops = 0, born = received.sent } = received.attributes as { hops?: string; born?: string };
    const ends = this.clock.now() + INVOCATION;
    return worker.work({
      ...{ message, deliveries: received.deliveries, task: this.#task(message.token, received) },
      ...{
        lane: 'lane' in received.attributes,
        handedOn: Number(hops) > 0,
        waited: () => this.clock.now() - Number(born),
      },
      ...{ loop: () => null, left: () => ends - this.clock.now() },
      handOn: async (next, delay, progressed) => {
        const chain = progressed
          ? { hops: '1', born: String(this.clock.now()) }
          : { hops: String(Number(hops) + 1), born: String(born) };
        this.hops = Math.max(this.hops, Number(chain.hops));
        this.queue.send(JSON.stringify(next), { ...received.attributes, ...chain }, delay);
      },
    });
  }

  #task(taskToken: string, received: Received): ShardTask {
    const tell = async (operation: string, input: object) => {
      try {
        this.machines.call(operation, { taskToken, ...input });
      } catch {
        throw new TaskGone();
      }
    };
    const alive = () => {
      received.hide(SILENCE);
      return tell('SendTaskHeartbeat', {});
    };
    const isWanted = () =>
      alive().then(
        () => true,
        () => false,
      );
    const end = (operation: string, input: object) => tell(operation, input).catch(() => {});
    const done = (output: unknown) => end('SendTaskSuccess', { output: JSON.stringify(output) });
    return { alive, isWanted, done, failed: (error, cause) => end('SendTaskFailure', { error, cause }) };
  }
}

const TARGET = { store: 'oracle', operation: 'apply', collection: 'c', key: null } as const;

interface Task {
  readonly Payload?: unknown;
  readonly MessageBody?: unknown;
  readonly MessageAttributes?: Readonly<Record<string, { readonly StringValue: string }>>;
}
