import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BUGS, missing, SMALL, search } from './spin.ts';

const skip = (await missing()) ?? false;

test('spin finds no fault in the protocol as Promela states it', { skip }, async () => {
  const [, sealed] = SMALL;
  assert.ok(sealed);
  const { states, violated } = await search(sealed);
  assert.equal(violated, null);
  assert.ok(states > 1_000_000);
});

test('spin finds what is wrong where a rule is broken', { skip }, async () => {
  const [bug] = BUGS;
  assert.ok(bug);
  assert.match((await search(bug)).violated ?? 'nothing', /assertion violated/);
});
