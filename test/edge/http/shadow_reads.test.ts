/** A share of reads has both stores compared, after the answer, and at no cost to it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PHASES, ROUTES } from '../../../functions/protocol/phase.ts';
import { ApiInMemory } from './api_in_memory.ts';

test('a read that was chosen sends a receipt, where there are two stores to compare', async () => {
  for (const phase of PHASES) {
    const api = new ApiInMemory();
    api.phase = phase;
    await api.ask('PUT', 'k', { body: '1' });
    api.sent = [];
    await api.ask('GET', 'k');
    assert.deepEqual(api.sent, [], phase);
    api.sampled = true;
    assert.equal((await api.ask('GET', 'k')).status, 200);
    const shadow = { collection: 'orders', key: 'k', phase, cause: 'read', expired: 0n };
    assert.deepEqual(api.sent, ROUTES[phase].second === null ? [] : [shadow], phase);
  }
});

test('a queue that is away, or says nothing, neither fails a read nor holds it', async () => {
  const api = new ApiInMemory();
  api.phase = 'expand';
  await api.ask('PUT', 'k', { body: '1' });
  api.sampled = true;
  api.queueIsAway = true;
  assert.equal((await api.ask('GET', 'k')).status, 200);
  api.queueIsSilent = true;
  assert.equal((await api.ask('GET', 'k')).status, 200);
});
