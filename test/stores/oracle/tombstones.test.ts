import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { dropTombstones } from '../../../functions/stores/oracle/tombstones.ts';
import { document } from '../contract/subject.ts';
import { type TestDatabase, testDatabase } from './database.ts';

let database: TestDatabase;
before(async () => {
  database = await testDatabase();
});
after(() => database.stop());

/** As Couchbase counts them. */
const CAS = 1_790_000_000_000_000_000n;

test('what deletions have left is dropped, but for keys whose versions could come again, and no document', async () => {
  const { store, connection, table } = database;
  const content = document('{"a":1}');
  for (let n = 0; n < 1500; n++) await store.apply(`gone-${n}`, { content: null, version: CAS });
  await store.apply('kept', { content, version: CAS });
  const condition = { kind: 'none' } as const;
  await store.write('counted', { content, condition, handedOff: false });
  await store.write('counted', { content: null, condition, handedOff: false });
  const seen: number[] = [];
  assert.equal(await dropTombstones(connection, table.name, (count) => seen.push(count)), 1500);
  assert.deepEqual(seen, [1000, 1500]);
  assert.equal((await store.read('gone-7')).version, 0n);
  assert.equal((await store.read('counted')).version, 2n);
  assert.deepEqual((await store.read('kept')).version, CAS);
  assert.equal(await store.write('gone-7', { content, condition, handedOff: false }), 1n);
  assert.equal(await dropTombstones(connection, table.name, () => {}), 0);
});
