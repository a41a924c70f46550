/**
 * What a container has seen of the stores that follow, and of the queue of receipts. A write can be acknowledged without the follower where its
 * receipt is in the queue, so a follower that is silent, slow or failing costs requests no more than a short wait now and then.
 */
import type { Phase, StoreName } from '../protocol/phase.ts';
import { Circuit, type CircuitSettings } from '../stores/circuit.ts';
import { type Bounds, UsualTime } from './usual_time.ts';

/** A trial waits for `budget` at most, so it takes a small share of the time of one container. Normal again within 10 seconds of its return. */
const CIRCUIT: CircuitSettings = { window: 10, failures: 5, pause: 3000, trials: 3 };

export interface Timer {
  /** Milliseconds of a steady clock. */
  now(): number;
  /** Calls back after so many milliseconds. @returns what cancels it. */
  after(milliseconds: number, act: () => void): () => void;
}

/** What an answer comes to, or `late` where that takes longer than so many milliseconds. */
export async function inTime<Answer>(
  timer: Timer,
  answer: Promise<Answer>,
  milliseconds: number,
): Promise<Answer | 'late'> {
  const late = Promise.withResolvers<'late'>();
  const cancel = timer.after(milliseconds, () => late.resolve('late'));
  return Promise.race([answer, late.promise]).finally(cancel);
}

/** What operators get to know. */
export interface BulkheadLog {
  /** A write was acknowledged by its receipt: the follower was not asked, or it has not answered in time. */
  withoutFollower(kind: 'skipped' | 'late', store: StoreName, phase: Phase): void;
  /** The circuit of a follower, or of the queue, has opened or closed. */
  changed(what: StoreName | 'queue', isOpen: boolean): void;
  /** A write was acknowledged by both stores, and its receipt was not waited for any longer. */
  withoutReceipt(): void;
}

/** The state of one dependency: whether it is asked, and for how long it is waited for. */
export class Health {
  readonly #circuit = new Circuit(CIRCUIT);
  readonly #usual: UsualTime;
  readonly #changed: (isOpen: boolean) => void;

  constructor(bounds: Bounds, changed: (isOpen: boolean) => void) {
    this.#usual = new UsualTime(bounds);
    this.#changed = changed;
  }

  /** Milliseconds to wait for an answer; null where it is not to be asked now. */
  budget(now: number): number | null {
    return this.#circuit.open(now) ? null : this.#usual.budget;
  }

  answered(took: number): void {
    this.learn(took);
    this.#noted(() => this.#circuit.answered());
  }

  /** It has failed, or has not answered in time. */
  failed(now: number): void {
    this.#noted(() => this.#circuit.failed(now));
  }

  /** A call that was late has held up its write until now: the pause before the next one begins anew. */
  heldUp(now: number): void {
    if (this.#circuit.isOpen) this.#circuit.failed(now);
  }

  /** Of an answer that came too late. */
  learn(took: number): void {
    this.#usual.note(took);
  }

  #noted(note: () => void): void {
    const before = this.#circuit.isOpen;
    note();
    if (this.#circuit.isOpen !== before) this.#changed(!before);
  }
}

export class Bulkheads {
  readonly timer: Timer;
  readonly log: BulkheadLog;
  readonly queue: Health;
  readonly followers: Readonly<Record<StoreName, Health>>;

  constructor(bounds: Bounds, timer: Timer, log: BulkheadLog) {
    this.timer = timer;
    this.log = log;
    const health = (what: StoreName | 'queue') => new Health(bounds, (isOpen) => log.changed(what, isOpen));
    this.queue = health('queue');
    this.followers = { couchbase: health('couchbase'), oracle: health('oracle') };
  }

  /**
   * Waits for the receipt of a write that both stores have acknowledged: nothing rests on it, and it goes on being sent. Not for longer than it
   * usually takes, or for a moment where the queue has been slow or failing.
   */
  async receiptOf(sent: Promise<boolean>): Promise<void> {
    const { timer, queue, log } = this;
    const began = timer.now();
    const budget = queue.budget(began) ?? 0;
    const outcome = await inTime(timer, sent, budget);
    if (outcome === 'late') {
      log.withoutReceipt();
      if (budget > 0) {
        queue.failed(timer.now());
        sent.then((confirmed) => confirmed && queue.learn(timer.now() - began));
      }
      return;
    }
    if (outcome) queue.answered(timer.now() - began);
    else queue.failed(timer.now());
  }
}
