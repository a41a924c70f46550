/** What verification says of each state of a key. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { verify } from '../../functions/protocol/verify.ts';
import { callsOf, STATES } from './calls.ts';

const EQUAL = ['nothing in both', 'the same in both', 'expired in Oracle alone'];
/** Keys that Oracle orders, as `settle` has them. */
const ORDERED = ['handed off, the same', 'handed off, CAS below', 'handed off, deleted in both'];
const MARKER = ['deleted, marker left', 'a placeholder'];

const told = (verdict: string) => verdict;

for (const phase of ['expand', 'seal', 'switch', 'settle'] as const)
  test(`${phase}: whatever is not the same in both stores, and ordered by the store of this phase, differs`, async () => {
    const equal = phase === 'settle' ? [...EQUAL, ...ORDERED] : EQUAL;
    // The follower is read first, as in a repair.
    const looks = phase === 'settle' ? 'C?, O?' : 'O?, C?';
    for (const [state, world] of Object.entries(STATES)) {
      const verdict = equal.includes(state) ? 'equal' : MARKER.includes(state) ? 'marker' : 'differs';
      assert.equal(await callsOf(verify(phase), world, told), `${looks} -> ${verdict}`, state);
    }
  });

test('legacy: only what a deletion has left in Couchbase is told; contract: nobody looks at Couchbase', async () => {
  for (const [state, world] of Object.entries(STATES)) {
    const isLeft = world.cas !== undefined && world.content === null;
    assert.equal(await callsOf(verify('legacy'), world, told), `C? -> ${isLeft ? 'marker' : 'equal'}`, state);
    assert.equal(await callsOf(verify('contract'), world, told), ' -> equal', state);
  }
});
