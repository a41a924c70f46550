import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { MARKER_BODY } from '../../../functions/stores/couchbase/attribute.ts';
import { LOBS_AS_BYTES } from '../../../functions/stores/oracle/connection.ts';
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

const PAGE = new URL('../../../functions/routing/README.md', import.meta.url);

/** The statement that the page gives to who reads Oracle directly, for the table of this test. */
async function statement(): Promise<string> {
  const [text] = /SELECT doc_key, version, body FROM ORDERS .*/.exec(await readFile(PAGE, 'utf8')) ?? [];
  return (text ?? '').replace('ORDERS', database.table.name);
}

test('the statement of the page finds the JSON documents that the API shows, and no other row', async () => {
  const { store, connection, table } = database;
  const NOW = Date.UTC(2026, 0, 1);
  const at = (key: string, body: string, expiresAt: number | null) =>
    store.apply(key, { content: { ...document(body), expiresAt }, version: 10n });
  await at('lives', '{"a":1}', null);
  await at('lives for an hour', '[1]', NOW + 3_600_000);
  await at('has expired', '{"a":1}', NOW - 1000);
  await at('is no JSON', '\u0000', null);
  await store.apply('was deleted', { content: null, version: 10n });
  const text = await statement();
  const { rows = [] } = await connection.use(
    { store: 'oracle', operation: 'read', collection: table.name, key: null },
    false,
    (session) => session.execute<[string]>(text, { now: NOW / 1000 }, LOBS_AS_BYTES),
  );
  const mine = rows.map(([key]) => key).filter((key) => /^(lives|has|is|was)/.test(key));
  assert.deepEqual(mine.sort(), ['lives', 'lives for an hour']);
});

test('the page names the marker as it lies in Couchbase', async () => {
  assert.ok((await readFile(PAGE, 'utf8')).includes(`\`${MARKER_BODY}\``));
});
