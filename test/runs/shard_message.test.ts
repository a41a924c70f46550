import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BadShardMessage, parseShardMessage, wantsCare } from '../../functions/runs/shard_message.ts';

const FIRST = { run: 'r', collection: 'orders', shard: 0, token: 't' };
const parsed = (message: object) => parseShardMessage(JSON.stringify(message));

test('whoever is the first to have a shard, or has it from one who rested, takes documents for small', () => {
  assert.equal(wantsCare(parsed(FIRST), 1, 1), false);
  assert.equal(wantsCare(parsed({ ...FIRST, rested: true }), 1, 7), false);
});

test('whoever has it after one who fell silent measures them: sent anew by the machine, or delivered again by the queue', () => {
  assert.equal(wantsCare(parsed(FIRST), 1, 2), true);
  assert.equal(wantsCare(parsed(FIRST), 2, 1), true);
  assert.equal(wantsCare(parsed({ ...FIRST, rested: true }), 2, 7), true);
});

test('what is no message of a shard is refused as one that no redelivery mends', () => {
  for (const [text, why] of [
    ['{', /^The message is not JSON: it is /],
    ['{"run":"r"}', /^The message names no shard: collection/],
    [JSON.stringify({ ...FIRST, shard: -1 }), /^The message names no shard: shard/],
  ] as const)
    assert.throws(
      () => parseShardMessage(text),
      (error) =>
        error instanceof BadShardMessage && error.name === 'BadShardMessage' && why.test(error.message),
    );
});
