import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import { MutateInSpec } from 'couchbase';
import { connectCouchbase } from '../../../functions/stores/couchbase/connect.ts';
import type { Keyspace } from '../../../functions/stores/couchbase/connection.ts';
import { CouchbaseStore } from '../../../functions/stores/couchbase/store.ts';
import { OperatorNeeded, PoisonDocument, TooLargeToRead } from '../../../functions/stores/failure.ts';
import { LARGEST_BODY } from '../../../functions/stores/storable.ts';
import { document } from '../contract/subject.ts';
import { type TestCluster, testCluster } from './cluster.ts';

let cluster: TestCluster;
let store: CouchbaseStore;

before(async () => {
  cluster = await testCluster();
  ({ store } = cluster);
});
after(() => cluster.stop());

/** As a legacy client stores bytes. */
const BYTES = {
  encode: (bytes: Buffer): [Buffer, number] => [bytes, 0x02000006],
  decode: (bytes: Buffer) => bytes,
};
const anyKey = () => `key-${randomUUID()}`;

for (const [name, body] of [
  ['an integer above 2^53', '{"n":9007199254740993}'],
  ['numbers that a float cannot hold', '[1e400,1.0,-0,0.1000000000000000055511151231257827]'],
  ['a name twice and odd spacing', '{ "a":1,\n"a" : 2 }'],
  ['escapes and a lone surrogate', '"\\u0041\\ud800 \\/"'],
  ['no JSON at all', new Uint8Array([0, 255, 34, 128])],
  ['nothing', ''],
  ['the largest body', new Uint8Array(LARGEST_BODY).fill(120)],
] as const)
  test(`a body comes back byte for byte: ${name}`, async () => {
    const key = anyKey();
    const content = document(body);
    const cas = await store.upsert(key, { content });
    const plain = await store.read(key);
    assert.deepEqual(Buffer.from(plain.content?.body ?? []), Buffer.from(content.body));
    assert.deepEqual([plain.version, plain.cas], [cas, cas]);
    // The longest version and request that our attribute can hold.
    const request = 'r'.repeat(43);
    await store.swap(key, { cas, content: { ...content, request }, version: 9_999_999_999_999_999_999n });
    const { cas: last } = await store.read(key);
    const swapped = await store.swap(key, { cas: last, content, version: 7n });
    const marked = await store.read(key);
    assert.equal(marked.content?.digest, content.digest);
    assert.deepEqual([marked.version, marked.cas], [7n, swapped]);
    await store.remove(key);
  });

test('what is gone is told apart from what has never been, and from what is there', async () => {
  const key = anyKey();
  assert.equal(await store.gone(key), 0n);
  await store.upsert(key, { content: document('1') });
  assert.equal(await store.gone(key), null);
  const removed = await store.remove(key);
  assert.equal(await store.gone(key), removed);
  const marker = await store.swap(key, { cas: 0n, content: null, version: 0n });
  assert.equal(await store.gone(key), null);
  const erased = await store.erase(key, { cas: marker ?? 0n });
  assert.equal(await store.gone(key), erased);
});

test('any key up to 246 bytes of UTF-8 names its own document', async () => {
  const keys = [
    'a',
    'a/b c%',
    'ключ',
    'é',
    'e\u0301',
    '\u{1f600}'.repeat(61),
    'x'.repeat(246),
    '$',
    '_',
    '\0',
  ];
  for (const key of keys) await store.upsert(key, { content: document(JSON.stringify(key)) });
  for (const key of keys) {
    const { content } = await store.read(key);
    assert.equal(Buffer.from(content?.body ?? []).toString(), JSON.stringify(key));
    await store.remove(key);
  }
});

test('the default collection has room for four bytes more, and says so ahead of a write', async () => {
  const unnamed = { ...cluster.keyspace, scope: '_default', collection: '_default' };
  const byDefault = new CouchbaseStore(cluster.connection, unnamed, 10_000);
  const [longest, longer] = ['k'.repeat(250), 'k'.repeat(251)];
  byDefault.require(longest, document('1'));
  await byDefault.upsert(longest, { content: document('1') });
  assert.equal((await byDefault.read(longest)).content?.digest, document('1').digest);
  await byDefault.remove(longest);
  assert.throws(() => byDefault.require(longer, null), /251 bytes of UTF-8, and may have 250/);
  assert.throws(() => store.require('k'.repeat(247), null), /247 bytes of UTF-8, and may have 246/);
});

test('what Couchbase could never hold is poison, and says why', async () => {
  // A byte below 20 MiB: Couchbase would take it, and not with our attribute.
  const above = document(new Uint8Array(20 * 1024 * 1024 - 1));
  await assert.rejects(
    store.swap(anyKey(), { cas: 0n, content: above, version: 1n }),
    /20971519 bytes is above 20970496/,
  );
  const content = document('1');
  for (const key of ['', 'x'.repeat(260), '\ud800'])
    await assert.rejects(store.upsert(key, { content }), PoisonDocument);
  const large = document(new Uint8Array(20 * 1024 * 1024));
  await assert.rejects(store.upsert(anyKey(), { content: large }), /20971520 bytes.*Split/);
  await assert.rejects(store.swap(anyKey(), { cas: 0n, content: large, version: 1n }), PoisonDocument);
  await assert.rejects(store.upsert(anyKey(), { content: document('1', 1500) }), /whole second/);
});

test('a plain write by somebody else leaves the xattr behind, and it tells no more than what was written over', async () => {
  const key = anyKey();
  await store.swap(key, { cas: 0n, content: document('1'), version: 7n });
  assert.equal((await store.read(key)).version, 7n);
  const cas = await store.upsert(key, { content: document('2') });
  assert.deepEqual(await store.read(key), { content: document('2'), version: cas, cas, attribute: 7n });
});

test('a version that is a day ahead of its CAS is not ours, and the document counts as plainly written', async () => {
  const key = anyKey();
  for (const [hours, believed] of [
    [23n, true],
    [25n, false],
  ] as const) {
    const { cas: held } = await store.read(key);
    const version = BigInt(Date.now()) * 1_000_000n + hours * 3_600n * 1_000_000_000n;
    const cas = await store.swap(key, { cas: held, content: document('1'), version });
    assert.equal((await store.read(key)).version, believed ? version : cas);
  }
});

test('a marker that somebody touched is still a marker, under its new CAS', async () => {
  const key = anyKey();
  await store.swap(key, { cas: 0n, content: null, version: 12n });
  const marker = await store.read(key);
  assert.deepEqual([marker.content, marker.version], [null, 12n]);
  const touched = BigInt((await cluster.collection.touch(key, 1000)).cas.toString());
  assert.deepEqual(await store.read(key), { content: null, version: touched, cas: touched, attribute: 12n });
});

test('a document that is put over a marker is no marker, also where it is, as JSON, that of one', async () => {
  const key = anyKey();
  for (const body of ['{"crossfade":"deleted"}', ' { "crossfade" : "\\u0064eleted" }', '{}']) {
    const content = document(body);
    for (const write of [
      () => store.upsert(key, { content }),
      async () => store.swap(key, { cas: (await store.read(key)).cas, content, version: null }),
    ]) {
      await store.swap(key, { cas: (await store.read(key)).cas, content: null, version: 12n });
      const cas = await write();
      const { attribute: _, ...held } = await store.read(key);
      assert.deepEqual(held, { content, version: cas, cas });
    }
  }
});

test('an xattr of our name that is not ours counts as none', async () => {
  for (const foreign of [
    'text',
    5,
    [1],
    { version: '7' },
    { version: -1, cas: 'x' },
    { version: '99'.repeat(20) },
  ]) {
    const key = anyKey();
    const cas = await store.upsert(key, { content: document('1') });
    await cluster.collection.mutateIn(key, [MutateInSpec.upsert('crossfade', foreign, { xattr: true })]);
    const read = await store.read(key);
    assert.equal(read.version, read.cas);
    assert.ok(read.cas > cas);
  }
});

test('a wrong password, scope or collection calls for an operator, and a wrong bucket is named as a reason', async () => {
  const settings = { connectionString: cluster.connectionString, connectTimeout: 5000 };
  await assert.rejects(connectCouchbase({ ...settings, username: 'app', password: 'wrong' }), {
    name: 'OperatorNeeded',
    message: /the user name or the password was refused. Check .* of the secret/,
  });
  const { connection, keyspace } = cluster;
  const reading = (wrong: Partial<Keyspace>, timeout: number) =>
    new CouchbaseStore(connection, { ...keyspace, ...wrong }, timeout).read('a');
  await assert.rejects(reading({ scope: 'nowhere' }, 10_000), OperatorNeeded);
  await assert.rejects(reading({ collection: 'nowhere' }, 1000), OperatorNeeded);
  // Of a missing bucket the driver says nothing before its own bootstrap has given up, 10 seconds later.
  await assert.rejects(reading({ bucket: 'nowhere' }, 500), /never sent.*does it have that bucket/);
});

test('a body above what is of use is refused by its measure, even one of 20 MiB, of which a lookup would end this process', async () => {
  const key = anyKey();
  const expiry = Math.floor(Date.now() / 1000) + 3600;
  await cluster.collection.upsert(key, Buffer.alloc(20 * 1024 * 1024, 'x'), {
    ...{ transcoder: BYTES, expiry: new Date(expiry * 1000) },
  });
  const most = 20 * 1024 * 1024 - 1;
  await assert.rejects(store.readUpTo(key, most), (error: unknown) => {
    assert.ok(error instanceof TooLargeToRead);
    assert.deepEqual([error.bytes, error.expiresAt], [most + 1, expiry * 1000]);
    assert.doesNotMatch(error.message, /xx/);
    return true;
  });
  const cas = await store.upsert(key, { content: document('"four"') });
  assert.deepEqual(await store.readMeasured(key, 6), await store.read(key));
  assert.deepEqual(await store.readUpTo(key, 6), await store.read(key));
  // As ETags of it were told, so that a client can go on with them.
  await assert.rejects(store.readUpTo(key, 5), (error: TooLargeToRead) => error.version === cas);
  await store.swap(key, { cas, content: document('"five"'), version: 7n });
  await assert.rejects(store.readMeasured(key, 5), (error: TooLargeToRead) => error.version === 7n);
  assert.deepEqual(await store.readUpTo(anyKey(), 0), { content: null, version: 0n, cas: 0n });
  const { cas: held } = await store.read(key);
  await store.swap(key, { cas: held, content: null, version: 12n });
  assert.deepEqual(await store.readUpTo(key, 1000), await store.read(key), 'a mark of a deletion');
});

test('a measure and the body are asked for at the same time: a read takes the time of one request', async () => {
  const begun: string[] = [];
  let both: () => void = () => {};
  const bothBegun = new Promise<void>((resolve) => {
    both = resolve;
  });
  const cas = { toString: () => '5' };
  const begin = async (what: string, { timeout }: { timeout: number }) => {
    begun.push(`${what} within ${timeout}`);
    if (begun.length === 2) both();
    await bothBegun;
  };
  const found = [{ value: undefined }, { value: Buffer.from('0') }, { value: Buffer.from('1') }];
  const collection = {
    lookupIn: async (_key: string, _specs: unknown, options: { timeout: number }) => {
      await begin('measure', options);
      return { cas, content: found };
    },
    get: async (_key: string, options: { timeout: number }) => {
      await begin('get', options);
      return { cas, content: Buffer.from('1') };
    },
  };
  const connection = { use: (_: Keyspace, act: (of: object) => unknown) => act(collection) };
  const slow = new CouchbaseStore(connection as never, cluster.keyspace, 1000);
  assert.deepEqual(await slow.readUpTo('k', 10), { content: document('1'), version: 5n, cas: 5n });
  assert.deepEqual(begun.sort(), ['get within 1000', 'measure within 1000']);
});
