/** What verification says of each state of a key, and what a backfill makes of it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { copy } from '../../functions/protocol/copy.ts';
import { verify } from '../../functions/protocol/verify.ts';
import { callsOf, STATES } from './calls.ts';

const EQUAL = ['nothing in both', 'the same in both', 'expired in Oracle alone'];
/** Keys that Oracle orders, as `settle` has them. */
const ORDERED = [
  'handed off, never copied',
  'handed off, the same',
  'handed off, CAS below',
  'handed off, deleted in both',
];
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

/** Where Couchbase has something that Oracle lacks, and orders the key. */
const COPIED: Readonly<Record<string, string>> = {
  'Oracle lacks it': 'o 5000',
  'Oracle is behind': 'o 5000',
  'Oracle has it deleted, of before': 'o 5000',
  'a marker Oracle lacks': 'nothing 5000',
};

test('a backfill copies what Couchbase alone has, and asks for a repair of what Oracle orders', async () => {
  for (const [state, world] of Object.entries(STATES)) {
    const calls = await callsOf(copy(), world, String);
    const isNothing = world.cas === undefined || world.xattr?.version === 0n;
    if (isNothing) assert.equal(calls, 'C? -> false', state);
    else if (COPIED[state] !== undefined) assert.equal(calls, `C?, O copy ${COPIED[state]} -> true`, state);
    else
      assert.match(calls, state.startsWith('handed off') ? /, O\?, Q -> false$/ : /, O\? -> false$/, state);
  }
});
