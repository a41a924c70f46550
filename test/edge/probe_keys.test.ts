import assert from 'node:assert/strict';
import { test } from 'node:test';
import { probeKeys } from '../../functions/edge/probe_keys.ts';

test('so many keys are asked for that a node with a third of the documents is missed once in 20 million times', () => {
  const keys = probeKeys();
  assert.ok((1 / 3) ** keys.length < 1 / 20_000_000);
  // Others each time: one that falls on another node every time finds it in the end.
  assert.equal(new Set([...keys, ...probeKeys()]).size, 2 * keys.length);
  for (const key of keys) assert.match(key, /^crossfade-probe-/);
});
