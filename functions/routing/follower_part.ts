/** The part of a write that the follower has: bounded in time, and skipped where the follower is not to be asked. */
import { type Call, CallFailed, type CallName, type Reply } from '../protocol/call.ts';
import { type Phase, ROUTES, type StoreName } from '../protocol/phase.ts';
import { StoreUnavailable } from '../stores/failure.ts';
import type { IsAwaited } from '../stores/port.ts';
import { type Bulkheads, type Health, inTime } from './bulkheads.ts';

type StorePort = (call: Call, isAwaited?: IsAwaited) => Promise<Reply>;

/** The follower was not asked, or was not waited for any longer. To the protocol's steps it is a call that has failed: the receipt stands in. */
export class WithoutFollower extends CallFailed {
  override readonly name = 'WithoutFollower';

  constructor(store: StoreName, kind: 'skipped' | 'late') {
    super(
      kind === 'skipped'
        ? `FOLLOWER_SKIPPED: ${store} follows, and is not asked, since its last calls have failed or were late. The receipt of the write is in the queue, and settles the key`
        : `FOLLOWER_LATE: ${store} follows, and has not answered within its time. The receipt of the write is in the queue, and settles the key`,
    );
  }
}

/** The store that a write of a phase can be acknowledged without; null where each store is needed, or there is one only. */
export function followerOf(phase: Phase): StoreName | null {
  const { second, acknowledge } = ROUTES[phase];
  return acknowledge === 'first' ? second : null;
}

/**
 * A read is given up without harm, and a call of Oracle sends nothing more. But the Couchbase driver may send a mutation again by itself until its
 * time is over: where the function is frozen meanwhile, that would be when it goes on, long after the bake of a move. So it is waited for.
 */
const GIVEN_UP: ReadonlySet<CallName> = new Set<CallName>(['couchbase.read', 'oracle.apply']);

/**
 * - The follower is waited for as long as its calls usually take, counted from the first one of the write.
 * - It is skipped, or given up, only once the queue has confirmed the receipt. Otherwise it is waited for until its call has ended.
 * - A call that was given up sends nothing that it has not sent yet: see `IsAwaited`.
 */
export class FollowerPart {
  readonly #port: StorePort;
  readonly #phase: Phase;
  readonly #store: StoreName;
  readonly #sent: () => Promise<boolean>;
  readonly #bulkheads: Bulkheads;
  readonly #health: Health;
  readonly #isCrowded: boolean;
  readonly #noted: (took: number | 'failed') => void;
  #began: number | null = null;
  #budget: number | null = null;
  /** How long its calls have taken; null where the last one was not answered. */
  #answered: number | null = null;
  /** Whether its health knows already that it has failed, or was late. */
  #hasFailed = false;
  #missing: 'skipped' | 'late' | null = null;

  /**
   * @param sent whether the queue has the receipt of this write, once that is known.
   * @param isCrowded whether calls of earlier writes of its key still wait for a store: then the follower is skipped.
   * @param noted is told how many milliseconds its calls have taken, or that the write has gone on without them.
   */
  constructor(
    port: StorePort,
    phase: Phase,
    store: StoreName,
    sent: () => Promise<boolean>,
    bulkheads: Bulkheads,
    isCrowded = false,
    noted: (took: number | 'failed') => void = () => {},
  ) {
    this.#port = port;
    this.#phase = phase;
    this.#store = store;
    this.#sent = sent;
    this.#bulkheads = bulkheads;
    this.#health = bulkheads.followers[store];
    this.#isCrowded = isCrowded;
    this.#noted = noted;
  }

  readonly port = async (call: Call): Promise<Reply> => {
    if (!call.name.startsWith(`${this.#store}.`)) return this.#port(call);
    const now = this.#bulkheads.timer.now();
    if (this.#began === null) {
      this.#began = now;
      this.#budget = this.#isCrowded ? null : this.#health.budget(now);
    }
    if (this.#budget === null) {
      // The store may be well: of this key it has not answered yet.
      if (await this.#sent()) throw this.#without(this.#isCrowded ? 'late' : 'skipped');
      return this.#port(call);
    }
    return this.#watched(call, this.#began, Math.max(0, this.#began + this.#budget - now));
  };

  /** To be called once when the write has ended. @param acknowledged whether its client is told that it took effect. */
  end(acknowledged: boolean): void {
    if (this.#answered !== null && !this.#hasFailed) this.#health.answered(this.#answered);
    // Of a crowded key it was not asked, which says nothing of the store.
    if (this.#began !== null && !this.#isCrowded) this.#noted(this.#answered ?? 'failed');
    if (acknowledged && this.#missing !== null)
      this.#bulkheads.log.withoutFollower(this.#missing, this.#store, this.#phase);
  }

  async #watched(call: Call, began: number, left: number): Promise<Reply> {
    const { timer } = this.#bulkheads;
    try {
      const reply = await this.#inTime(call, began, left);
      this.#answered = timer.now() - began;
      return reply;
    } catch (error) {
      this.#answered = null;
      if (error instanceof StoreUnavailable) this.#failed();
      throw error;
    }
  }

  async #inTime(call: Call, began: number, left: number): Promise<Reply> {
    const { timer } = this.#bulkheads;
    let isAwaited = true;
    const calling = this.#port(call, () => isAwaited);
    const answer = calling.then((reply) => ({ reply }));
    const first = await inTime(timer, answer, left);
    if (first !== 'late') return first.reply;
    this.#failed();
    answer.then(
      () => this.#health.learn(timer.now() - began),
      () => {},
    );
    if (!GIVEN_UP.has(call.name)) return this.#heldUp(answer);
    const confirmed = this.#sent().then((sent) => (sent ? null : answer));
    const second = await Promise.race([answer, confirmed]);
    if (second !== null) return this.#heldUp(answer);
    isAwaited = false;
    throw this.#without('late');
  }

  async #heldUp(answer: Promise<{ readonly reply: Reply }>): Promise<Reply> {
    try {
      return (await answer).reply;
    } finally {
      this.#health.heldUp(this.#bulkheads.timer.now());
    }
  }

  #failed(): void {
    if (!this.#hasFailed) this.#health.failed(this.#bulkheads.timer.now());
    this.#hasFailed = true;
  }

  #without(kind: 'skipped' | 'late'): WithoutFollower {
    this.#missing = kind;
    return new WithoutFollower(this.#store, kind);
  }
}
