import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import { documentFrom } from '../../../functions/protocol/fingerprint.ts';
import type { Shard } from '../../../functions/protocol/shard.ts';
import { CouchbaseConnection } from '../../../functions/stores/couchbase/connection.ts';
import { keysOf, keysStatement } from '../../../functions/stores/couchbase/enumerate.ts';
import {
  hasVersionsIndex,
  versionsOf,
  versionsStatement,
} from '../../../functions/stores/couchbase/listed_versions.ts';
import type { CouchbaseStore } from '../../../functions/stores/couchbase/store.ts';
import { OperatorNeeded } from '../../../functions/stores/failure.ts';
import { type TestCluster, testCluster } from './cluster.ts';
import { dropVersionsIndex, indexStatement, makeVersionsIndex } from './versions_index.ts';

let cluster: TestCluster;
let store: CouchbaseStore;
const content = documentFrom(Buffer.from('1'), null);

before(async () => {
  cluster = await testCluster();
  ({ store } = cluster);
});
after(() => cluster.stop());

const page = (shard: Shard, limit: number) =>
  keysOf(cluster.connection, cluster.keyspace, shard, { limit, timeout: 20_000 });

/** Every key of a shard, as backfill walks it. */
async function walk({ after: from, upTo }: Shard, limit: number): Promise<string[]> {
  const keys: string[] = [];
  for (let at = from; ; ) {
    const found = await page({ after: at, upTo }, limit);
    keys.push(...found);
    if (found.length < limit) return keys;
    at = found.at(-1) as string;
  }
}

test('keys that come and go between two pages make it neither repeat nor lose the others', async () => {
  const prefix = randomUUID();
  const key = (n: number) => `${prefix}-${n}`;
  for (const n of [1, 3, 5, 7]) await store.upsert(key(n), { content });
  const within = { after: prefix, upTo: `${prefix}.` };
  const first = await page(within, 2);
  await store.remove(key(3));
  for (const n of [2, 6]) await store.upsert(key(n), { content });
  const rest = await walk({ ...within, after: first.at(-1) as string }, 2);
  assert.deepEqual([...first, ...rest], [1, 3, 5, 6, 7].map(key));
});

test('a shard without bounds asks for every key', () => {
  const { text, parameters } = keysStatement('`b`.`s`.`c`', { after: null, upTo: null }, 10);
  assert.equal(text, 'SELECT RAW META(d).id FROM `b`.`s`.`c` AS d ORDER BY META(d).id LIMIT $limit');
  assert.deepEqual(parameters, { limit: 10 });
});

test('a collection that is not there calls for an operator', async () => {
  const nowhere = { ...cluster.keyspace, collection: 'nowhere' };
  const options = { limit: 1, timeout: 5000 };
  await assert.rejects(
    keysOf(cluster.connection, nowhere, { after: null, upTo: null }, options),
    OperatorNeeded,
  );
});

const real = process.env.COUCHBASE_URL === undefined ? false : 'a real server knows all of SQL++';

test('the embedded query service refuses what Crossfade does not send', { skip: real }, async () => {
  for (const statement of ['SELECT 1', 'DELETE FROM `crossfade`.`test`.`documents` AS d'])
    await assert.rejects(cluster.cluster.query(statement), { name: 'ParsingFailureError' });
});

test('versions are told where an index of them is online, and holds all that is asked for', async () => {
  const { connection, keyspace } = cluster;
  const key = `versions-${randomUUID()}`;
  const expires = Math.floor(Date.now() / 1000) + 3600;
  await store.upsert(`${key}-a`, { content: documentFrom(Buffer.from('{}'), expires * 1000) });
  await store.upsert(`${key}-b`, { content });
  const listed = () =>
    versionsOf(connection, keyspace, { after: key, upTo: `${key}.` }, { limit: 10, timeout: 20_000 });
  assert.deepEqual([await hasVersionsIndex(connection, keyspace, 5000), await listed()], [false, []]);
  // One without the expiry has documents fetched, and then nothing tells of their expiry.
  const part = indexStatement(cluster, 'CREATE').replace(/, META\(\)\.expiration.*/s, ')');
  await cluster.cluster.query(part);
  assert.deepEqual([await hasVersionsIndex(connection, keyspace, 5000), await listed()], [false, []]);
  await dropVersionsIndex(cluster);
  await makeVersionsIndex(cluster);
  assert.equal(await hasVersionsIndex(connection, keyspace, 5000), true);
  const [first, second] = [await store.read(`${key}-a`), await store.read(`${key}-b`)];
  assert.deepEqual(await listed(), [
    { key: `${key}-a`, version: first.cas, expires },
    { key: `${key}-b`, version: second.cas, expires: null },
  ]);
  await store.upsert(`${key}-c`, { content: documentFrom(Buffer.from('no JSON'), null) });
  assert.equal((await listed()).length, 2, 'an index has only what is JSON');
  // Of a copy the version is that of its attribute, until somebody else writes it. A mark of a deletion takes a look, touched or not.
  const version = second.cas + 10n;
  assert.ok((await store.swap(`${key}-b`, { cas: second.cas, content, version })) !== null);
  assert.deepEqual(
    (await listed()).map((each) => each.version),
    [first.cas, version],
  );
  await store.upsert(`${key}-b`, { content });
  const plain = await store.read(`${key}-b`);
  assert.ok((await store.swap(`${key}-a`, { cas: first.cas, content: null, version: null })) !== null);
  assert.deepEqual(
    (await listed()).map((each) => each.version),
    [null, plain.cas],
  );
  await cluster.collection.touch(`${key}-a`, 100);
  assert.deepEqual(
    (await listed()).map((each) => each.version),
    [null, plain.cas],
  );
  const { text, parameters } = versionsStatement('`b`.`s`.`c`', { after: null, upTo: null }, 10);
  assert.match(text, /WHERE META\(d\)\.id > \$after ORDER BY/);
  assert.deepEqual(parameters, { after: '', limit: 10 });
  // What the index does not tell, for whatever reason, is asked of the documents.
  const nowhere = new CouchbaseConnection(() => Promise.reject(new Error('nobody is there')));
  const away = { limit: 10, timeout: 1000 };
  assert.deepEqual(await versionsOf(nowhere, keyspace, { after: null, upTo: null }, away), []);
  assert.equal(await hasVersionsIndex(nowhere, keyspace, 1000), false);
  await dropVersionsIndex(cluster);
  assert.deepEqual([await hasVersionsIndex(connection, keyspace, 5000), await listed()], [false, []]);
});
