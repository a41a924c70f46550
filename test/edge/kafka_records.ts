/** What records of the Couchbase Kafka connector are read as, and what is left out of a topic. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { changeIn, type Values } from '../../functions/edge/kafka_changes.ts';
import { MAX_VERSION } from '../../functions/protocol/version.ts';

/** Above what a JavaScript number holds exactly. */
const CAS = 1_700_000_000_000_000_001n;
const METADATA = {
  ...{ event: 'mutation', bucket: 'shop', partition: 417, vBucketUuid: 7, key: 'k' },
  ...{ bySeqno: 23, revSeqno: 1, expiration: 0, flags: 33_554_432, lockTime: 0 },
};

/** As Java spells it: the CAS is a number. */
const text = (members: object = METADATA, cas: unknown = CAS) =>
  JSON.stringify({ ...members, cas: 'CAS' }).replace('"CAS"', String(cas));

function told(value: string | Buffer | null, key: string | Buffer | null = 'k', values: Values = 'metadata') {
  const bytes = (of: string | Buffer | null) => (of === null ? null : Buffer.from(of as string));
  return changeIn({ key: bytes(key), value: bytes(value) }, values, 'shop');
}
const change = (deleted: boolean | null = false, cas = CAS, key = 'k') => ({
  ...{ kind: 'change', change: { key, cas, deleted } },
});

test('metadata tell key, CAS and event, whichever handler and converter have written them', () => {
  assert.deepEqual(told(text()), change());
  assert.deepEqual(told(text({ ...METADATA, event: 'deletion' })), change(true));
  assert.deepEqual(told(text({ ...METADATA, event: 'expiration' })), change(true));
  // With content, before or behind the rest, as both handlers add it.
  const content = { event: 'deletion', key: 'other', cas: 1 };
  assert.deepEqual(told(text({ content, ...METADATA })), change());
  assert.deepEqual(told(`${text().slice(0, -1)},"content":${JSON.stringify(content)}}`), change());
  assert.deepEqual(told(text({ ...METADATA, content: 'eyJ0IjoxfQ==' })), change());
  // A JsonConverter with schemas puts all of it into an envelope.
  assert.deepEqual(
    told(`{"schema":{"type":"struct","name":"com.couchbase.DcpMessage"},"payload":${text()}}`),
    change(),
  );
  // The key of the record is written by a converter of its own, and is not needed.
  for (const key of ['"k"', '{"schema":{},"payload":"k"}', 'x', null, Buffer.from([0xff])])
    assert.deepEqual(told(text(), key), change());
  // Without a bucket: a handler of before 3.4.
  assert.deepEqual(told(text({ event: 'mutation', key: 'k' })), change());
});

test('a CAS is exact, and as Java spells one that has the highest bit', () => {
  for (const cas of [1n, 10n, 1_700_000_000_000_000_000n, CAS, CAS + 1n, 2n ** 63n - 1n, MAX_VERSION])
    assert.deepEqual(told(text(METADATA, cas)), change(false, cas), String(cas));
  assert.deepEqual(told(text(METADATA, -1)), change(false, MAX_VERSION));
  assert.deepEqual(told(text(METADATA, -(2n ** 63n))), change(false, 2n ** 63n));
});

test('a topic of keys alone tells nothing else: each is looked at, whatever its value looks like', () => {
  const unknown = change(null, MAX_VERSION);
  for (const value of [
    null,
    '{"total":1}',
    text(METADATA, 1),
    text({ ...METADATA, event: 'deletion' }, 1),
    '\ud800',
  ])
    assert.deepEqual(told(value, 'k', 'none'), unknown);
  assert.deepEqual(told(null, 'schlüssel', 'none'), change(null, MAX_VERSION, 'schlüssel'));
});

test('records by which the connector moves its offsets, and those of another bucket, are none of ours', () => {
  for (const values of ['metadata', 'none'] as const)
    for (const key of [
      '__COUCHBASE_INITIAL_OFFSET_TOMBSTONE__a54ee32b-4a7e-4d98-aa36-45d8417e942a',
      'ignored-17',
    ])
      assert.deepEqual(told(null, key, values), { kind: 'marker' });
  // Somebody may give a document such a key.
  assert.deepEqual(
    told(text({ ...METADATA, key: 'ignored-17' }), 'ignored-17'),
    change(false, CAS, 'ignored-17'),
  );
  assert.deepEqual(told(text({ ...METADATA, bucket: 'other' })), { kind: 'elsewhere' });
});

test('what is none of the connector’s is left out with a reason, which names no value', () => {
  const secret = 'a value of a document';
  const long = 'k'.repeat(251);
  const cases: readonly (readonly [ReturnType<typeof told>, RegExp])[] = [
    [told(null), /value is missing/],
    [told(Buffer.from([0xff, 0xfe])), /no UTF-8/],
    [told(''), /no JSON/],
    [told(secret), /no JSON/],
    [told(`${'['.repeat(2000)}${']'.repeat(2000)}`), /no JSON/],
    [told(`"${secret}"`), /no texts key and event/],
    [told(`{"total":"${secret}"}`), /no texts key and event/],
    [told('[]'), /no texts key and event/],
    [told('null'), /no texts key and event/],
    [told(text({ ...METADATA, key: 1 })), /no texts key and event/],
    [told(text({ ...METADATA, event: secret })), /event that is not known/],
    [told(text({ ...METADATA, event: 'constructor' })), /event that is not known/],
    [told(text({ ...METADATA, key: '' })), /key is empty/],
    [told(text({ ...METADATA, key: long })), /longer than any/],
    [told(`{"key":"\\ud800","event":"mutation","cas":1}`), /lone surrogate/],
    ...[
      0,
      '"17"',
      '1.5',
      '1e400',
      'null',
      '18446744073709551616',
      '-9223372036854775809',
      `1${'0'.repeat(5000)}`,
    ].map((cas) => [told(text(METADATA, cas)), /no CAS/] as const),
    [told(null, null, 'none'), /key is missing/],
    [told(null, Buffer.from([0xc3]), 'none'), /no UTF-8/],
    [told(null, '', 'none'), /key is empty/],
    [told(null, long, 'none'), /longer than any/],
  ];
  for (const [each, why] of cases) {
    assert.equal(each.kind, 'unread', String(why));
    assert.match(each.kind === 'unread' ? each.why : '', why);
    assert.doesNotMatch(JSON.stringify(each), new RegExp(secret));
  }
});
