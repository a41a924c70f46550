import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import { documentFrom } from '../../../functions/protocol/fingerprint.ts';
import { readMany } from '../../../functions/stores/couchbase/read_many.ts';
import { CouchbaseStore } from '../../../functions/stores/couchbase/store.ts';
import {
  OperatorNeeded,
  PoisonDocument,
  StoreUnavailable,
  TooHeavy,
} from '../../../functions/stores/failure.ts';
import { STATUS } from '../../../infra/local/servers/couchbase/wire.ts';
import { type TestCluster, testCluster } from './cluster.ts';

const atOnce = (concurrency: number) => ({ concurrency, most: Number.POSITIVE_INFINITY });

let cluster: TestCluster;
before(async () => {
  cluster = await testCluster();
});
after(() => cluster.stop());

test('many documents are read in the order of their keys, and a bad key spoils no other', async () => {
  const keys: string[] = Array.from({ length: 200 }, () => randomUUID());
  const contentOf = (key: string) => documentFrom(Buffer.from(`"${key}"`), null);
  await Promise.all(keys.map((key) => cluster.store.upsert(key, { content: contentOf(key) })));
  const asked = [...keys.slice(0, 100), 'x'.repeat(251), 'absent', ...keys.slice(100)];
  const outcomes = await readMany(cluster.store, asked, atOnce(16));
  assert.deepEqual(
    outcomes.map(({ key }) => key),
    asked,
  );
  for (const outcome of outcomes)
    if (keys.includes(outcome.key))
      assert.equal('state' in outcome && outcome.state.content?.digest, contentOf(outcome.key).digest);
  assert.ok('failure' in (outcomes[100] ?? {}));
  assert.deepEqual('state' in (outcomes[101] ?? {}) && outcomes[101], {
    key: 'absent',
    state: { content: null, version: 0n, cas: 0n },
  });
});

test('a key whose bytes the driver could not spell is set aside, and not taken for deleted', async () => {
  const [outcome] = await readMany(cluster.store, ['caf\ufffd'], atOnce(1));
  assert.ok(outcome !== undefined && 'failure' in outcome);
  assert.ok(outcome.failure instanceof PoisonDocument);
  assert.match(outcome.failure.message, /key "caf\ufffd".*no UTF-8.*Rename/);
});

test('a key that gets no answer is told apart from the others', async (t) => {
  if (cluster.server === null) return t.skip('nothing can be made to fail on a cluster of your own');
  const key = randomUUID();
  const store = new CouchbaseStore(cluster.connection, cluster.keyspace, 500);
  const action = { kind: 'status', status: STATUS.temporaryFailure } as const;
  await cluster.server.fault({ operation: 'lookupIn', times: null, action });
  const [outcome] = await readMany(store, [key], atOnce(1));
  await cluster.server.calm();
  assert.ok(outcome !== undefined && 'failure' in outcome && outcome.failure instanceof StoreUnavailable);
});

test('documents that are too many bytes together are not read on', async () => {
  const keys = Array.from({ length: 100 }, () => randomUUID());
  const content = documentFrom(Buffer.from(`"${'x'.repeat(998)}"`), null);
  await Promise.all(keys.map((key) => cluster.store.upsert(key, { content })));
  const read: string[] = [];
  const counting = Object.create(cluster.store, {
    read: { value: (key: string) => read.push(key) && cluster.store.read(key) },
  }) as CouchbaseStore;
  await assert.rejects(readMany(counting, keys, { concurrency: 4, most: 9999 }), TooHeavy);
  assert.ok(read.length <= 14, `${read.length} read`);
  assert.equal((await readMany(counting, keys, { concurrency: 4, most: 100_000 })).length, 100);
});

test('a collection that is not there ends it for all keys', async () => {
  const nowhere = { ...cluster.keyspace, collection: 'nowhere' };
  const store = new CouchbaseStore(cluster.connection, nowhere, 1000);
  await assert.rejects(readMany(store, ['a', 'b'], atOnce(2)), OperatorNeeded);
});

test('where so many in a row get no answer, the rest is not asked for, and counts as without one', async () => {
  const asked: string[] = [];
  const store = {
    target: (key: string) => cluster.store.target(key, 'read'),
    read: async (key: string) => {
      asked.push(key);
      if (key === '3') return { content: null, version: 0n, cas: 0n };
      throw new StoreUnavailable(cluster.store.target(key, 'read'), false, new Error('late'));
    },
  } as unknown as CouchbaseStore;
  const keys = Array.from({ length: 20 }, (_, n) => `${n}`);
  const outcomes = await readMany(store, keys, { ...atOnce(1), silent: 5 });
  // One answer among them shows that somebody is there.
  assert.deepEqual(asked, keys.slice(0, 9));
  assert.equal(
    outcomes.filter((each) => 'failure' in each && each.failure instanceof StoreUnavailable).length,
    19,
  );
  assert.match(
    (outcomes[19] as { failure: Error }).failure.message,
    /key "19".*those before it got no answer/,
  );
});
