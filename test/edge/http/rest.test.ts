/** Behind a private REST API: the same documents, whichever way its events tell of a request. All of this folder runs behind it with `API_GATEWAY=rest`. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import { httpEvent, NotHttp } from '../../../functions/edge/http/event.ts';
import { BadRequest } from '../../../functions/edge/http/problem.ts';
import { restKeyOf } from '../../../functions/edge/http/rest_key.ts';
import { PHASES } from '../../../functions/protocol/phase.ts';
import { queryOf } from '../../../infra/local/rest_event.ts';
import { ApiInMemory } from './api_in_memory.ts';
import { asRest } from './as_rest.ts';

const SAMPLE = JSON.parse(
  readFileSync(new URL('../../../events/api.get.json', import.meta.url), 'utf8'),
) as Parameters<typeof asRest>[0];
const BEFORE = '/v1/collections/orders/documents/';
const key = fc.oneof(
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 60 }),
  fc.constantFrom('a%20b', 'a+b', '%2525', 'a%2Fb/c', '50%', 'a;b', 'a&key=b', 'a=b', '..', 'a//b', '\ufffd'),
);

/** The key of a request, or null where it is refused with a problem of its own. */
function keyIn(path: string, query: string, parameter?: string): string | null {
  try {
    return restKeyOf({ path, query: queryOf(query) ?? {} }, parameter);
  } catch (error) {
    assert.ok(error instanceof BadRequest, String(error));
    return null;
  }
}

test('every key can be said in the path, whether the gateway decodes its parameter or not', () => {
  fc.assert(
    fc.property(key, (each) => {
      const encoded = encodeURIComponent(each);
      for (const parameter of [encoded, each]) assert.equal(keyIn(BEFORE + encoded, '', parameter), each);
      // With a name of one's own, or where somebody adds the stage.
      assert.equal(keyIn(`/live${BEFORE}${encoded}`, 'x=1', encoded), each);
    }),
  );
});

test('whatever clients and gateways do to a query, a key is never taken for another', () => {
  const encodings: ((text: string) => string)[] = [
    encodeURIComponent,
    (text) => new URLSearchParams({ key: text }).toString().slice('key='.length),
    // Not encoded at all, but for what ends a query or a parameter, as everywhere.
    (text) => text.replace(/[#&;]/g, encodeURIComponent),
  ];
  const gateways: ((query: string) => string)[] = [
    (query) => query,
    // It encodes % anew before it hands a parameter on.
    (query) => query.replace(/%25/g, '%2525'),
  ];
  let taken = 0;
  fc.assert(
    fc.property(key, (each) => {
      for (const [n, encode] of encodings.entries())
        for (const gateway of gateways) {
          const query = gateway(`key=${encode(each)}`);
          const found = keyIn(BEFORE.slice(0, -1), query);
          if (found === null) continue;
          taken++;
          // What nobody has encoded says the key that it spells.
          const sent = n === 2 ? spelt(each) : each;
          assert.equal(found, sent, query);
        }
    }),
    { numRuns: 500 },
  );
  assert.ok(taken > 500, `only ${taken} keys were taken`);
  for (const plain of ['order-1', 'a/b', 'user::42', 'é', '..', 'a=b', '{"a":1}'])
    assert.equal(keyIn(BEFORE, `key=${encodeURIComponent(plain)}`), plain);
});

/** What a query spells that was never encoded. */
function spelt(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

test('what can be read in two ways is refused with what to send instead', () => {
  for (const query of [
    'key=',
    'key=a+b',
    'key=a%20b',
    'key=100%25',
    'key=a%ff',
    'key=a;b',
    'key=a&x=1',
    'key=a%EF%BF%BD',
  ])
    assert.throws(
      () => restKeyOf({ path: BEFORE, query: queryOf(query) ?? {} }, undefined),
      /key= can be read in two ways.*documents\/\{key\}/,
      query,
    );
  for (const tail of ['a/b', 'a b', 'é', 'a%', '%zz', '%ff', 'a\ufffd', ''])
    assert.throws(() => restKeyOf({ path: BEFORE + tail, query: {} }, tail), /a slash of a key is %2F/, tail);
  assert.throws(() => restKeyOf({ path: `${BEFORE}a`, query: {} }, 'b'), /is not one part/);
  assert.throws(() => restKeyOf({ path: `${BEFORE}a`, query: { key: ['b'] } }, 'a'), /more than one key/);
  assert.throws(
    () => restKeyOf({ path: BEFORE, query: { key: ['a', 'b'] } }, undefined),
    /more than one key/,
  );
  assert.throws(() => restKeyOf({ path: BEFORE, query: { x: ['a'] } }, undefined), /names no key/);
});

test('its event tells the same of a request as that of an HTTP API', () => {
  const { address: _, headers, claims, ...http } = httpEvent(SAMPLE);
  const { address, ...rest } = httpEvent(asRest(SAMPLE));
  assert.deepEqual(rest, { ...http, headers, claims, replaced: false });
  assert.deepEqual(address, {
    ...{ gateway: 'rest', path: '/v1/collections/orders/documents', query: { key: ['order-1'] } },
  });
});

test('headers that were sent twice, in whatever letters, are one with commas', () => {
  const multiValueHeaders = { 'If-Match': ['"1"', '"2"'], 'if-match': ['"3"'], TTL: ['60'] };
  const { headers } = httpEvent({ ...asRest(SAMPLE), multiValueHeaders });
  assert.deepEqual(headers, { 'if-match': '"1","2","3"', ttl: '60' });
});

test('bytes of a body come as they were sent: what is no UTF-8 is seen, and U+FFFD is none of it', async () => {
  const it = new ApiInMemory();
  it.gateway = 'rest';
  const put = (bytes: Uint8Array) =>
    it.ask('PUT', 'k', { body: Buffer.from(bytes).toString('base64'), isBase64Encoded: true });
  const { status, problem } = await put(Buffer.from([0x22, 0xff, 0x22]));
  assert.deepEqual([status, problem?.type], [400, 'urn:crossfade:problem:not-json']);
  // Without a Content-Length, which a REST API does not tell.
  assert.equal((await put(Buffer.from('"\ufffd"'))).status, 204);
  assert.equal((await it.ask('GET', 'k')).body, '"\ufffd"');
});

test('an event that is none is refused: also one of an HTTP API in that format, which has decoded the path', () => {
  const event = asRest(SAMPLE);
  const { requestContext, ...without } = event;
  const authorizer = (claims: unknown) => ({ ...requestContext, authorizer: { claims } });
  for (const [wrong, message] of [
    [{ ...event, version: '1.0' }, /none of a REST API \(version: /],
    [without, /none of a REST API \(requestContext: it is missing/],
    [
      { ...event, requestContext: authorizer('{') },
      /none of a REST API \(requestContext\.authorizer\.claims/,
    ],
    [
      { ...event, requestContext: authorizer('"x"') },
      /none of a REST API \(requestContext\.authorizer\.claims/,
    ],
    [{ ...event, multiValueHeaders: { a: 'b' } }, /none of a REST API \(multiValueHeaders\.a/],
  ] as const)
    assert.throws(
      () => httpEvent(wrong),
      (error: Error) => error instanceof NotHttp && message.test(error.message),
      String(message),
    );
});

for (const phase of PHASES)
  test(`${phase}: a document lives its whole life, whatever its key is`, async () => {
    const it = new ApiInMemory();
    [it.gateway, it.phase] = ['rest', phase];
    for (const name of ['a b+c', '100%/é?&;']) {
      const created = await it.ask('PUT', name, { body: '{"n":1.0}', headers: { 'If-None-Match': '*' } });
      assert.equal(created.status, 204);
      const changed = await it.ask('PATCH', name, { body: '{"m":2}', headers: { 'If-Match': created.etag } });
      assert.equal(changed.status, 204);
      assert.equal((await it.ask('GET', name)).body, '{"n":1.0,"m":2}');
      assert.equal((await it.ask('DELETE', name, { headers: { 'If-Match': created.etag } })).status, 412);
      assert.equal((await it.ask('DELETE', name)).status, 204);
      assert.equal((await it.ask('GET', name)).status, 404);
    }
    const { status } = await it.batch('{"writes":[{"key":"a b","put":1}]}');
    assert.deepEqual([status, (await it.ask('GET', 'a b')).body, it.failures], [200, '1', []]);
  });
