import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LOOKING } from './bulk_look.ts';
import { close, failover, fallback, force } from './focus.ts';
import { sample } from './sample.ts';

test('receipts that are settled by a bulk look break no promise', () => {
  const focuses = [undefined, undefined, force, failover, fallback, close];
  for (let seed = 1; seed <= 480; seed++) {
    const focus = focuses[seed % focuses.length];
    const bug = focus === undefined ? { kernel: LOOKING } : { kernel: LOOKING, focus };
    assert.equal(sample(seed, bug).what, null, `schedule ${seed}, ${focus?.name ?? 'no focus'}`);
  }
});
