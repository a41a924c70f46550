/** One delivery of "work on this shard": takes the shard, works on it for as long as there is time, and ends its task or hands it on. */
import { PhaseUnknown } from '../phases/phase_cache.ts';
import type { Phase } from '../protocol/phase.ts';
import { Overtaken, type Run, type ShardRow } from '../records/run.ts';
import { OperatorNeeded, StoreUnavailable } from '../stores/failure.ts';
import { askForRepair } from '../stores/receipt.ts';
import { BATCH, type BatchLimits } from './batches.ts';
import type { Courtesy } from './courtesy.ts';
import { isFault } from './fault.ts';
import { TURN, untilNextLook } from './lanes.ts';
import { PausedByLoad } from './load_watch.ts';
import { Paused } from './pace.ts';
import { PhaseChanged, requirePhase } from './phase_changed.ts';
import { cutsIn, tooLarge } from './plan.ts';
import type { Both, Work } from './ports.ts';
import { ShardAttempt } from './shard_attempt.ts';
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
  /** Whether the message was handed on by another worker, which has stopped in good order then. */
  readonly handedOn: boolean;
  readonly task: ShardTask;
  /** The failure of a message that was handed on without end; null where it may go on. */
  readonly loop: () => { readonly error: string; readonly cause: string } | null;
  /** Milliseconds that are left of the invocation. */
  readonly left: () => number;
  /** Whether the task is a lane: its workers go on to the next shard. Otherwise it is of the version before, and ends with its shard. */
  readonly lane: boolean;
  /** Milliseconds since a worker of this task has last worked on something. */
  readonly waited: () => number;
  /** Sends a message for the worker that goes on. @param delay seconds. @param progressed whether this one has worked on something. */
  readonly handOn: (message: ShardMessage, delay: number, progressed: boolean) => Promise<void>;
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
    try {
      const run = await ledger.running(message.run);
      if (run === null) return await noShard(delivery);
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
    const handedOn = delivery.handedOn && delivery.deliveries === 1;
    const attempt = await ShardAttempt.begin(taken.hold, taken.row, handedOn, this.#ports);
    if (attempt.stop !== null) return task.failed('WorkersDie', attempt.stop);
    try {
      await this.#attempt(run, taken, attempt, delivery);
    } catch (error) {
      // It counts as a death, since the next worker fails at the same document.
      if (!isFault(error)) await attempt.leave();
      throw error;
    }
    await attempt.leave();
  }

  async #attempt(run: Run, taken: Taken, attempt: ShardAttempt, delivery: Delivery): Promise<void> {
    const { message, task } = delivery;
    const left = this.#timeFor(delivery);
    const turns = new ShardTurns({ run, shard: message.shard, task, left }, this.#ports, this.#courtesy);
    // Handed on at once: its next killer has all of the deliveries again.
    if (await attempt.setAside(run, turns)) return rest(delivery, 0, true);
    const job = await this.#job(run, taken, turns, {
      timely: () => left() > 0,
      // A lane's shard had its first epoch when it was given out.
      careful: wantsCare(message, delivery.deliveries, taken.hold.epoch - (delivery.lane ? 1 : 0)),
      alone: attempt.alone,
    });
    if ((await this.#act(job)) === 'done') return this.#done(run, delivery);
    await this.#cut(taken, job);
    // Whose turn never came needs not ask again at once.
    await rest(delivery, turns.hasGranted ? 0 : delayOf(delivery, 1), turns.hasGranted);
  }

  /** Milliseconds that are left for batches. */
  #timeFor({ left, lane }: Delivery): () => number {
    const { clock, timing } = this.#ports;
    const inTime = () => left() - CALLS_OF_BATCH * timing.lastCall;
    const until = clock.steady() + TURN;
    return lane ? () => Math.min(inTime(), until - clock.steady()) : inTime;
  }

  /** A lane goes on with the next shard, which is worked on like one whose last worker has stopped in good order. */
  async #done(run: Run, { message, task, lane, handOn }: Delivery): Promise<void> {
    const next = lane ? await this.#ports.ledger.giveNext(run.id) : null;
    if (next === null) await task.done({ shard: message.shard });
    else await handOn({ ...message, shard: next, rested: true }, 0, true);
  }

  async #ended(error: unknown, delivery: Delivery): Promise<void> {
    if (error instanceof PausedByLoad) {
      this.#ports.count('BulkPaused', 1);
      this.#ports.warn('A shard is handed on until Oracle is under less load', { cause: error.message });
    }
    const { task, lane, message, handOn } = delivery;
    // Soon enough for nobody to take a task of the version before for dead.
    const delay = delayOf(delivery, Math.floor(this.#ports.timing.silence / 2000));
    if (error instanceof Paused) {
      if (await task.isWanted()) await rest(delivery, delay, false);
    } else if (lane && isPassing(error)) {
      this.#courtesy.failed();
      const { rested: _, ...careful } = message;
      if (await task.isWanted()) await handOn(careful, delay, false);
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
    how: Pick<Job, 'timely' | 'careful' | 'alone'>,
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
      setAside: async (finding) => void (await turns.setAside(finding)),
      repair: permitted(
        () => turns.permit(),
        (key) => askForRepair(sendReceipt, { collection, key, phase }),
      ),
    };
  }

  /** Cuts a shard that is far larger than it was to be: its pieces are worked on side by side. */
  async #cut({ hold }: Taken, { run, row, both }: Job): Promise<void> {
    const { ledger, sample, warn, now } = this.#ports;
    const stands = await ledger.shard(run.id, row.shard);
    if (stands === null || !tooLarge(stands, row.listed)) return;
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
function rest({ message, handOn }: Delivery, delay: number, progressed: boolean): Promise<void> {
  return handOn({ ...message, rested: true }, delay, progressed);
}

/** Seconds until the next look of a worker that cannot go on. */
function delayOf({ lane, waited }: Delivery, least: number): number {
  return lane ? untilNextLook(waited(), least) : least;
}

/** Whether it is over by itself one day, however long it takes: it uses up no deliveries. */
function isPassing(error: unknown): boolean {
  return error instanceof StoreUnavailable || error instanceof PhaseUnknown;
}

function noShard({ message: { run, shard }, task }: Delivery): Promise<void> {
  return task.failed('NoSuchShard', `The run ${run} has ended, or has no shard ${shard}`);
}
