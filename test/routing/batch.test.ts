import assert from 'node:assert/strict';
import { test } from 'node:test';
import { writeAll } from '../../functions/routing/batch.ts';
import type { WriteRequest } from '../../functions/routing/request.ts';
import type { Router } from '../../functions/routing/router.ts';
import { Window } from '../../functions/routing/window.ts';
import { VirtualTimer } from './virtual_timer.ts';

const SURROUNDINGS = { phase: 'seal', timely: () => true } as const;
const requests = (count: number) =>
  Array.from({ length: count }, (_, n) => ({ key: `k${n}` }) as WriteRequest);

test('each write of a batch has an outcome of its own, in the order of the requests, and few are under way at once', async () => {
  let [under, most] = [0, 0];
  const bug = new Error('bug');
  const router = {
    write: async ({ key }: { readonly key: string }) => {
      most = Math.max(most, ++under);
      await new Promise(setImmediate);
      under--;
      if (key === 'k1') throw bug;
      return { kind: 'written', version: BigInt(key.slice(1)) };
    },
  } as unknown as Router;
  const outcomes = await writeAll(
    router,
    requests(40),
    () => SURROUNDINGS,
    new Window(2),
    () => 0,
  );
  assert.deepEqual(
    outcomes.map((each) => (each.kind === 'written' ? each.version : each)),
    requests(40).map((_, n) => (n === 1 ? { kind: 'failed', error: bug } : BigInt(n))),
  );
  assert.equal(most, 16);
});

/** Sessions that calls wait for, as those of a pool. */
class Sessions {
  readonly timer = new VirtualTimer();
  readonly longest = { wait: 0 };
  readonly #took: number;
  #free: number;
  readonly #waiting: (() => void)[] = [];

  constructor(sessions: number, took: number) {
    this.#free = sessions;
    this.#took = took;
  }

  readonly router = {
    write: async () => {
      const began = this.timer.now();
      if (this.#free > 0) this.#free--;
      else await new Promise<void>((resolve) => this.#waiting.push(resolve));
      this.longest.wait = Math.max(this.longest.wait, this.timer.now() - began);
      await this.timer.sleep(this.#took);
      const next = this.#waiting.shift();
      if (next === undefined) this.#free++;
      else next();
      return { kind: 'written', version: 1n };
    },
  } as unknown as Router;
}

for (const [connections, took] of [
  [1, 2900],
  [2, 700],
  [2, 2900],
  [8, 1400],
] as const)
  test(`no write of a batch waits longer than a call may for one of ${connections} sessions, where each call takes ${took} ms`, async () => {
    const { timer, router, longest } = new Sessions(connections, took);
    const window = new Window(connections);
    const batch = () =>
      timer.run(
        writeAll(
          router,
          requests(100),
          () => SURROUNDINGS,
          window,
          () => timer.now(),
        ),
      );
    const answers = [...(await batch()), ...(await batch())];
    assert.ok(answers.every(({ kind }) => kind === 'written'));
    assert.ok(longest.wait <= 3000, `${longest.wait} ms`);
  });

test('where a store is quick again, more writes of a batch are under way', async () => {
  const { timer, router } = new Sessions(100, 100);
  await timer.run(
    writeAll(
      router,
      requests(100),
      () => SURROUNDINGS,
      new Window(2),
      () => timer.now(),
    ),
  );
  assert.ok(timer.now() <= 1000, `${timer.now()} ms`);
});
