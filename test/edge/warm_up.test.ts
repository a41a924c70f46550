import assert from 'node:assert/strict';
import { test } from 'node:test';
import { warmUp } from '../../functions/edge/warm_up.ts';
import type { Phase, StoreName } from '../../functions/protocol/phase.ts';

const NEVER = new Promise<never>(() => {});

/** What a warm-up did, in order. @param phases by collection; null where the phase cannot be read. */
async function warmed(
  phases: Readonly<Record<string, Phase | null>>,
  open: (store: StoreName) => Promise<unknown> = async () => {},
  sleep: (milliseconds: number) => Promise<unknown> = () => NEVER,
): Promise<string[]> {
  const done: string[] = [];
  await warmUp({
    collections: Object.keys(phases),
    phaseOf: async (name) => {
      await null;
      done.push(`phase of ${name}`);
      return phases[name] ?? Promise.reject(new Error('no phase'));
    },
    open: (store, name) => {
      done.push(`${store} for ${name}`);
      return open(store);
    },
    sleep,
  });
  return done;
}

test('a warm-up opens the stores that the phases need, each once, and no other', async () => {
  for (const [phases, opened] of [
    [{ a: 'legacy' }, ['couchbase for a']],
    [{ a: 'contract', b: 'contract' }, ['oracle for a']],
    [{ a: 'contract', b: 'legacy' }, ['oracle for a', 'couchbase for b']],
    [{ a: 'expand' }, ['couchbase for a', 'oracle for a']],
    [{ a: 'settle', b: 'expand' }, ['oracle for a', 'couchbase for a']],
    [{ a: null, b: 'legacy' }, ['couchbase for b']],
    [{ a: null }, []],
  ] as const) {
    const names = Object.keys(phases).map((name) => `phase of ${name}`);
    assert.deepEqual(await warmed(phases), [...names, ...opened], JSON.stringify(phases));
  }
});

test('a store that is away does not fail the start', async () => {
  await warmed({ a: 'seal' }, () => Promise.reject(new Error('away')));
});

test('a store that does not answer holds up the start for 4 s at most, and the other one is opened all the same', {
  timeout: 5000,
}, async () => {
  const asked: number[] = [];
  const elapsed = Promise.withResolvers<void>();
  const done = await warmed(
    { a: 'switch' },
    (store) => (store === 'couchbase' ? NEVER : Promise.resolve(elapsed.resolve())),
    (milliseconds) => {
      asked.push(milliseconds);
      return elapsed.promise;
    },
  );
  assert.deepEqual(asked, [4000]);
  assert.deepEqual(done, ['phase of a', 'couchbase for a', 'oracle for a']);
});

test('a store that only follows holds up the start for 1.5 s at most, and one that some collection needs for 4 s', {
  timeout: 5000,
}, async () => {
  for (const [phases, longest] of [
    [{ a: 'expand' }, [4000, 1500]],
    [{ a: 'expand', b: 'settle' }, [4000]],
    [{ a: 'seal', b: 'expand' }, [4000]],
  ] as const) {
    const asked: number[] = [];
    const sleep = async (milliseconds: number) => {
      asked.push(milliseconds);
      // The shortest one is over first.
      if (milliseconds !== longest.at(-1)) await NEVER;
      await new Promise((resolve) => setImmediate(resolve));
    };
    const open = (store: StoreName) => (store === 'oracle' ? NEVER : Promise.resolve());
    await warmed(phases, open, sleep);
    assert.deepEqual(asked, longest, JSON.stringify(phases));
  }
});

test('phases that cannot be read hold up the start for 4 s at most', { timeout: 5000 }, async () => {
  const hung = { collections: ['a'], phaseOf: () => NEVER, open: () => NEVER };
  await warmUp({ ...hung, sleep: async () => {} });
});
