/** Lambda stops a sandbox after its answer: a failover that was noticed is noted before it. */
import assert from 'node:assert/strict';
import { beforeEach, type TestContext, test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import middy from '@middy/core';
import type { Context } from 'aws-lambda';
import { noteChanges } from '../../functions/edge/note_changes.ts';
import { type FailoverWatch, failoverWatch } from '../../functions/identity/failovers.ts';

const BAKE = 50_000;
const LEFT = 20_000;

/** A sandbox whose timers, and so all answers of Oracle, stop as soon as the function has answered. */
class Sandbox {
  /** Milliseconds that Oracle takes for an answer. */
  oracle = 5;
  time = 1_000_000;
  calls = 0;
  fails = false;
  readonly ledger = new Map<number, string>();
  readonly noted: string[] = [];
  readonly #context: TestContext;
  readonly #failovers: FailoverWatch;

  constructor(context: TestContext) {
    this.#context = context;
    context.mock.timers.enable({ apis: ['setTimeout'] });
    this.#failovers = failoverWatch({
      buckets: new Map([['shop', { collections: ['orders'], notDurable: ['orders'] }]]),
      phase: async () => 'expand',
      known: () => this.#asked(() => new Map(this.ledger)),
      remember: (_, seen) =>
        this.#asked(() => {
          for (const { id, uuid } of seen) this.ledger.set(id, uuid);
        }),
      note: (collection) => this.#asked(() => this.noted.push(collection)),
      ...{ told: () => {}, failed: () => {}, now: () => this.time, bake: BAKE },
    });
  }

  async #asked<A>(act: () => A): Promise<A> {
    this.calls++;
    await new Promise<void>((resolve) => void setTimeout(resolve, this.oracle));
    return act();
  }

  /** Handles a request that makes one mutation. @returns milliseconds that it took. */
  async request(uuid: string, remaining = LEFT): Promise<number> {
    const handler = middy()
      .use(noteChanges(this.#failovers))
      .handler(async () => {
        this.#failovers.see('shop', { id: 1, uuid });
        if (this.fails) throw new Error('a fault of ours');
      });
    const context = { getRemainingTimeInMillis: () => remaining } as Context;
    let answered = false;
    handler({}, context)
      .catch(() => {})
      .finally(() => {
        answered = true;
      });
    for (let waited = 0; waited < LEFT; waited++) {
      for (let turn = 0; turn < 20; turn++) await setImmediate();
      if (answered) return waited;
      this.#context.mock.timers.tick(1);
      this.time++;
    }
    return assert.fail('the function does not answer');
  }
}

let sandbox: Sandbox;
beforeEach((context) => {
  sandbox = new Sandbox(context as TestContext);
});

test('a change is noted before the answer, and a request that sees none waits for nothing', async () => {
  assert.ok((await sandbox.request('a')) <= 15, 'the first look at the ledger');
  assert.deepEqual([...sandbox.ledger], [[1, 'a']]);
  const { calls } = sandbox;
  assert.equal(await sandbox.request('a'), 0);
  assert.equal(sandbox.calls, calls);
  assert.ok((await sandbox.request('b')) <= 20);
  assert.deepEqual([sandbox.noted, [...sandbox.ledger]], [['orders'], [[1, 'b']]]);
});

test('a container that was begun after the failover notes it in its first request', async () => {
  sandbox.ledger.set(1, 'a');
  await sandbox.request('b');
  assert.deepEqual([sandbox.noted, [...sandbox.ledger]], [['orders'], [[1, 'b']]]);
});

test('a change is noted where the request fails, too', async () => {
  sandbox.ledger.set(1, 'a');
  sandbox.fails = true;
  await sandbox.request('b');
  assert.deepEqual(sandbox.noted, ['orders']);
});

test('a request waits for 250 ms at most, and not where its time is up', async () => {
  sandbox.ledger.set(1, 'a');
  sandbox.oracle = 10_000;
  assert.equal(await sandbox.request('b'), 250);
  assert.equal(await sandbox.request('b', 600), 100);
  assert.equal(await sandbox.request('b', 400), 0);
});
