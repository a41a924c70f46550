/** Whose an Idempotency-Key is, and which request it stands for. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { beforeEach, test } from 'node:test';
import { documentFrom } from '../../../functions/protocol/fingerprint.ts';
import { PHASES, ROUTES } from '../../../functions/protocol/phase.ts';
import { ApiInMemory, NOW } from './api_in_memory.ts';

let it: ApiInMemory;
beforeEach(() => {
  it = new ApiInMemory();
});

const REUSED = 'urn:crossfade:problem:idempotency-key-reused';
const iss = 'https://issuer.example';
const A = { iss, sub: 'a' };
const lock = { body: '{"locked":true}', headers: { 'idempotency-key': '1', 'if-none-match': '*' } };

for (const phase of PHASES)
  test(`${phase}: two callers with one key, one body and If-None-Match: * do not both hold the lock`, async () => {
    it.phase = phase;
    const taken = await it.ask('PUT', 'lock', { ...lock, claims: A });
    assert.equal(taken.status, 204);
    for (const claims of [
      { iss, sub: 'b' },
      { iss: 'https://other.example', sub: 'a' },
      { iss, sub: 'a', client_id: 'x' },
      { iss, sub: 'a', azp: 'x' },
      { iss },
      { iss, sub: ['a'] },
    ]) {
      const refused = await it.ask('PUT', 'lock', { ...lock, claims });
      assert.equal(refused.status, 412, JSON.stringify(claims));
    }
    // A new token of the same caller is still the same caller.
    const renewed = await it.ask('PUT', 'lock', { ...lock, claims: { ...A, iat: '2', jti: 'z' } });
    assert.deepEqual([renewed.status, renewed.etag], [204, taken.etag]);
  });

test('another request under the key is refused, and nothing is written', async () => {
  const first = { body: '1', headers: { 'idempotency-key': '1', ttl: '60' } };
  const { etag } = await it.ask('PUT', 'k', first);
  it.called = [];
  const key = { 'idempotency-key': '1' };
  for (const [method, body, headers] of [
    ['PUT', '2', { ...key, ttl: '60' }],
    ['PUT', '1', key],
    ['PUT', '1', { ...key, ttl: '61' }],
    ['PUT', '1', { ...key, 'expires-at': '2026-01-01T00:01:00Z' }],
    ['PUT', '1', { ...key, ttl: '60', 'if-match': '"5"' }],
    ['PUT', '1', { ...key, ttl: '60', 'if-none-match': '*' }],
    ['PATCH', '1', { ...key, ttl: '60' }],
  ] as const) {
    const { status, problem } = await it.ask(method, 'k', { body, headers });
    assert.deepEqual([status, problem?.type], [422, REUSED], JSON.stringify([method, body, headers]));
  }
  assert.ok(it.called.every((call) => call.endsWith('.read')));
  assert.equal((await it.ask('PUT', 'k', first)).etag, etag);
});

test('a request without a key, and the key for another document, stand for themselves', async () => {
  const first = { body: '1', headers: { 'idempotency-key': '1' } };
  await it.ask('PUT', 'k', first);
  assert.equal((await it.ask('PUT', 'other', { ...first, body: '2' })).status, 204);
  assert.equal((await it.ask('PUT', 'k', { body: '2' })).status, 204);
  // The document does not show the first request any more.
  assert.equal((await it.ask('PUT', 'k', { ...first, body: '3' })).status, 204);
});

test('writes of a batch have keys as single requests have', async () => {
  const write = (more: object) =>
    JSON.stringify({ writes: [{ key: 'k', put: 1, 'if-none-match': '*', 'idempotency-key': '1', ...more }] });
  const result = async (more: object, claims = A) =>
    JSON.parse((await it.batch(write(more), claims)).body).results[0];
  const { status, etag } = await result({});
  assert.equal(status, 204);
  assert.deepEqual(await result({}), { key: 'k', status: 204, etag });
  assert.equal((await result({}, { iss, sub: 'b' })).status, 412);
  const reused = await result({ put: 2 });
  assert.deepEqual([reused.status, reused.problem.type], [422, REUSED]);
  // It is the same request as one by itself.
  const headers = { 'idempotency-key': '1', 'if-none-match': '*' };
  assert.equal((await it.ask('PUT', 'k', { body: '1', headers, claims: A })).etag, etag);
});

test('what is stored fits the column, and no text of a caller lies in it', async () => {
  await it.ask('PUT', 'k', { ...lock, claims: A });
  const { content } = await it.stores.couchbase.read('k', {});
  assert.match(content?.request ?? '', /^[\w-]{21}\.[\w-]{21}$/);
});

/** As the version before has named a request. */
const formerName = (key: string, verb: string, body: string) =>
  createHash('sha256')
    .update(`${JSON.stringify(key)} ${verb}\n${body}`)
    .digest('base64url');

/** A document that the version before has written at a moment, which is its version where Couchbase has ordered it. */
async function writtenBefore(key: string, moment: number, request: string): Promise<void> {
  const content = documentFrom(Buffer.from(lock.body), null, request);
  const version = BigInt(moment) * 1_000_000n;
  await it.stores.couchbase.swap(key, { cas: 0n, content, version });
  await it.stores.oracle.apply(key, { content, version });
}

const BAKE = 50_000;

for (const phase of PHASES)
  test(`${phase}: a first time that the version before has served is known for a bake, and no longer`, async () => {
    it.phase = phase;
    const name = formerName('1', 'PUT', lock.body);
    // This container is older than a bake, so that only the document's version tells.
    it.time += BAKE + 1;
    for (const [age, status] of [
      [0, 204],
      [BAKE, 204],
      [BAKE + 1, 412],
      [365 * 86_400_000, 412],
      // Couchbase's clock may be ahead, but not by any time.
      [-BAKE, 204],
      [-BAKE - 1, 412],
    ] as const) {
      await writtenBefore(`k${age}`, it.time - age, name);
      const answer = await it.ask('PUT', `k${age}`, lock);
      assert.equal(answer.status, status, String(age));
    }
    await writtenBefore('other', it.time, formerName('2', 'PUT', lock.body));
    assert.equal((await it.ask('PUT', 'other', lock)).status, 412);
  });

for (const phase of PHASES)
  test(`${phase}: versions that tell no time are believed by a container younger than a bake, where Oracle counts them`, async () => {
    it.phase = phase;
    const young = ROUTES[phase].order === 'oracle' ? 204 : 412;
    await writtenBefore('k', 17, formerName('1', 'PUT', lock.body));
    it.time = NOW + BAKE;
    assert.equal((await it.ask('PUT', 'k', lock)).status, young);
    it.time = NOW + BAKE + 1;
    assert.equal((await it.ask('PUT', 'k', lock)).status, 412);
  });
