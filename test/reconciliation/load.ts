/**
 * The heaviest load that the API of the shipped settings can take, in one phase: each of its containers writes one document after the other,
 * and the containers of the reconciler settle the receipts. Time is virtual, and each call to a store takes as long as any other.
 */
import assert from 'node:assert/strict';
import { INITIAL_PHASE } from '../../functions/phases/effective_phase.ts';
import { CallFailed, perform } from '../../functions/protocol/call.ts';
import { UNCONDITIONAL } from '../../functions/protocol/condition.ts';
import { type Phase, ROUTES } from '../../functions/protocol/phase.ts';
import { write } from '../../functions/protocol/write.ts';
import { BatchWorker } from '../../functions/reconciliation/batch.ts';
import { newBreaker } from '../../functions/reconciliation/breaker.ts';
import { OncePerInvocation } from '../../functions/reconciliation/once.ts';
import { ReceiptWorker, type Received } from '../../functions/reconciliation/receipt_worker.ts';
import type { Fate } from '../../functions/reconciliation/reconciler.ts';
import { readAlong } from '../../functions/stores/couchbase/read_along.ts';
import { portOf } from '../../functions/stores/port.ts';
import config from '../shop.config.ts';
import { lasting, Scheduler } from '../simulation/scheduler.ts';
import { document } from '../stores/contract/subject.ts';
import { Reference } from '../stores/reference.ts';
import { World } from './batch_world.ts';

/** Milliseconds: of a bake, of a call to a store, and of one to SQS. */
export const BAKE = 5000;
const [CALL, RECEIVE] = [50, 10];
export const KEYS = Array.from({ length: 3000 }, (_, n) => `k${n}`);
const { concurrency } = config.deployment;

interface Message {
  readonly body: string;
  readonly due: number;
  /** It is delivered once more, since its first delivery came to nothing. */
  readonly again?: true;
}

export class Load {
  readonly scheduler = new Scheduler(1);
  readonly stores = new Reference(() => 0);
  readonly queue: Message[] = [];
  readonly phase: Phase;
  /** One write of so many leaves its second store to its receipt; 0 for none. */
  readonly #missed: number;
  /** The first delivery of one receipt of so many comes to nothing, and after how many milliseconds it comes again; null for none. */
  readonly #lost: { readonly of: number; readonly hidden: number } | null;
  readonly #again: Message[] = [];
  #received = 0;
  sent = 0;
  settled = 0;
  /** Receipts that the reconciler has in hand. */
  inWork = 0;
  /** The longest time from when a receipt was due until it was settled, of those that are delivered once. */
  longest = 0;

  constructor(
    phase: Phase,
    missed = 0,
    lost: { readonly of: number; readonly hidden: number } | null = null,
  ) {
    this.phase = phase;
    this.#missed = missed;
    this.#lost = lost;
  }

  /** Begins to write and to settle, with so many containers of each. @param window seconds. */
  begin(batch: number, window: number, reconcilers: number = concurrency.reconcile): void {
    for (let n = 0; n < concurrency.api; n++) this.#write(n);
    for (let n = 0; n < reconcilers; n++) this.#settle(batch, window);
  }

  pause(milliseconds: number): Promise<void> {
    return this.scheduler.sleep(lasting('load'), milliseconds);
  }

  async call<R>(result: () => Promise<R>): Promise<R> {
    await this.pause(CALL);
    return result();
  }

  /** One container of the API. */
  async #write(first: number): Promise<void> {
    for (let n = first; ; n += concurrency.api) {
      const key = KEYS[n % KEYS.length] as string;
      const port = portOf(key, { ...this.stores, receipt: this.stores.receipt });
      const misses = this.#missed > 0 && n % this.#missed === 0;
      const steps = write(this.phase, { content: document(String(n)), condition: UNCONDITIONAL });
      await perform(steps, async (call) => {
        if (call.name === 'receipt.send') this.#send(key);
        if (call.name.startsWith('receipt')) return port(call);
        if (misses && call.name.startsWith(ROUTES[this.phase].second ?? 'none')) throw new CallFailed('Away');
        return this.call(() => port(call));
      });
    }
  }

  #send(key: string): void {
    this.queue.push({ body: `${key} write`, due: this.scheduler.now + BAKE });
    this.sent++;
  }

  /** One container of the reconciler, with what invokes it. */
  async #settle(batch: number, window: number): Promise<void> {
    const worker = this.#worker();
    for (;;) {
      const messages: Message[] = [];
      for (let until = Number.POSITIVE_INFINITY; messages.length < batch && this.scheduler.now < until; ) {
        await this.pause(RECEIVE);
        const { length } = messages;
        messages.push(...this.#receive(Math.min(batch, length + 10) - length));
        this.inWork += messages.length - length;
        if (length === 0 && messages.length > 0) until = this.scheduler.now + window * 1000;
      }
      assert.deepEqual(await worker(messages), []);
      this.settled += messages.length;
      this.inWork -= messages.length;
      for (const { due, again } of messages)
        if (again !== true) this.longest = Math.max(this.longest, this.scheduler.now - due);
    }
  }

  #receive(most: number): Message[] {
    const { now } = this.scheduler;
    const messages: Message[] = [];
    while (messages.length < most) {
      const from = [this.#again, this.queue].find((queue) => (queue[0]?.due ?? now + 1) <= now);
      if (from === undefined) break;
      const message = from.shift() as Message;
      const isLost = from === this.queue && this.#lost !== null && this.#received++ % this.#lost.of === 0;
      if (isLost) this.#again.push({ ...message, due: now + (this.#lost?.hidden ?? 0), again: true });
      else messages.push(message);
    }
    return messages;
  }

  #worker() {
    const { couchbase, oracle } = this.stores;
    const free = Array<number>(config.connections).fill(0);
    /** A call in one of the container's sessions, once one is free. */
    const inSession = async <R>(result: () => Promise<R>): Promise<R> => {
      const at = free.indexOf(Math.min(...free));
      free[at] = Math.max(free[at] as number, this.scheduler.now) + CALL;
      await this.pause((free[at] as number) - this.scheduler.now);
      return result();
    };
    const readCouchbase = (key: string) => this.call(() => couchbase.read(key, {}));
    const ports = {
      ...new World().ports,
      suspects: new World().suspects,
      stores: () => ({
        couchbase: { ...couchbase, read: readCouchbase },
        oracle: { ...oracle, read: (key: string) => inSession(() => oracle.read(key, {})) },
      }),
      phase: async () => ({ ...INITIAL_PHASE, phase: this.phase }),
      reads: () => ({
        couchbase: (keys: readonly string[]) =>
          readAlong({ read: readCouchbase }, keys, { concurrency: 16, most: 1e9, timely: () => true }),
        oracle: (keys: readonly string[]) =>
          inSession(() => Promise.all(keys.map((key) => oracle.read(key, {})))),
      }),
    };
    const memory = { breaker: newBreaker(), once: new OncePerInvocation<Fate>() };
    const receipts = new BatchWorker(ports, memory, new ReceiptWorker(ports, memory));
    return (messages: readonly Message[]) => {
      const invocation = {};
      const received = messages.map(
        ({ body }, n): Received => ({
          ...{ body, messageId: String(n), deliveries: 1, sent: 0, invocation, loop: null },
          timely: () => true,
          send: async () => true,
          hide: async () => {},
        }),
      );
      return receipts.work(received, () => true);
    };
  }
}
