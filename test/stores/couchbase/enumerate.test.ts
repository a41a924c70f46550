import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import { documentFrom } from '../../../functions/protocol/fingerprint.ts';
import type { Shard } from '../../../functions/protocol/shard.ts';
import { keysOf, keysStatement } from '../../../functions/stores/couchbase/enumerate.ts';
import type { CouchbaseStore } from '../../../functions/stores/couchbase/store.ts';
import { OperatorNeeded } from '../../../functions/stores/failure.ts';
import { type TestCluster, testCluster } from './cluster.ts';

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
