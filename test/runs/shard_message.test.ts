import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseShardMessage, wantsCare } from '../../functions/runs/shard_message.ts';

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
