import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PHASES, ROUTES } from '../../functions/protocol/phase.ts';
import { NOTHING } from '../../functions/stores/snapshot.ts';
import { look } from '../../functions/verification/look.ts';

const KEYS = Array.from({ length: 1000 }, (_, n) => `key-${n}`);

/** Both stores, which write down who was asked for what, and tell each key its number. */
function stores() {
  const [begun, ended] = [new Map<string, number>(), new Map<string, number>()];
  let at = 0;
  const limits: number[] = [];
  const seen = (store: string) => async (keys: readonly string[], most: number) => {
    limits.push(most);
    for (const key of keys) begun.set(`${store} ${key}`, at++);
    await new Promise(setImmediate);
    for (const key of keys) ended.set(`${store} ${key}`, at++);
    return keys.map((key) => ({ ...NOTHING, state: `${store} ${key}` }));
  };
  return { begun, ended, limits, looks: { couchbase: seen('couchbase'), oracle: seen('oracle') } };
}

for (const phase of PHASES)
  test(`of every key the follower is looked at first: ${phase}`, async () => {
    const { begun, ended, limits, looks } = stores();
    const pairs = await look(KEYS, looks, phase, 1000);
    for (const [n, key] of KEYS.entries()) {
      assert.equal(pairs[n]?.couchbase.state, `couchbase ${key}`);
      assert.equal(pairs[n]?.oracle.state, `oracle ${key}`);
      const [follower, leader] =
        ROUTES[phase].order === 'oracle' ? ['couchbase', 'oracle'] : ['oracle', 'couchbase'];
      const [early, late] = [ended.get(`${follower} ${key}`), begun.get(`${leader} ${key}`)];
      assert.ok(early !== undefined && late !== undefined && early < late, key);
    }
    const asked = limits.reduce((sum, each) => sum + each, 0);
    assert.ok(asked <= 2 * 1000, `${asked} bytes may be read, of 1000 in each store`);
  });

test('a store that does not answer ends the look', async () => {
  const { looks } = stores();
  const silent = async () => Promise.reject(new Error('silent'));
  await assert.rejects(look(KEYS, { ...looks, oracle: silent }, 'expand'), /silent/);
  await assert.rejects(look(KEYS, { ...looks, couchbase: silent }, 'expand'), /silent/);
  assert.deepEqual(await look([], { couchbase: silent, oracle: silent }, 'expand'), []);
});

test('a look that fails before its turn comes is told of once, by the look as a whole', async () => {
  const { looks } = stores();
  let parts = 0;
  const oracle: typeof looks.oracle = (keys, most) =>
    parts++ === 0 ? looks.oracle(keys, most) : Promise.reject(new Error('silent'));
  const couchbase: typeof looks.couchbase = async (keys, most) => {
    // Long enough for a rejection that nobody awaits to be told of.
    for (let n = 0; n < 3; n++) await new Promise(setImmediate);
    return looks.couchbase(keys, most);
  };
  await assert.rejects(look(KEYS, { couchbase, oracle }, 'expand'), /silent/);
});
