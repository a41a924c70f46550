import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, before, test } from 'node:test';
import { type Cluster, type Collection, LookupInSpec, MutateInSpec } from 'couchbase';
import { connectCouchbase } from '../../../functions/stores/couchbase/connect.ts';
import { startCouchbase } from '../../../infra/local/servers/couchbase/start.ts';
import { Storage } from '../../../infra/local/servers/couchbase/storage.ts';

let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'crossfade-'));
});
after(() => rm(folder, { recursive: true }));

interface Session {
  readonly cluster: Cluster;
  readonly collection: Collection;
  readonly end: (how: 'stop' | 'kill') => Promise<void>;
}

async function session(file: string, collections: readonly string[]): Promise<Session> {
  const server = await startCouchbase({
    users: { app: 'secret' },
    buckets: { shop: { sales: collections } },
    file: join(folder, file),
  });
  const { connectionString } = server;
  const cluster = await connectCouchbase({
    connectionString,
    username: 'app',
    password: 'secret',
    connectTimeout: 5000,
  });
  return {
    cluster,
    collection: cluster.bucket('shop').scope('sales').collection('orders'),
    end: async (how) => {
      await cluster.close();
      await server[how]();
    },
  };
}

for (const how of ['stop', 'kill'] as const)
  test(`a server that keeps a file loses nothing over a ${how} and a restart`, async () => {
    const file = `${how}.db`;
    const first = await session(file, ['orders', 'customers']);
    const expiry = new Date(Date.UTC(2040, 0, 1));
    await first.collection.upsert('a', { n: 1 }, { expiry });
    await first.collection.mutateIn('a', [MutateInSpec.upsert('mine', 'x', { xattr: true })], { expiry });
    await first.collection.insert('gone', 1);
    const removed = await first.collection.remove('gone');
    const { cas } = await first.collection.get('a');
    await first.end(how);
    // Collections get other numbers now: documents must still be found by their names.
    const second = await session(file, ['customers', 'extra', 'orders']);
    const found = await second.collection.get('a', { withExpiry: true });
    assert.deepEqual([found.content, found.cas.toString()], [{ n: 1 }, cas.toString()]);
    assert.equal(found.expiryTime, expiry.getTime() / 1000);
    const { content } = await second.collection.lookupIn('a', [LookupInSpec.get('mine', { xattr: true })]);
    assert.equal(content[0]?.value, 'x');
    assert.equal((await second.collection.exists('gone')).exists, false);
    const again = await second.collection.insert('gone', 2);
    assert.ok(BigInt(again.cas.toString()) > BigInt(removed.cas.toString()));
    await second.end('stop');
  });

test('a file that knows no revisions yet is read, and counts on', () => {
  const file = join(folder, 'old.db');
  const old = new DatabaseSync(file);
  old.exec(`
    CREATE TABLE documents (
      bucket TEXT NOT NULL, collection TEXT NOT NULL, key BLOB NOT NULL, vbucket INTEGER NOT NULL,
      value BLOB NOT NULL, flags INTEGER NOT NULL, expiry INTEGER NOT NULL,
      cas INTEGER NOT NULL, seqno INTEGER NOT NULL, xattrs TEXT NOT NULL, deleted INTEGER NOT NULL,
      PRIMARY KEY (bucket, collection, key)
    ) STRICT;
    INSERT INTO documents VALUES ('shop', 'sales.orders', x'61', 3, x'31', 0, 0, 77, 5, '', 0)`);
  old.close();
  const storage = new Storage(file);
  const key = Buffer.from('a');
  const document = storage.get('shop', 'sales.orders', key);
  assert.ok(document);
  assert.deepEqual([document.value.toString(), document.cas, document.revision], ['1', 77n, 1n]);
  const marks = storage.open('shop', () => 9n).get(3);
  assert.deepEqual(marks, { uuid: 9n, cas: 77n, seqno: 5n, deletedRevision: 0n });
  assert.equal(storage.put('shop', 'sales.orders', key, 3, document), 2n);
  storage.close();
});

test('CAS go on rising through jumps of the clock, and expiry follows the clock', async () => {
  const server = await startCouchbase({ users: { app: 'secret' }, buckets: { shop: { sales: ['orders'] } } });
  const { connectionString } = server;
  const settings = { connectionString, username: 'app', password: 'secret', connectTimeout: 5000 };
  const cluster = await connectCouchbase(settings);
  const collection = cluster.bucket('shop').scope('sales').collection('orders');
  const written = async () => BigInt((await collection.upsert('a', 1)).cas.toString());
  const HOUR = 3_600_000;
  const first = await written();
  await server.jump(HOUR);
  const ahead = await written();
  assert.ok(ahead - first > BigInt(HOUR) * 900_000n);
  await server.jump(-2 * HOUR);
  assert.equal(await written(), ahead + 1n);
  await server.calm();
  await collection.upsert('soon', 1, { expiry: new Date(Date.now() + HOUR / 2) });
  assert.equal((await collection.exists('soon')).exists, true);
  await server.jump(HOUR);
  assert.equal((await collection.exists('soon')).exists, false);
  await cluster.close();
  await server.stop();
});
