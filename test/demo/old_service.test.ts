/** The demo's old service, straight in Couchbase: its book is right, and what it is refused is no write. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { connect } from 'couchbase';
import { Book, type Fault } from '../../infra/demo/book.ts';
import { OldService } from '../../infra/demo/old_service.ts';
import { seeded } from '../../infra/demo/seeded.ts';
import { type Running, startCouchbase } from '../../infra/local/servers/couchbase/start.ts';

const KEYSPACE = { bucket: 'shop', scope: 'sales', collection: 'orders' };
const PLACES = ['a', 'b', 'c'].map((key) => ({ collection: 'orders', key }));

let server: Running;
let old: OldService;
before(async () => {
  server = await startCouchbase({ users: { old: 'secret' }, buckets: { shop: { sales: ['orders'] } } });
  const { connectionString } = server;
  old = new OldService({ connectionString, username: 'old', password: 'secret' }, KEYSPACE);
});
after(async () => {
  await old.close();
  await server.stop();
});

test('it reads, writes and deletes, finds what it has written, and catches what somebody has put back', async () => {
  const book = new Book(0, () => performance.now());
  const caught: Fault[] = [];
  const act = old.act({ book, caught: (fault) => caught.push(fault), random: seeded(1) }, PLACES);
  for (let n = 0; n < 40; n++) await act();
  assert.equal(caught.length, 0);
  const { taken } = old.counts;
  assert.ok(taken > 20 && taken < 40, `${taken} writes and deletions`);
  assert.equal(book.acknowledged, taken);
  const cluster = await connect(server.connectionString, { username: 'old', password: 'secret' });
  const collection = cluster.bucket('shop').scope('sales').collection('orders');
  // A write may come before a read.
  for (let n = 0; n < 40 && caught.length === 0; n++) {
    for (const { key } of PLACES) await collection.upsert(key, { mark: 0 });
    await act();
  }
  await cluster.close();
  assert.equal(caught[0]?.kind, 'stale');
});

test('without the right to write nothing of it takes effect, and reading goes on', async () => {
  assert.equal(await old.put('kept', '{"mark":1}'), 'acknowledged');
  await server.manage({ readers: ['old'] });
  const { refused } = old.counts;
  assert.deepEqual(
    [await old.put('kept', '{"mark":2}'), await old.put('kept', null)],
    ['refused', 'refused'],
  );
  assert.equal(old.counts.refused, refused + 2);
  const book = new Book(0, () => performance.now());
  book.begin('orders/kept', 1)('acknowledged');
  const caught: Fault[] = [];
  const reads = old.act({ book, caught: (fault) => caught.push(fault), random: () => 0 }, [
    { collection: 'orders', key: 'kept' },
  ]);
  await reads();
  assert.deepEqual(caught, []);
});
