/** One delivery of "work on this shard": takes the shard, works on it for as long as there is time, and ends its task or hands it on. */
import type { Phase } from '../protocol/phase.ts';
import { Overtaken, type Run, type ShardRow } from '../records/run.ts';
import { OperatorNeeded, StoreUnavailable } from '../stores/failure.ts';
import { askForRepair } from '../stores/receipt.ts';
import { BATCH, type BatchLimits } from './batches.ts';
import type { Courtesy } from './courtesy.ts';
import { PausedByLoad } from './load_watch.ts';
import { Paused } from './pace.ts';
import { PhaseChanged, requirePhase } from './phase_changed.ts';
import { cutsIn, tooLarge } from './plan.ts';
import type { Both, Work } from './ports.ts';
import { type ShardMessage, wantsCare } from './shard_message.ts';
import type { ShardPorts } from './shard_ports.ts';
import { type ShardTask, TaskGone } from './shard_task.ts';
import { ShardTurns } from './shard_turns.ts';
import { permitted } from './turn.ts';
import type { Walked } from './walk_shard.ts';

/** One shard, and what there is to work on it with. */
export interface Job extends Work {
  readonly run: Run;
  readonly row: ShardRow;
  readonly phase: Phase;
  readonly both: Both;
  readonly limits: BatchLimits;
}

export interface Delivery {
  readonly message: ShardMessage;
  /** How often the message was delivered, this time included. */
  readonly deliveries: number;
  readonly task: ShardTask;
  /** The failure of a message that was handed on without end; null where it may go on. */
  readonly loop: () => { readonly error: string; readonly cause: string } | null;
  /** Milliseconds that are left of the invocation. */
  readonly left: () => number;
  /** Sends a message for the worker that goes on. @param delay seconds. */
  readonly handOn: (message: ShardMessage, delay: number) => Promise<void>;
}

/** Seconds that a batch takes of the pace at most: a slow one goes in small steps, so that it can be changed soon. */
const STEP = 2;
/** A batch is several calls after each other. */
const CALLS_OF_BATCH = 3;

type Taken = NonNullable<Awaited<ReturnType<ShardPorts['ledger']['take']>>>;

export class ShardWorker {
  readonly #ports: ShardPorts;
  readonly #act: (job: Job) => Promise<Walked>;
  readonly #courtesy: Courtesy;

  /**
   * @param act works on a shard. Throws for what is to be delivered again: the shard stands where its last batch left it.
   * @param courtesy of this container: what it has seen of the stores.
   */
  constructor(ports: ShardPorts, act: (job: Job) => Promise<Walked>, courtesy: Courtesy) {
    this.#ports = ports;
    this.#act = act;
    this.#courtesy = courtesy;
  }

  /** Throws for what is to be delivered again. */
  async work(delivery: Delivery): Promise<void> {
    const { message, task } = delivery;
    const { ledger, count } = this.#ports;
    // A message of an execution that was stopped must not take the shard from whoever has resumed the run.
    if (!(await task.isWanted())) return;
    const loop = delivery.loop();
    if (loop !== null) {
      count('MessageLoops', 1);
      return task.failed(loop.error, loop.cause);
    }
    const run = await ledger.running(message.run);
    if (run === null) return noShard(delivery);
    try {
      await this.#workOn(run, delivery);
    } catch (error) {
      await this.#ended(error, delivery);
    }
  }

  async #workOn(run: Run, delivery: Delivery): Promise<void> {
    const { message, task } = delivery;
    const { phase, ledger, count, now } = this.#ports;
    // A message of a stay that is over takes the shard from nobody.
    requirePhase(run, await phase(run.collection));
    const taken = await ledger.take(run.id, message.shard, now());
    if (taken === null) return noShard(delivery);
    count('ShardsTaken', 1);
    const left = () => delivery.left() - CALLS_OF_BATCH * this.#ports.timing.lastCall;
    const turns = new ShardTurns({ run, shard: message.shard, task, left }, this.#ports, this.#courtesy);
    const job = await this.#job(run, taken, turns, {
      timely: () => left() > 0,
      careful: wantsCare(message, delivery.deliveries, taken.hold.epoch),
    });
    if ((await this.#act(job)) === 'done') return task.done({ shard: message.shard });
    await this.#cut(taken, job);
    // Whose turn never came needs not ask again at once.
    await rest(delivery, turns.hasGranted ? 0 : 1);
  }

  async #ended(error: unknown, delivery: Delivery): Promise<void> {
    const { task } = delivery;
    if (error instanceof PausedByLoad) {
      this.#ports.count('BulkPaused', 1);
      this.#ports.warn('A shard is handed on until Oracle is under less load', { cause: error.message });
    }
    if (error instanceof Paused) {
      // Soon enough for nobody to take it for dead.
      const delay = Math.floor(this.#ports.timing.silence / 2000);
      if (await task.isWanted()) await rest(delivery, delay);
    } else if (error instanceof OperatorNeeded || error instanceof PhaseChanged)
      await task.failed(error.name, error.message);
    // Whoever has overtaken this worker, or resumes the run, does the rest, and tells of it.
    else if (!(error instanceof Overtaken || error instanceof TaskGone)) {
      if (error instanceof StoreUnavailable) this.#courtesy.failed();
      throw error;
    }
  }

  async #job(
    run: Run,
    { hold, row }: Taken,
    turns: ShardTurns,
    how: Pick<Job, 'timely' | 'careful'>,
  ): Promise<Job> {
    const { stores, ledger, pace, load, sendReceipt, now, timing } = this.#ports;
    const { collection, phase } = run;
    const documents = Math.min(BATCH.documents, STEP * (await pace.rate())) * (await load.share());
    return {
      ...{ run, row, hold, phase, both: stores(collection), ledger, now, timeout: timing.call, ...how },
      // Smaller where a store was too slow for as many.
      limits: { ...BATCH, documents: Math.max(1, Math.floor(documents * this.#courtesy.share)) },
      permit: () => turns.permit(),
      turn: (wanted) => turns.turn(wanted),
      setAside: (finding) => turns.setAside(finding),
      repair: permitted(
        () => turns.permit(),
        (key) => askForRepair(sendReceipt, { collection, key, phase }),
      ),
    };
  }

  /** Cuts a shard that is far larger than it was to be: its pieces are worked on side by side, once this round is over. */
  async #cut({ hold }: Taken, { run, row, both }: Job): Promise<void> {
    const { ledger, sample, warn, now } = this.#ports;
    const stands = (await ledger.shards(run.id)).find(({ shard }) => shard === row.shard);
    if (stands === undefined || !tooLarge(stands)) return;
    try {
      const cuts = cutsIn(stands, await sample(both));
      await ledger.split(hold, cuts, stands.upTo, now());
    } catch (error) {
      // It goes on as it is.
      warn('A shard could not be cut', { run: run.id, shard: row.shard, cause: String(error) });
    }
  }
}

/** Hands the shard on where the worker stops in good order: its time is up, or runs are paused. @param delay seconds. */
function rest({ message, handOn }: Delivery, delay: number): Promise<void> {
  return handOn({ ...message, rested: true }, delay);
}

function noShard({ message: { run, shard }, task }: Delivery): Promise<void> {
  return task.failed('NoSuchShard', `The run ${run} has ended, or has no shard ${shard}`);
}
