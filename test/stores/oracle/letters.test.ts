import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Letters, letterId } from '../../../functions/stores/oracle/letters.ts';
import { CONTROL } from '../../../functions/stores/oracle/schema.ts';
import { upgrade } from '../../../functions/stores/oracle/upgrade.ts';
import { type TestDatabase, testDatabase } from './database.ts';

let database: TestDatabase;
let letters: Letters;
before(async () => {
  database = await testDatabase();
  await upgrade(database.connection, [CONTROL], null, () => {});
  letters = new Letters(database.connection);
});
after(() => database.stop());

const place = (key: string, collection = 'orders') => ({ collection, key });

test('of each collection is known how many are open and wait, and since when the oldest does', async () => {
  await letters.keep('a', 'away', place('a'), 500, 'waiting', 100);
  await letters.keep('b', 'away', place('b'), 600, 'waiting', 300);
  await letters.keep('c', 'unfit', place('c'), 700);
  await letters.keep('d', 'unfit', place('d', 'carts'), 700);
  await letters.keep('nonsense', 'no receipt', null, 800);
  const counted = { open: 2, waiting: 2, since: 100, ofAll: 3 };
  assert.deepEqual(await letters.count('orders'), counted);
  assert.deepEqual(await letters.count('carts'), { ...counted, waiting: 0, since: null });
});

test('the first of those that wait for one document counts, until one of them is settled', async () => {
  const keep = (now: number, since: number) => letters.keep('a', 'away', place('a'), now, 'waiting', since);
  await keep(900, 850);
  assert.equal((await letters.count('orders')).since, 100);
  await letters.close(letterId('a', place('a')), 'settled', 950);
  assert.equal((await letters.count('orders')).since, 300);
  await keep(1000, 990);
  await letters.close(letterId('b', place('b')), 'settled', 1000);
  assert.equal((await letters.count('orders')).since, 990);
  const [kept] = await letters.ofKey('orders', 'a');
  assert.deepEqual([kept?.times, kept?.firstSeen, kept?.lastSeen], [3, 990, 1000]);
});
