import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { NO_ROW } from '../../../functions/protocol/state.ts';
import { type Both, oracleKeys } from '../../../functions/runs/ports.ts';
import { MARKER_BODY } from '../../../functions/stores/couchbase/attribute.ts';
import { StoreUnavailable } from '../../../functions/stores/failure.ts';
import { Batches } from '../../../functions/stores/oracle/batch.ts';
import { LOBS_AS_BYTES, OracleConnection } from '../../../functions/stores/oracle/connection.ts';
import { countHandedOff, handedOffKeys } from '../../../functions/stores/oracle/handed_off.ts';
import { inspectedKeys } from '../../../functions/stores/oracle/inspect.ts';
import { collectionSubjects, handedOffIndex } from '../../../functions/stores/oracle/schema.ts';
import { OracleStore } from '../../../functions/stores/oracle/store.ts';
import { dropTombstones } from '../../../functions/stores/oracle/tombstones.ts';
import { upgrade } from '../../../functions/stores/oracle/upgrade.ts';
import { document } from '../contract/subject.ts';
import { type TestDatabase, testDatabase } from './database.ts';

let database: TestDatabase;
before(async () => {
  database = await testDatabase();
});
after(() => database.stop());

/** As Couchbase counts them: nanoseconds. */
const CAS = BigInt(Date.now()) * 1_000_000n;
const DAY = 86_400_000_000_000n;

test('what deletions have left is dropped, but for keys whose versions could come again, and no document', async () => {
  const { store, connection, table } = database;
  const content = document('{"a":1}');
  const many = Array.from({ length: 1500 }, (_, n) => ({ key: `gone-${n}`, content: null, version: CAS }));
  await new Batches(connection, table).apply(many);
  await store.apply('kept', { content, version: CAS });
  const condition = { kind: 'none' } as const;
  // By functions of the version before, which counted from 1.
  const from = NO_ROW;
  await store.swap('counted', { from, to: { content, version: 1n, handoff: 0n, handback: 0n } });
  await store.write('counted', { content: null, condition, handedOff: false });
  // Of a key that never was: nothing had its version.
  await store.write('never', { content: null, condition, handedOff: false });
  assert.deepEqual((await store.read('never')).version, 1n);
  const seen: number[] = [];
  assert.equal(await dropTombstones(connection, table.name, (count) => seen.push(count)), 1501);
  assert.deepEqual(seen, [1000, 1501]);
  assert.equal((await store.read('never')).version, 0n);
  assert.equal((await store.read('gone-7')).version, 0n);
  assert.equal((await store.read('counted')).version, 2n);
  assert.deepEqual((await store.read('kept')).version, CAS);
  const created = await store.write('gone-7', { content, condition, handedOff: false });
  assert.ok(created !== null && created > CAS - DAY, `${created} could be an ETag of before`);
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

const execute = (statement: string) =>
  database.connection.use(database.store.target(null, 'test'), true, (session) => session.execute(statement));

const [SPAN, ROWS] = [6, 23];
const keyOf = (n: number) => `k-${String(n).padStart(2, '0')}`;
/** Two in the first span, none in the second, and the last row of all. */
const HANDED_OFF = [1, 2, 12, 13, 14, 15, 18, 22].map(keyOf);
const always = () => true;

/** One that holds nothing yet. */
async function anotherTable(suffix: string) {
  const { connection, table: first } = database;
  const table = { ...first, name: `${first.name}${suffix}` };
  await upgrade(connection, collectionSubjects(table), null, () => {});
  return { connection, table, store: new OracleStore(connection, table, Date.now) };
}

for (const indexed of [true, false])
  test(`keys that Oracle orders are counted and listed exactly, in pages of any size, with tombstones, ${indexed ? 'by their index' : 'without an index'}`, async () => {
    const { store, connection, table } = await anotherTable(indexed ? 'B' : 'C');
    if (!indexed) await execute(`DROP INDEX ${handedOffIndex(table.name)}`);
    const none = await countHandedOff(connection, table.name, { after: null, timely: always }, SPAN);
    assert.deepEqual(none, { count: 0, next: null });
    for (let n = 0; n < ROWS; n++) await store.apply(keyOf(n), { content: document(`${n}`), version: 5n });
    for (const key of HANDED_OFF) {
      const content = key === keyOf(13) ? null : document('"new"');
      await store.write(key, { content, condition: { kind: 'none' }, handedOff: false });
    }
    for (const timely of [always, () => false]) {
      let [count, pages] = [0, 0];
      for (let from: string | null = null; pages === 0 || from !== null; pages++) {
        const page = await countHandedOff(connection, table.name, { after: from, timely }, SPAN);
        count += page.count;
        from = page.next;
      }
      const looked = indexed ? HANDED_OFF.length : ROWS;
      assert.deepEqual([count, pages], [HANDED_OFF.length, timely() ? 1 : Math.ceil(looked / SPAN)]);
      for (const most of [3, 100]) assert.deepEqual(await listed(table.name, most, timely), HANDED_OFF);
    }
    assert.deepEqual(await store.countHandedOff({ after: keyOf(12), timely: always }), {
      count: 5,
      next: null,
    });
    assert.deepEqual((await store.handedOffKeys({ after: null, most: 2, timely: always })).keys, [
      keyOf(1),
      keyOf(2),
    ]);
    await connection.use(store.target(null, 'test'), true, (session) =>
      session.execute(`DROP TABLE ${table.name}`),
    );
  });

test('a copy-back of what Oracle orders lists it by statements that read a bounded number of rows', async (t) => {
  const { server, connection, table, store } = database;
  if (server === null) return t.skip('nothing can be made to fail here');
  for (const n of [3, 1, 2])
    await store.write(`few-${n}`, { content: document('1'), condition: { kind: 'none' }, handedOff: false });
  // Without the index, which reads nothing else.
  await execute(`DROP INDEX ${handedOffIndex(table.name)}`);
  const keys = oracleKeys({ database: connection, table } as Both, 'handed-off', Date.now, 10_000);
  const action = { kind: 'drop', applied: false } as const;
  // It has no end but that of the table.
  const statement = 'doc_key > :after AND handoff IS NOT NULL ORDER BY';
  await server.fault({ operation: 'execute', statement, times: 100, action });
  const found = await keys({ after: 'few-', upTo: null }, 100).finally(() => server.calm());
  assert.deepEqual(found.slice(0, 3), ['few-1', 'few-2', 'few-3']);
  assert.deepEqual(await keys({ after: 'few-1', upTo: 'few-2' }, 100), ['few-2']);
  assert.deepEqual(await keys({ after: 'few-', upTo: 'few.' }, 2), ['few-1', 'few-2']);
});

async function listed(table: string, most: number, timely: () => boolean): Promise<string[]> {
  const all: string[] = [];
  for (let from: string | null = null, first = true; first || from !== null; first = false) {
    const page = await handedOffKeys(database.connection, table, { after: from, most, timely }, SPAN);
    assert.ok(page.keys.length <= most);
    all.push(...page.keys);
    from = page.next;
  }
  return all;
}

test('a listing may take longer than another call', async (t) => {
  const { server, connection, table, credentials, store } = database;
  if (server === null) return t.skip('nothing can be made slow here');
  await store.write('slow-1', { content: document('1'), condition: { kind: 'none' }, handedOff: false });
  const impatient = new OracleConnection({ login: async () => credentials, size: 2, timeout: 400 });
  const slow = (statement: string) =>
    server.fault({ operation: 'execute', statement, times: 1, action: { kind: 'delay', milliseconds: 900 } });
  const shard = { after: 'slow-', upTo: 'slow.' };
  try {
    await impatient.use(store.target(null, 'test'), false, async () => {});
    for (const which of ['all', 'handed-off'] as const) {
      await slow('SELECT doc_key');
      const keys = oracleKeys({ database: impatient, table } as Both, which, Date.now, 400);
      assert.deepEqual(await keys(shard, 10), ['slow-1'], which);
    }
    await slow('SELECT doc_key FROM');
    const options = { which: 'all', limit: 10, now: Date.now() } as const;
    await assert.rejects(inspectedKeys(impatient, table.name, shard, options), /NJS-123/);
    assert.deepEqual(await inspectedKeys(connection, table.name, shard, options), ['slow-1']);
  } finally {
    await server.calm();
    await impatient.close();
  }
});

test('a count that Oracle does not answer is no count', async (t) => {
  const { server, store } = database;
  if (server === null) return t.skip('nothing can be made to fail here');
  const action = { kind: 'drop', applied: false } as const;
  await server.fault({ operation: 'execute', statement: 'COUNT(handoff)', times: 1, action });
  await assert.rejects(store.countHandedOff({ after: null, timely: always }), StoreUnavailable);
  await server.calm();
});
