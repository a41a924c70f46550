/** What the page for apps says of operations that have no request of their own. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PHASES } from '../../functions/protocol/phase.ts';
import { ApiInMemory, NOW } from '../edge/http/api_in_memory.ts';

for (const phase of PHASES)
  test(`${phase}: an empty patch with a TTL stands for a touch`, async () => {
    const api = new ApiInMemory();
    api.phase = phase;
    const body = '{"n":1.0}';
    const before = await api.ask('PUT', 'k', { body, headers: { ttl: '60' } });
    assert.equal((await api.ask('PATCH', 'k', { body: '{}', headers: { ttl: '3600' } })).status, 204);
    const found = await api.ask('GET', 'k');
    assert.deepEqual(
      [found.body, found.headers['expires-at']],
      [body, new Date(NOW + 3_600_000).toISOString()],
    );
    assert.notEqual(found.etag, before.etag);
  });

for (const body of ['42', '"token"', '[1,2]'])
  test(`a touch of ${body}, which a patch would make an object, is a read and a guarded write`, async () => {
    const api = new ApiInMemory();
    await api.ask('PUT', 'k', { body });
    const before = await api.ask('GET', 'k');
    const headers = { ttl: '3600', 'if-match': before.etag };
    assert.equal((await api.ask('PUT', 'k', { body: before.body, headers })).status, 204);
    const after = await api.ask('GET', 'k');
    assert.deepEqual(
      [after.body, after.headers['expires-at']],
      [body, new Date(NOW + 3_600_000).toISOString()],
    );
    assert.equal((await api.ask('PATCH', 'k', { body: '{}' })).status, 204);
    assert.equal((await api.ask('GET', 'k')).body, '{}', 'as RFC 7396 has it, and the page says');
  });

test('a counter is a loop of reads and guarded writes, and loses no increment', async () => {
  const api = new ApiInMemory();
  await api.ask('PUT', 'count', { body: '0' });
  const increment = async (): Promise<void> => {
    const { body, etag } = await api.ask('GET', 'count');
    const { status } = await api.ask('PUT', 'count', {
      body: String(Number(body) + 1),
      headers: { 'if-match': etag },
    });
    if (status === 412) return increment();
    assert.equal(status, 204);
  };
  await Promise.all(Array.from({ length: 8 }, increment));
  assert.equal((await api.ask('GET', 'count')).body, '8');
});
