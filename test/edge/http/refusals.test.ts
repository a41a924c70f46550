/** What refusals show of what was sent: never a value of a document, and of anything else no more than its beginning. */
import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import fc from 'fast-check';
import { ApiInMemory } from './api_in_memory.ts';

let it: ApiInMemory;
beforeEach(() => {
  it = new ApiInMemory();
  it.phase = 'seal';
});

const SECRET = 'my secret text';
/** Where it is allowed to quote, only the beginning may be seen. */
const LONG = `${'x'.repeat(1000)}${SECRET}`;
const LONGEST_ANSWER = 8000;
const LONGEST_LINE = 1200;

/** No text, so no key and no header. */
const structure = fc.constantFrom<unknown>([SECRET], { a: SECRET }, { [LONG]: 1 }, 1, null, true);
const secret = fc.oneof(fc.constantFrom<unknown>(SECRET, LONG), structure);
const quotable = fc.constantFrom(
  LONG,
  `"${LONG}`,
  `"1", ${LONG}`,
  `${LONG}é😀`,
  '\u0001'.repeat(1500),
  '*',
  '',
  '60',
);
const members = ['if-match', 'if-none-match', 'expires-at', 'ttl', 'idempotency-key'];
const write = fc.oneof(
  fc
    .record({
      content: fc.dictionary(fc.constantFrom('put', 'patch', 'delete', LONG), secret, { maxKeys: 2 }),
      more: fc.dictionary(fc.constantFrom(...members), fc.oneof(structure, quotable), { maxKeys: 2 }),
      key: fc.oneof(fc.constantFrom('a', LONG), structure),
    })
    .map(({ content, more, key }) => ({ key, ...content, ...more })),
  fc
    .record({
      key: fc.constantFrom('a', 'unfit', LONG, 'b'),
      more: fc.dictionary(fc.constantFrom(...members), quotable),
    })
    .map(({ key, more }) => ({ key, put: SECRET, ...more })),
);
const batch = fc.oneof(
  fc.array(write, { maxLength: 4 }).map((writes) => ({ writes })),
  fc.constantFrom<unknown>(SECRET, [SECRET], { writes: SECRET }, { writes: [SECRET] }, { [LONG]: SECRET }),
);
const body = fc.oneof(
  batch.map((each) => JSON.stringify(each)),
  fc.constantFrom(`{"a":"${SECRET}"`, SECRET, `"${SECRET}\ufffd"`, `[${SECRET}]`, JSON.stringify(SECRET)),
);
const event = fc.record({
  version: fc.constant('2.0'),
  routeKey: fc.constantFrom(
    'PUT /v1/collections/{collection}/documents',
    'POST /v1/collections/{collection}/batch',
  ),
  rawPath: fc.constantFrom('/v1/collections/orders/documents', `/v1/collections/orders/documents/${LONG}`),
  rawQueryString: fc.constantFrom('key=k', `key=${LONG}`, 'key=unfit', `key=%${LONG}`, `x=${LONG}`),
  headers: fc.dictionary(fc.constantFrom('content-type', ...members), quotable, { maxKeys: 2 }),
  pathParameters: fc.record(
    { collection: fc.constantFrom('orders', 'orders', 'orders', LONG), key: fc.constantFrom(LONG, 'k') },
    { requiredKeys: ['collection'] },
  ),
  requestContext: fc.record({
    requestId: fc.constant('r-1'),
    http: fc.record({ method: fc.constantFrom('PUT', 'PATCH', 'DELETE', 'GET', LONG) }),
  }),
  body,
});

test('no refusal shows a value of a document, or grows with what was sent', async () => {
  let refusals = 0;
  await fc.assert(
    fc.asyncProperty(event, async (each) => {
      it.lines = [];
      const { statusCode, body: text } = await it.api.serve(each, () => 20_000);
      if (statusCode === 200 && each.routeKey.startsWith('PUT')) return;
      for (const [shown, most] of [
        [text, LONGEST_ANSWER],
        ...it.lines.map((line) => [line, LONGEST_LINE] as const),
      ] as const) {
        assert.ok(!shown.includes(SECRET), shown.slice(0, 300));
        assert.ok(shown.length <= most, `${shown.length}: ${shown.slice(0, 300)}`);
      }
      refusals += it.lines.length;
    }),
    { numRuns: 1000 },
  );
  assert.ok(refusals > 300, String(refusals));
});

test('a refusal names what it refuses, in quotation marks', async () => {
  for (const [headers, detail] of [
    [{ 'if-match': '7' }, /If-Match is "7"\. Send/],
    [{ ttl: 'x' }, /TTL is "x"\./],
    [{ 'expires-at': 'soon' }, /Expires-At is "soon"\./],
    [{ 'content-type': 'text/plain' }, /Content-Type is "text\/plain"\./],
    [{ 'if-match': LONG }, /If-Match is "x{100}…" \(1014 characters\)/],
  ] as const)
    assert.match((await it.ask('PUT', 'k', { body: '1', headers })).problem?.detail ?? '', detail);
});

test('what is wrong with a member of a batch is said without the member', async () => {
  for (const [write, detail] of [
    [{ key: 'a', delete: SECRET }, 'writes.0.delete: it must be true'],
    [{ key: 'a', put: 1, ttl: 60 }, 'writes.0.ttl: it must be a text'],
    [{ key: 5, put: 1 }, 'writes.0.key: it must be a text'],
    [{ put: 1 }, 'writes.0.key: it is missing'],
    [{ key: 'a', put: 1, expiry: SECRET }, 'writes.0.expiry: there is no such member'],
    [SECRET, 'writes.0: it must be an object'],
  ] as const) {
    const { problem } = await it.batch(JSON.stringify({ writes: [write] }));
    assert.equal(problem?.detail, `The batch cannot be read: ${detail}.`);
  }
});

test('the answer to a batch fits, whatever keys and members its writes have', async () => {
  const key = (n: number) => `${n}`.padStart(3, '0') + '\u0001'.repeat(2000);
  const writes = Array.from({ length: 100 }, (_, n) =>
    n % 2 === 0 ? { key: key(n), put: n } : { key: key(n), put: n, ttl: '"'.repeat(1000) },
  );
  const { status, body: text } = await it.batch(JSON.stringify({ writes }));
  assert.equal(status, 207);
  assert.equal(JSON.parse(text).results.length, 100);
  assert.ok(text.length < 1_000_000, String(text.length));
});

test('what the log has of a request in doubt has a bound', async () => {
  const failing = new Error(LONG.repeat(100));
  it.lines = [];
  it.failing = new Map([['couchbase.read', failing]]);
  assert.equal((await it.ask('GET', LONG)).status, 503);
  assert.equal(it.lines.length, 1);
  assert.ok((it.lines[0] as string).length <= 2 * LONGEST_LINE, it.lines[0]?.slice(0, 300));
});
