/** What apps see of the write API, in each phase. */
import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { documentFrom } from '../../../functions/protocol/fingerprint.ts';
import { PHASES, type Phase, ROUTES } from '../../../functions/protocol/phase.ts';
import { ApiInMemory, OTHERWISE } from './api_in_memory.ts';

let it: ApiInMemory;
beforeEach(() => {
  it = new ApiInMemory();
});

for (const each of PHASES)
  test(`${each}: a document lives its whole life, and each answer tells the phase`, async () => {
    it.phase = each;
    const body = '{"n":1e400,"big":12345678901234567890}';
    const created = await it.ask('PUT', 'k', { body, headers: { 'if-none-match': '*', ttl: '60' } });
    assert.deepEqual([created.status, created.headers['crossfade-phase']], [204, each]);
    assert.match(created.etag, /^"[1-9]\d*"$/);
    const found = await it.ask('GET', 'k');
    assert.deepEqual([found.status, found.body, found.etag], [200, body, created.etag]);
    assert.equal(found.headers['expires-at'], '2026-01-01T00:01:00.000Z');
    const head = await it.ask('HEAD', 'k');
    assert.deepEqual(
      [head.status, head.body, head.headers['content-length']],
      [200, '', String(body.length)],
    );
    assert.equal((await it.ask('GET', 'k', { headers: { 'if-none-match': created.etag } })).status, 304);
    assert.equal((await it.ask('GET', 'k', { headers: { 'if-match': '"1234"' } })).status, 412);

    const again = await it.ask('PUT', 'k', { body: '1', headers: { 'if-none-match': '*' } });
    assert.equal(again.status, 412);
    const patched = await it.ask('PATCH', 'k', {
      body: '{"n":null,"m":1.0}',
      headers: { 'if-match': created.etag },
    });
    assert.equal(patched.status, 204);
    assert.notEqual(patched.etag, created.etag);
    const after = await it.ask('GET', 'k');
    assert.deepEqual(
      [after.body, after.headers['expires-at']],
      ['{"big":12345678901234567890,"m":1.0}', '2026-01-01T00:01:00.000Z'],
    );
    assert.equal(
      (await it.ask('PUT', 'k', { body: '2', headers: { 'if-match': created.etag } })).status,
      412,
    );
    assert.equal(
      (await it.ask('PUT', 'k', { body: '2', headers: { 'if-match': `"1", ${patched.etag}` } })).status,
      204,
    );
    assert.equal((await it.ask('PUT', 'k', { body: '3', headers: { 'if-match': '*' } })).status, 204);

    assert.equal((await it.ask('DELETE', 'k')).status, 204);
    assert.equal((await it.ask('DELETE', 'k')).status, 204);
    assert.equal((await it.ask('GET', 'k')).status, 404);
    assert.equal((await it.ask('PUT', 'k', { body: '3', headers: { 'if-match': '*' } })).status, 412);
    assert.equal((await it.ask('PATCH', 'k', { body: '{}' })).status, 404);
    assert.deepEqual([it.doubts, it.failures], [[], []]);
    assert.equal(it.sent.length > 0, ROUTES[each].second !== null);
  });

for (const each of PHASES)
  test(`${each}: a DELETE of nothing has no version to tell, alone and in a batch`, async () => {
    it.phase = each;
    const { status, headers } = await it.ask('DELETE', 'nothing');
    assert.deepEqual([status, headers.etag], [204, undefined]);
    const { body } = await it.batch('{"writes":[{"key":"nothing","delete":true}]}');
    assert.deepEqual(JSON.parse(body).results, [{ key: 'nothing', status: 204 }]);
  });

test('only the stores of the phase are written, and a receipt goes with every dual write', async () => {
  const writing = async (name: Phase) => {
    it.phase = name;
    it.called = [];
    it.sent = [];
    await it.ask('PUT', `k-${name}`, { body: '1' });
    const written = new Set(
      it.called.filter((call) => !call.endsWith('.read')).map((call) => call.split('.')[0]),
    );
    return [[...written].join(' '), it.sent.map(({ key }) => key).join(' ')];
  };
  assert.deepEqual(await writing('legacy'), ['couchbase', '']);
  assert.deepEqual(await writing('expand'), ['couchbase oracle', 'k-expand']);
  assert.deepEqual(await writing('seal'), ['couchbase oracle', 'k-seal']);
  assert.deepEqual(await writing('switch'), ['couchbase oracle', 'k-switch']);
  assert.deepEqual(await writing('settle'), ['oracle couchbase', 'k-settle']);
  assert.deepEqual(await writing('contract'), ['oracle', '']);
});

test('a bad request says what is wrong and what to send, and nothing is done', {
  skip: OTHERWISE,
}, async () => {
  const json = { 'content-type': 'application/json' };
  const cases = [
    [() => it.ask('PUT', 'k', { body: '{' }), 400, /no JSON/],
    [() => it.ask('PUT', 'k', {}), 400, /no JSON/],
    [
      () => it.ask('PUT', 'k', { body: '1', headers: { 'content-type': 'text/plain' } }),
      415,
      /Send application\/json/,
    ],
    [() => it.ask('PUT', 'k', { body: '1', headers: { ...json, 'if-match': '7' } }), 400, /quotes included/],
    [() => it.ask('PUT', 'k', { body: '1', headers: { ...json, ttl: 'x' } }), 400, /whole seconds/],
    [
      () => it.ask('DELETE', 'k', { headers: { 'idempotency-key': 'x' } }),
      400,
      /DELETE takes no Idempotency-Key/,
    ],
    [() => it.ask('PUT', 'k', { body: '1', headers: { 'idempotency-key': '' } }), 400, /Send 1 to 255/],
    [() => it.ask('PUT', '', { body: '1' }), 422, /the key is empty/],
    [() => it.ask('POST', 'k', { body: '1' }), 405, /none of GET/],
    [
      () => it.send({ routeKey: 'x', rawPath: '/', method: 'GET', collection: 'carts' }),
      404,
      /"carts" is none of orders/,
    ],
  ] as const;
  for (const [request, status, detail] of cases) {
    const answer = await request();
    assert.equal(answer.status, status, String(detail));
    assert.match(answer.problem?.detail ?? '', detail);
    // What is refused now may be served in a minute.
    assert.equal(answer.headers['cache-control'], 'no-store', String(detail));
  }
  assert.deepEqual(it.sent, []);
});

test('a batch has an outcome for each of its writes', async () => {
  it.phase = 'seal';
  await it.ask('PUT', 'b', { body: '{"x":1}' });
  const body = JSON.stringify({
    writes: [
      { key: 'a', put: { n: 1 } },
      { key: 'b', patch: { y: 2 } },
      { key: 'c', patch: { y: 2 } },
      { key: 'd', put: 1, 'if-match': '"5"' },
      { key: 'unfit', put: 1 },
      { key: 'e', delete: true },
    ],
  });
  const event = {
    routeKey: 'POST /v1/collections/{collection}/batch',
    rawPath: '/v1/collections/orders/batch',
  };
  const response = await it.send({ ...event, method: 'POST', body });
  assert.equal(response.status, 207);
  const { phase: told, results } = JSON.parse(response.body);
  assert.equal(told, 'seal');
  assert.deepEqual(
    results.map(({ key, status }: { key: string; status: number }) => `${key} ${status}`),
    ['a 204', 'b 204', 'c 404', 'd 412', 'unfit 422', 'e 204'],
  );
  assert.match(results[0].etag, /^"\d+"$/);
  assert.match(results[4].problem.detail, /it does not fit/);
  assert.equal((await it.ask('GET', 'b')).body, '{"x":1,"y":2}');
});

test('a write of a batch that is refused by itself keeps none of its neighbours from being written', async () => {
  const writes = [
    { key: 'a', put: 1 },
    { key: 'late', put: 2, 'expires-at': '2025-12-31T23:59:59Z' },
    { key: 'b', put: 3 },
    { key: '', put: 4 },
    { key: '\ud800', put: 5 },
    { key: 'tag', put: 6, 'if-match': '7' },
    { key: 'c', put: 8 },
  ];
  const response = await it.batch(JSON.stringify({ writes }));
  assert.equal(response.status, 207);
  const results: { key: string; status: number; problem?: { type: string } }[] = JSON.parse(
    response.body,
  ).results;
  assert.deepEqual(
    results.map(({ key, status, problem }) => [key, status, problem?.type.split(':').at(-1)]),
    [
      ['a', 204, undefined],
      ['late', 400, 'expiry'],
      ['b', 204, undefined],
      ['', 422, 'unstorable'],
      ['\ud800', 422, 'unstorable'],
      ['tag', 400, 'etag'],
      ['c', 204, undefined],
    ],
  );
  for (const [key, body] of Object.entries({ a: '1', b: '3', c: '8' }))
    assert.equal((await it.ask('GET', key)).body, body);
  for (const key of ['late', 'tag']) assert.equal((await it.ask('GET', key)).status, 404);
});

test('bodies that are no JSON come as bytes, and can be replaced but not patched', async () => {
  await it.stores.couchbase.upsert('k', { content: documentFrom(Buffer.from([0xff, 0]), null) });
  const found = await it.ask('GET', 'k');
  assert.deepEqual([found.isBase64Encoded, found.body], [true, '/wA=']);
  assert.equal(found.headers['content-type'], 'application/octet-stream');
  assert.equal((await it.ask('PATCH', 'k', { body: '{"a":1}' })).status, 409);
  assert.equal((await it.ask('PUT', 'k', { body: '1' })).status, 204);
});

test('in a ramp each key is read and written in its own phase, and the answer names that phase, also where it is a problem', async () => {
  const api = new ApiInMemory();
  api.phase = 'seal';
  api.by = 'controller, ramp 15 since 0';
  const [ahead, other] = ['qux', 'foo'];
  for (const [key, phase, reads] of [
    [ahead, 'switch', ['oracle.read']],
    [other, 'seal', ['couchbase.read', 'oracle.read']],
  ] as const) {
    assert.equal((await api.ask('PUT', key, { body: '{"n":1}' })).headers['crossfade-phase'], phase);
    api.called = [];
    const read = await api.ask('GET', key);
    assert.deepEqual([read.status, read.headers['crossfade-phase'], api.called], [200, phase, reads]);
    api.failing = new Map([['oracle.read', 'away']]);
    const failed = await api.ask('GET', key);
    assert.deepEqual([failed.status, failed.headers['crossfade-phase']], [503, phase]);
    api.failing = new Map();
  }
  api.sent = [];
  const written = await api.batch(
    JSON.stringify({ writes: [ahead, other].map((key) => ({ key, put: { n: 2 } })) }),
  );
  assert.deepEqual([written.status, JSON.parse(written.body).phase], [200, 'seal']);
  assert.deepEqual(
    api.sent.map(({ key, phase }) => [key, phase]),
    [
      [ahead, 'switch'],
      [other, 'seal'],
    ],
  );
  for (const key of [ahead, other]) assert.equal((await api.ask('GET', key)).body, '{"n":2}');
});
