/**
 * Receipts under the heaviest load that the API of the shipped settings can take: each of its containers writes one document after the other.
 * Gates open where receipts are settled faster than they come. Time is virtual, and each call to a store takes as long as any other.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { INITIAL_PHASE } from '../../functions/phases/effective_phase.ts';
import { BatchWorker } from '../../functions/reconciliation/batch.ts';
import { Breaker } from '../../functions/reconciliation/breaker.ts';
import { OncePerInvocation } from '../../functions/reconciliation/once.ts';
import { ReceiptWorker, type Received } from '../../functions/reconciliation/receipt_worker.ts';
import type { Fate } from '../../functions/reconciliation/reconciler.ts';
import { readAlong } from '../../functions/stores/couchbase/read_along.ts';
import { receiptBatch } from '../../infra/receipt_settings.ts';
import config from '../shop.config.ts';
import { lasting, Scheduler } from '../simulation/scheduler.ts';
import { document } from '../stores/contract/subject.ts';
import { Reference } from '../stores/reference.ts';
import { World } from './batch_world.ts';

/** Milliseconds: of a call to a store, of one to SQS, of a bake, and of the whole run. */
const [CALL, RECEIVE, BAKE, RUN] = [50, 10, 5000, 16_000];
const KEYS = 3000;
const { concurrency } = config.deployment;

interface Message {
  readonly body: string;
  readonly due: number;
}

class Load {
  readonly scheduler = new Scheduler(1);
  readonly stores = new Reference(() => 0);
  readonly queue: Message[] = [];
  sent = 0;
  settled = 0;
  /** The longest time from when a receipt was due until it was settled. */
  longest = 0;

  pause(milliseconds: number): Promise<void> {
    return this.scheduler.sleep(lasting('load'), milliseconds);
  }

  async call<R>(result: () => Promise<R>): Promise<R> {
    await this.pause(CALL);
    return result();
  }

  /** One container of the API. */
  async write(first: number): Promise<void> {
    for (let n = first; ; n += concurrency.api) {
      const [key, content] = [`k${n % KEYS}`, document(String(n))];
      const version = await this.call(() => this.stores.couchbase.upsert(key, { content }));
      await this.call(() => this.stores.oracle.apply(key, { content, version }));
      this.queue.push({ body: `${key} write`, due: this.scheduler.now + BAKE });
      this.sent++;
    }
  }

  /** One container of the reconciler, with what invokes it. */
  async settle(batch: number, window: number): Promise<void> {
    const worker = this.worker();
    for (;;) {
      const messages: Message[] = [];
      for (let until = Number.POSITIVE_INFINITY; messages.length < batch && this.scheduler.now < until; ) {
        await this.pause(RECEIVE);
        const { length } = messages;
        while (messages.length < Math.min(batch, length + 10) && this.isDue())
          messages.push(this.queue.shift() as Message);
        if (length === 0 && messages.length > 0) until = this.scheduler.now + window * 1000;
      }
      assert.deepEqual(await worker(messages), []);
      this.settled += messages.length;
      for (const { due } of messages) this.longest = Math.max(this.longest, this.scheduler.now - due);
    }
  }

  isDue(): boolean {
    return (this.queue[0]?.due ?? Number.POSITIVE_INFINITY) <= this.scheduler.now;
  }

  worker() {
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
      phase: async () => ({ ...INITIAL_PHASE, phase: 'expand' as const }),
      reads: () => ({
        couchbase: (keys: readonly string[]) =>
          readAlong({ read: readCouchbase }, keys, { concurrency: 16, most: 1e9, timely: () => true }),
        oracle: (keys: readonly string[]) =>
          inSession(() => Promise.all(keys.map((key) => oracle.read(key, {})))),
      }),
    };
    const memory = { breaker: new Breaker(), once: new OncePerInvocation<Fate>() };
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

async function under(batch: number, window: number): Promise<Load> {
  const load = new Load();
  for (let n = 0; n < concurrency.api; n++) load.write(n);
  for (let n = 0; n < concurrency.reconcile; n++) load.settle(batch, window);
  await load.scheduler.run(() => load.scheduler.now >= RUN, 10_000_000);
  return load;
}

test('with the shipped settings no receipt is late while all containers of the API write', async (t) => {
  const { batch, window } = receiptBatch({ ...config.deployment, receipts: {} });
  const load = await under(batch, window);
  t.diagnostic(`${load.sent} sent, ${load.settled} settled, at most ${load.longest} ms after they were due`);
  assert.ok(load.sent > 4000, `${load.sent} receipts`);
  assert.ok(load.longest <= 3000, `${load.longest} ms`);
  assert.equal(load.queue.filter(({ due }) => due < RUN - 3000).length, 0);
});

test('in batches of ten they would fall behind, and further with each second', async () => {
  const load = await under(10, 0);
  assert.ok(load.longest > 3000, `${load.longest} ms`);
});
