/** What verification sees of Couchbase, by whatever requests: the same of every document, whatever was looked at before. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { runInNewContext } from 'node:vm';
import { type Collection, LookupInSpec, MutateInMacro, MutateInSpec } from 'couchbase';
import type { Version } from '../../../functions/protocol/version.ts';
import { CouchbaseInspector, type Depth } from '../../../functions/stores/couchbase/inspect.ts';
import { Lookup } from '../../../functions/stores/couchbase/lookup.ts';
import { CouchbaseStore } from '../../../functions/stores/couchbase/store.ts';
import { StoreUnavailable, TooHeavy } from '../../../functions/stores/failure.ts';
import type { Partition, Witness } from '../../../functions/stores/witness.ts';
import { STATUS } from '../../../infra/local/servers/couchbase/wire.ts';
import { document } from '../contract/subject.ts';
import { type TestCluster, testCluster } from './cluster.ts';

const MANY = Number.POSITIVE_INFINITY;
const DEPTHS: readonly Depth[] = ['glance', 'outside', 'whole'];
const EXPIRES = 4_000_000_000;

let cluster: TestCluster;
let plain: string[];
before(async () => {
  cluster = await testCluster();
  plain = await Promise.all(Array.from({ length: 40 }, () => put('{"plain":true}')));
});
after(() => cluster.stop());

async function put(body: string, expiresAt: number | null = null): Promise<string> {
  const key = randomUUID();
  await cluster.store.upsert(key, { content: document(body, expiresAt) });
  return key;
}

/** Writes it with our attribute. */
async function mark(content: ReturnType<typeof document> | null, version: Version | null): Promise<string> {
  const key = randomUUID();
  await cluster.store.swap(key, { cas: 0n, content, version });
  return key;
}

const xattr = (path: string, value: unknown) =>
  MutateInSpec.upsert(path, value, { xattr: true, createPath: true });

const inspectorOf = (depth: Depth, timeout = 5000) =>
  new CouchbaseInspector(cluster.connection, cluster.keyspace, { depth, concurrency: 4, timeout });

/** One that has met so many plain documents that it takes attributes for rare, and one that has met none. */
async function inspectors(depth: Depth): Promise<CouchbaseInspector[]> {
  const experienced = inspectorOf(depth);
  await experienced.inspect(plain, MANY);
  return [experienced, inspectorOf(depth)];
}

for (const depth of DEPTHS)
  test(`every kind of document is seen as what it is: ${depth}`, async () => {
    const overwritten = await mark(document('{"v":1}'), 5n);
    await cluster.store.upsert(overwritten, { content: document('{"v":2}') });
    const foreign = await put('{"sync":1}');
    await cluster.collection.mutateIn(foreign, [xattr('_sync.rev', '1-a')]);
    const strange = await put('{"strange":1}');
    await cluster.collection.mutateIn(strange, [xattr('crossfade', 'not ours')]);
    const endless = await put('{"endless":1}');
    await cluster.collection.mutateIn(endless, [
      xattr('crossfade.version', '9'.repeat(1000)),
      xattr('crossfade.cas', MutateInMacro.Cas),
    ]);
    const expected: [key: string, presence: string, version: Version | 'CAS', expires: number | null][] = [
      [await put('{"n":1}'), 'live', 'CAS', null],
      [await put('{"n":1}', EXPIRES * 1000), 'live', 'CAS', EXPIRES],
      [await mark(document('{"n":1}'), 7n), 'live', 7n, null],
      [await mark(document('{"n":1}', EXPIRES * 1000), 7n), 'live', 7n, EXPIRES],
      [await mark(null, null), 'deleted', 'CAS', null],
      [await mark(null, 9n), 'deleted', 9n, null],
      [overwritten, 'live', 'CAS', null],
      [foreign, 'live', 'CAS', null],
      [strange, 'live', 'CAS', null],
      [endless, 'live', 'CAS', null],
      [randomUUID(), 'absent', 0n, null],
      ['k'.repeat(300), 'absent', 0n, null],
    ];
    for (const inspector of await inspectors(depth))
      for (const [key, presence, version, expires] of expected) {
        const [seen] = await inspector.inspect([key], MANY);
        const found = await cluster.collection.exists(key).catch(() => null);
        const cas = BigInt(found?.cas?.toString() ?? 0);
        assert.deepEqual(
          [seen?.presence, seen?.version, seen?.expires],
          [presence, version === 'CAS' ? cas : version, expires],
          key,
        );
        assert.equal(seen?.body !== null, depth === 'whole' && presence === 'live', key);
        await inspector.inspect(plain, MANY);
      }
  });

const PAGE = new URL('../../../infra/README.md', import.meta.url);

/** The condition of the manual, as it stands there. */
async function conditionOfPage(): Promise<(document: unknown, attribute: unknown) => boolean> {
  const [code] = /function isMarker.*?\n {4}}\n/s.exec(await readFile(PAGE, 'utf8')) ?? [];
  return runInNewContext(`(${code})`);
}

/** As anybody looks at a document who has never heard of us, with the look of the manual. */
async function lookedAt(key: string): Promise<[document: unknown, attribute: unknown]> {
  const { content } = await cluster.collection.lookupIn(key, [
    LookupInSpec.get('crossfade', { xattr: true }),
    LookupInSpec.get(''),
  ]);
  const [attribute, body] = content.map(({ error, value }) => (error === null ? value : undefined));
  return [body, attribute];
}

test('the manual, the store and verification agree about what is a marker, and nothing that an app can write is one', async () => {
  const isMarker = await conditionOfPage();
  const touched = await mark(null, 5n);
  await cluster.collection.touch(touched, 1000);
  const markers = [await mark(null, null), await mark(null, 9n), await mark(null, 0n), touched];
  const alike = '{"crossfade":"deleted"}';
  const others = [await put(alike), await mark(document(alike), 7n)];
  const spaced = '{ "crossfade": "deleted" }';
  const bodies = [alike, spaced, '{"crossfade":"deletes"}', '{"crossfade":"deleted","a":1}', '"deleted"'];
  for (const body of [...bodies, 'null', '[1]', '{}']) {
    const [content, { store }] = [document(body), cluster];
    const versions = [null, 8n].map(
      (version) => (key: string, cas: bigint) => store.swap(key, { cas, content, version }),
    );
    for (const write of [(key: string) => store.upsert(key, { content }), ...versions]) {
      const key = await mark(null, 5n);
      await write(key, (await store.read(key)).cas);
      others.push(key);
    }
  }
  const keys = [...markers, ...others];
  for (const [n, key] of keys.entries()) {
    const [body, attribute] = await lookedAt(key);
    const told = `${JSON.stringify(body)} ${JSON.stringify(attribute)}`;
    assert.equal(isMarker(body, attribute), n < markers.length, told);
    assert.equal((await cluster.store.read(key)).content === null, n < markers.length, told);
  }
  const expected = keys.map((_, n) => (n < markers.length ? 'deleted' : 'live'));
  for (const depth of DEPTHS)
    for (const inspector of await inspectors(depth)) {
      const seen = await inspector.inspect(keys, MANY);
      assert.deepEqual(
        seen.map(({ presence }) => presence),
        expected,
        depth,
      );
    }
});

test('a marker tells when it was written, whoever has touched it since', async () => {
  const key = await mark(null, 5n);
  const written = (await cluster.collection.exists(key)).cas;
  const told = async () => (await inspectorOf('glance').inspect([key], MANY))[0];
  const at = Number(BigInt(String(written)) / 1_000_000n);
  assert.equal((await told())?.marked, at);
  const { cas } = await cluster.collection.touch(key, 1000);
  const seen = await told();
  assert.deepEqual([seen?.marked, seen?.version, seen?.presence], [at, BigInt(String(cas)), 'deleted']);
  assert.equal((await inspectorOf('glance').inspect([plain[0] as string], MANY))[0]?.marked, undefined);
});

test('documents that are too many bytes together are told before any body is read', async (t) => {
  const keys = await Promise.all(Array.from({ length: 10 }, () => put(`"${'x'.repeat(998)}"`)));
  const inspector = inspectorOf('whole');
  assert.equal((await inspector.inspect(keys, 10_000)).length, 10);
  await assert.rejects(inspector.inspect(keys, 9999), TooHeavy);
  if (cluster.server === null)
    return t.diagnostic('on a cluster of your own nothing shows that none was read');
  await cluster.server.fault({
    operation: 'get',
    times: null,
    action: { kind: 'status', status: STATUS.temporaryFailure },
  });
  await assert.rejects(inspector.inspect(keys, 9999), TooHeavy).finally(() => cluster.server?.calm());
});

test('a glance that gets no answer says so, as any other look', async (t) => {
  if (cluster.server === null) return t.skip('nothing can be made to fail on a cluster of your own');
  const [key = ''] = plain;
  const inspector = inspectorOf('glance', 500);
  await inspector.inspect(plain, MANY);
  const action = { kind: 'status', status: STATUS.temporaryFailure } as const;
  await cluster.server.fault({ operation: 'getMeta', times: null, action });
  await assert.rejects(inspector.inspect([key], MANY), (error) => {
    assert.ok(error instanceof StoreUnavailable);
    assert.match(error.message, new RegExp(`inspect.*${key}`));
    return true;
  });
  await cluster.server.calm();
  assert.equal((await inspector.inspect([key], MANY))[0]?.presence, 'live');
});

test('an attribute that goes between the question and the look is none', async () => {
  const lookup = new Lookup([LookupInSpec.get('$document.exptime', { xattr: true })]);
  const { collection } = cluster;
  for (const key of plain) await lookup.at(collection, key, 5000);
  const key = await mark(document('{"v":1}'), 5n);
  let asked = 0;
  const racing = Object.create(collection, {
    lookupIn: {
      value: async (...args: Parameters<Collection['lookupIn']>) => {
        const answer = await collection.lookupIn(...args);
        // 1. There is one. 2. Somebody else writes the document anew. 3. There is none.
        if (asked++ === 0)
          await cluster.collection.mutateIn(key, [MutateInSpec.remove('crossfade', { xattr: true })]);
        return answer;
      },
    },
  }) as Collection;
  const looked = await lookup.at(racing, key, 5000);
  const { cas } = await collection.exists(key);
  assert.deepEqual([asked, looked.attribute, looked.cas], [2, undefined, BigInt(String(cas))]);
});

test('a look at a document tells the partition of its key and its history, as its mutation has told it', async () => {
  const [made, seen]: [string[], string[]] = [[], []];
  const text = ({ id, uuid }: Partition) => `${id} ${uuid}`;
  const witness: Witness = {
    now: () => ({ earliest: 0, latest: 0 }),
    made: ({ partition }) => void (partition !== null && made.push(text(partition))),
    looked: (partition) => void seen.push(text(partition)),
  };
  const durable = { level: 'none', fallBack: null, witness } as const;
  const { connection, keyspace } = cluster;
  const store = new CouchbaseStore(connection, keyspace, 10_000, durable);
  const keys = Array.from({ length: 20 }, (_, n) => `${randomUUID()} café ${n}`);
  for (const key of keys) await store.upsert(key, { content: document('{}') });
  const options = { depth: 'whole', concurrency: 4, timeout: 5000, witness } as const;
  const inspector = new CouchbaseInspector(connection, keyspace, options);
  await inspector.inspect([...keys, randomUUID()], MANY);
  assert.equal(made.length, keys.length);
  assert.deepEqual(seen, made);
});
