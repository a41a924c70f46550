import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Bucket } from '../../infra/local/bucket.ts';

test('so many come at once, and then so many a second', () => {
  let now = 0;
  const bucket = new Bucket(10, 3, () => now);
  const taken = () => Array.from({ length: 5 }, () => bucket.take()).filter(Boolean).length;
  assert.equal(taken(), 3);
  now += 200;
  assert.equal(taken(), 2);
  now += 60_000;
  assert.equal(taken(), 3);
});
