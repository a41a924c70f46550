import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BUGS, missing, SMALL, search } from './spin.ts';

const skip = (await missing()) ?? false;
const inExpand = ({ phases, reads, given }: (typeof SMALL)[number]) =>
  phases.join() === 'EXPAND,EXPAND' && reads === 0 && given?.join() === 'FAILOVER';

test('spin finds no fault in the protocol as Promela states it, though Couchbase forgets', {
  skip,
}, async () => {
  const small = SMALL.find(inExpand);
  assert.ok(small);
  const { states, violated } = await search(small);
  assert.equal(violated, null);
  assert.ok(states > 100_000);
});

test('spin finds what is wrong where a rule is broken', { skip }, async () => {
  const bug = BUGS.find(inExpand);
  assert.ok(bug);
  assert.match((await search(bug)).violated ?? 'nothing', /assertion violated/);
});
