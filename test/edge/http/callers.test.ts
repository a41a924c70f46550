/** Callers who send more than they may, and those who do not. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ApiInMemory, NOW } from './api_in_memory.ts';

const LIMIT = { perSecond: 2, burst: 4 };
const OTHER = { iss: 'https://issuer.example', sub: 'other' };

test('a caller who sends too many is answered 429 and told when to come again, before anything is read, and others are served', async () => {
  const it = new ApiInMemory(LIMIT);
  const statuses = async (requests: number, claims?: Record<string, unknown>) => {
    const all: number[] = [];
    for (let n = 0; n < requests; n++) {
      const sent = { body: '{}', ...(claims === undefined ? {} : { claims }) };
      all.push((await it.ask('PUT', 'k', sent)).status);
    }
    return all;
  };
  assert.deepEqual(await statuses(6), [204, 204, 204, 204, 429, 429]);
  assert.deepEqual(await statuses(2, OTHER), [204, 204]);
  it.called = [];
  it.phaseIsAway = true;
  const refused = await it.ask('GET', 'k');
  assert.deepEqual(
    [refused.status, refused.problem?.type, refused.headers['retry-after'], it.called],
    [429, 'urn:crossfade:problem:too-many-requests', '1', []],
  );
  it.phaseIsAway = false;
  it.time = NOW + 1000;
  assert.deepEqual(await statuses(3), [204, 204, 429]);
});

test('a batch counts its writes, and its caller waits for as long as they would have taken', async () => {
  const it = new ApiInMemory(LIMIT);
  const writes = Array.from({ length: 24 }, (_, n) => ({ key: `k${n}`, put: {} }));
  assert.equal((await it.batch(JSON.stringify({ writes }))).status, 200);
  const { status, headers } = await it.batch(JSON.stringify({ writes }));
  // Four at once, 20 beyond that, and one more.
  assert.deepEqual([status, headers['retry-after']], [429, '11']);
  it.time = NOW + 10_500;
  assert.equal((await it.ask('GET', 'k1')).status, 200);
});

test('without a limit nobody is refused', async () => {
  const it = new ApiInMemory();
  for (let n = 0; n < 200; n++) assert.equal((await it.ask('PUT', 'k', { body: '{}' })).status, 204);
});
