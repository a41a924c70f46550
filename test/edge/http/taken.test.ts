/** Requests for keys that are another collection's, or nobody's. */
import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { documentFrom } from '../../../functions/protocol/fingerprint.ts';
import { PHASES } from '../../../functions/protocol/phase.ts';
import { PROBE } from '../../../functions/stores/feed_probe.ts';
import { ApiInMemory } from './api_in_memory.ts';

let it: ApiInMemory;
beforeEach(() => {
  it = new ApiInMemory(null, 'refuse', { include: ['order::*'], ignore: ['order::_sync:*'] });
  it.phase = 'expand';
});

const OTHERS = ['cart::1', 'order::_sync:1', 'order:1', ' order::1', 'ORDER::1'];

test('a request for a key that the collection does not take is refused in every phase, and no store is asked', async () => {
  for (const key of OTHERS)
    await it.stores.couchbase.upsert(key, { content: documentFrom(Buffer.from('1'), null) });
  for (const phase of PHASES) {
    it.phase = phase;
    for (const method of ['GET', 'HEAD', 'PUT', 'PATCH', 'DELETE'])
      for (const key of OTHERS) {
        const { status, problem, headers } = await it.ask(method, key, { body: '{}' });
        assert.deepEqual([status, headers['crossfade-phase']], [422, phase]);
        if (method !== 'HEAD') assert.match(problem?.type ?? '', /:key-not-taken$/);
      }
  }
  assert.deepEqual([it.called, it.sent], [[], []]);
  const [ignored, other] = [await it.ask('GET', 'order::_sync:1'), await it.ask('GET', 'cart::1')];
  assert.match(
    ignored.problem?.detail ?? '',
    /"order::_sync:1" is ignored by the settings of "orders"\. Nothing was done/,
  );
  assert.match(other.problem?.detail ?? '', /"cart::1" matches no pattern of "orders"\. Nothing was done/);
});

test('in a batch it is refused by itself, and the others are written', async () => {
  const writes = [
    { key: 'cart::1', put: 1 },
    { key: 'order::1', put: 1 },
    { key: 'order::_sync:1', delete: true },
  ];
  const { status, body } = await it.batch(JSON.stringify({ writes }));
  const { results } = JSON.parse(body) as { results: { status: number; problem?: { type: string } }[] };
  assert.deepEqual(
    [status, ...results.map((each) => each.problem?.type.split(':').at(-1) ?? each.status)],
    [207, 'key-not-taken', 204, 'key-not-taken'],
  );
  assert.equal((await it.stores.couchbase.read('cart::1', {})).content, null);
});

test('keys of others that a change feed tells of are dropped and counted, and its own probes are not', async () => {
  const changes = [...OTHERS, 'order::1', `${PROBE}1`].map((key) => ({ key, cas: '5' }));
  const { status, body } = await it.changes(JSON.stringify({ changes }));
  const { notTaken, receipts } = JSON.parse(body) as Record<string, number>;
  assert.deepEqual([status, notTaken, receipts], [202, OTHERS.length, 1]);
  assert.deepEqual([it.sent.map(({ key }) => key), it.fed], [['order::1'], [`probe ${PROBE}1`]]);
  it.phase = 'contract';
  await it.changes(JSON.stringify({ changes: OTHERS.map((key) => ({ key, cas: '5' })) }));
  assert.equal(it.fed.length, 1);
});
