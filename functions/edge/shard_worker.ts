/** What all workers on shards have around them: who waits for them, how fast they may go, and who goes on when their time is up. */
import { MetricUnit } from '@aws-lambda-powertools/metrics';
import { SFNClient } from '@aws-sdk/client-sfn';
import { SendMessageCommand } from '@aws-sdk/client-sqs';
import type { Context, SQSRecord } from 'aws-lambda';
import { beat, lastCall, lastsAfterLook, silence } from '../configuration/configuration.ts';
import type { Phase } from '../protocol/phase.ts';
import type { Finding } from '../records/finding.ts';
import { type Hold, Overtaken, type Run, type ShardRow } from '../records/run.ts';
import { BATCH, type BatchLimits } from '../runs/batches.ts';
import { Courtesy } from '../runs/courtesy.ts';
import { Paused } from '../runs/pace.ts';
import { PhaseChanged, requirePhase } from '../runs/phase_changed.ts';
import { cutsIn, tooLarge } from '../runs/plan.ts';
import { sample, type Work } from '../runs/ports.ts';
import { BadShardMessage, parseShardMessage, type ShardMessage, wantsCare } from '../runs/shard_message.ts';
import { permitted, Turns } from '../runs/turn.ts';
import type { Walked } from '../runs/walk_shard.ts';
import { OperatorNeeded, StoreUnavailable } from '../stores/failure.ts';
import { askForRepair } from '../stores/receipt.ts';
import type { Container } from './container.ts';
import { setterAside } from './dead_letters.ts';
import { type Hops, handedOn, hopsOf, LOOP, loopIn } from './hops.ts';
import { bury, type KeepLetter, receiptText } from './queue.ts';
import type { StorePair } from './stores.ts';
import { Task, TaskGone } from './task.ts';
import { worker } from './worker.ts';

/** One shard, and what there is to work on it with. */
export interface Job extends Work {
  readonly run: Run;
  readonly row: ShardRow;
  readonly phase: Phase;
  readonly both: StorePair;
  readonly limits: BatchLimits;
  /** Whether anything was worked on yet. */
  readonly hasWalked: () => boolean;
}

export interface Queues {
  readonly SHARDS_QUEUE: string;
  readonly DEAD_LETTERS_QUEUE: string;
}

/** Seconds that a batch takes of the pace at most: a slow one goes in small steps, so that it can be changed soon. */
const STEP = 2;

export class ShardWorker {
  readonly #container: Container;
  readonly #queues: Queues;
  readonly #patient: boolean;
  readonly #act: (job: Job) => Promise<Walked>;
  /** Of this container: what it has seen of the stores. */
  readonly #courtesy = new Courtesy();
  readonly #states = new SFNClient();

  /**
   * @param patient whether it lets those go first who are not.
   * @param act works on a shard. Throws for what is to be delivered again: the shard stands where its last batch left it.
   */
  constructor(container: Container, queues: Queues, patient: boolean, act: (job: Job) => Promise<Walked>) {
    this.#container = container;
    this.#queues = queues;
    this.#patient = patient;
    this.#act = act;
  }

  handler() {
    const { logger, metrics } = this.#container;
    return worker(logger, metrics, (record, context) => this.#handle(record, context));
  }

  async #handle(record: SQSRecord, context: Context): Promise<void> {
    const { body, messageId } = record;
    const { logger, queues, keepLetter } = this.#container;
    try {
      await this.#work(parseShardMessage(body), record, context);
    } catch (error) {
      if (!(error instanceof BadShardMessage)) {
        logger.warn('A shard is to be delivered again', { messageId, body, cause: String(error) });
        throw error;
      }
      logger.error('A message names no shard', error);
      await setterAside(queues, this.#queues.DEAD_LETTERS_QUEUE, keepLetter)(body, error.message);
    }
  }

  async #work(message: ShardMessage, record: SQSRecord, context: Context): Promise<void> {
    const { stores, phases, metrics, configuration, now } = this.#container;
    const { run: id, shard } = message;
    const task = new Task(this.#states, message.token, beat(configuration.timing), () => performance.now());
    // A message of an execution that was stopped must not take the shard from whoever has resumed the run.
    if (!(await task.isWanted())) return;
    const hops = hopsOf(record);
    const loop = loopIn(hops, Date.now());
    if (loop !== null) {
      metrics.addMetric('MessageLoops', MetricUnit.Count, 1);
      return task.failed(LOOP, loop);
    }
    const run = await stores.ledger.running(id);
    const gone = () => task.failed('NoSuchShard', `The run ${id} has ended, or has no shard ${shard}`);
    if (run === null) return gone();
    try {
      // A message of a stay that is over takes the shard from nobody.
      requirePhase(run, await phases.current(run.collection));
      const taken = await stores.ledger.take(id, shard, now());
      if (taken === null) return await gone();
      metrics.addMetric('ShardsTaken', MetricUnit.Count, 1);
      const careful = wantsCare(message, Number(record.attributes.ApproximateReceiveCount), taken.hold.epoch);
      const job = await this.#job(run, taken, careful, task, context);
      if ((await this.#act(job)) === 'done') return await task.done({ shard });
      await this.#cut(taken.hold, job);
      // Whose turn never came needs not ask again at once.
      await this.#goOn(message, hops, job.hasWalked() ? 0 : 1);
    } catch (error) {
      await this.#ended(error, message, hops, task);
    }
  }

  async #ended(error: unknown, message: ShardMessage, hops: Hops, task: Task): Promise<void> {
    if (error instanceof Paused) {
      // Soon enough for nobody to take it for dead.
      if (await task.isWanted())
        await this.#goOn(message, hops, Math.floor(silence(this.#container.configuration.timing) / 2000));
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
    { hold, row }: { hold: Hold; row: ShardRow },
    careful: boolean,
    task: Task,
    context: Context,
  ): Promise<Job> {
    const { stores, pace, configuration, sendReceipt, keepLetter, now } = this.#container;
    const { timing } = configuration;
    // A batch is several calls after each other.
    const left = () => context.getRemainingTimeInMillis() - 3 * lastCall(timing);
    const { collection, phase } = run;
    const turns = this.#turns(run, task, left);
    let walked = false;
    // When the last batch ended. While one is acted on, the next is prepared.
    let ended = Number.NEGATIVE_INFINITY;
    // They are written after their batch: within it, another connection would wait for the one that waits for it. The queue has their
    // messages before, so that they outlive this worker.
    const letters: Parameters<KeepLetter>[] = [];
    return {
      ...{ run, row, hold, phase, both: stores.of(collection), ledger: stores.ledger },
      ...{ now, timeout: timing.call, timely: () => left() > 0, hasWalked: () => walked, careful },
      limits: {
        ...BATCH,
        // Smaller where a store was too slow for as many.
        documents: Math.max(
          1,
          Math.floor(Math.min(BATCH.documents, STEP * (await pace.rate())) * this.#courtesy.share),
        ),
      },
      permit: () => turns.permit(),
      turn: async (documents) => {
        const granted = await turns.wait(documents);
        walked ||= granted;
        const began = performance.now();
        const over = async () => {
          for (const letter of letters.splice(0)) await keepLetter(...letter);
          const at = performance.now();
          // What it has waited for the batch before is none of its own time.
          this.#courtesy.took(at - Math.max(began, ended), documents);
          ended = at;
          this.#container.metrics.addMetric('DocumentsWalked', MetricUnit.Count, documents);
          await task.alive();
        };
        return granted ? { over } : null;
      },
      setAside: async (finding) => {
        letters.push(await this.#setAside(run, row.shard, finding));
      },
      repair: permitted(
        () => turns.permit(),
        (key) => askForRepair(sendReceipt, { collection, key, phase }),
      ),
    };
  }

  #turns(run: Run, task: Task, left: () => number): Turns {
    const { pace, phases, configuration } = this.#container;
    const { timing } = configuration;
    const alive = () => task.alive();
    return new Turns(run, {
      phase: async () => {
        const effective = await phases.current(run.collection);
        if (changes(run)) await this.#container.stores.identity.require(run.collection, effective.phase);
        return effective;
      },
      wait: (documents) =>
        pace.wait(documents / this.#courtesy.share, left(), { patient: this.#patient, alive }),
      timely: () => left() > 0,
      clock: { wall: () => Date.now(), steady: () => performance.now() },
      lasts: lastsAfterLook(timing),
    });
  }

  /** @returns the letter that is to be written. */
  async #setAside(
    { id, collection, phase }: Run,
    shard: number,
    { key, detail }: Finding,
  ): Promise<Parameters<KeepLetter>> {
    this.#container.metrics.addMetric('DocumentsSetAside', MetricUnit.Count, 1);
    // As a receipt, so that a redrive looks at the key again once it has been mended.
    const receipt = receiptText({ collection, key, phase, cause: 'run', expired: 0n });
    const reason = `${id}, shard ${shard}: ${detail}`;
    const buried = Date.now();
    await bury(this.#container.queues, this.#queues.DEAD_LETTERS_QUEUE, receipt, reason);
    return [receipt, reason, { buried }];
  }

  /** Cuts a shard that is far larger than it was to be: its pieces are worked on side by side, once this round is over. */
  async #cut(hold: Hold, { run, row, both }: Job): Promise<void> {
    const { stores, configuration, logger, now } = this.#container;
    const stands = (await stores.ledger.shards(run.id)).find(({ shard }) => shard === row.shard);
    if (stands === undefined || !tooLarge(stands)) return;
    try {
      const cuts = cutsIn(stands, await sample(both, configuration.timing.call));
      await stores.ledger.split(hold, cuts, stands.upTo, now());
    } catch (error) {
      // It goes on as it is.
      logger.warn('A shard could not be cut', { run: run.id, shard: row.shard, cause: String(error) });
    }
  }

  /** Somebody goes on from where the shard stands. @param delay seconds. */
  async #goOn(message: ShardMessage, hops: Hops, delay: number): Promise<void> {
    const sent = {
      QueueUrl: this.#queues.SHARDS_QUEUE,
      MessageBody: JSON.stringify({ ...message, rested: true }),
      MessageAttributes: handedOn(hops),
    };
    await this.#container.queues.send(new SendMessageCommand({ ...sent, DelaySeconds: delay }));
  }
}

/** Whether a run changes a store: a verification that only compares shows what another store holds. */
function changes({ kind, options }: Run): boolean {
  return kind !== 'verify' || options.repair === true;
}
