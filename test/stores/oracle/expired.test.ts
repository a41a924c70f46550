/** What expires in thousands is swept in few statements, and what is left of it is dropped once nothing can need it. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { NO_ROW } from '../../../functions/protocol/state.ts';
import type { Target } from '../../../functions/stores/failure.ts';
import type { OracleConnection } from '../../../functions/stores/oracle/connection.ts';
import { sweepBatch } from '../../../functions/stores/oracle/expired.ts';
import { collectionSubjects } from '../../../functions/stores/oracle/schema.ts';
import { OracleStore } from '../../../functions/stores/oracle/store.ts';
import {
  type Bounds,
  countDroppable,
  dateTombstones,
  dropWithin,
  tombstoneOf,
} from '../../../functions/stores/oracle/tombstones.ts';
import { upgrade } from '../../../functions/stores/oracle/upgrade.ts';
import { document } from '../contract/subject.ts';
import { type TestDatabase, testDatabase } from './database.ts';

let database: TestDatabase;
before(async () => {
  database = await testDatabase();
});
after(() => database.stop());

const [PAST, NOW, FUTURE] = [1_000_000_000, 1_100_000_000, 1_200_000_000];
const TARGET: Target = { store: 'oracle', operation: 'sweep', collection: 'T', key: null };

/** 50 documents that expire then, or 2,500: one for each pair of them. */
async function fill(expires: number, prefix: string, pairs: boolean): Promise<void> {
  const { connection, table } = database;
  const rows = Array.from({ length: 50 }, (_, n) => ({ k: `${prefix}-${n}`, expires }));
  const into = `INSERT INTO ${table.name} (doc_key, version, handback, kind, expires)`;
  await connection.use(TARGET, true, async (session) => {
    await session.executeMany(`${into} VALUES (:k, 1, 0, 'other', :expires)`, rows, { autoCommit: true });
    if (!pairs) return;
    const cross = `SELECT a.doc_key || '.' || b.doc_key, 1, 0, 'other', a.expires FROM ${table.name} a, ${table.name} b`;
    await session.execute(`${into} ${cross}`, [], { autoCommit: true });
    await session.execute(`DELETE FROM ${table.name} WHERE doc_key NOT LIKE '%.%'`, [], { autoCommit: true });
  });
}

/** The same connection, which counts the statements that go through it. */
function counting(connection: OracleConnection, texts: string[]): OracleConnection {
  const use: OracleConnection['use'] = (target, mutation, act) =>
    connection.use(target, mutation, (session) =>
      act(
        new Proxy(session, {
          get: (whole, name) => {
            const found = Reflect.get(whole, name);
            if (name !== 'execute') return typeof found === 'function' ? found.bind(whole) : found;
            return (text: string, ...rest: [never]) => {
              texts.push(text);
              return whole.execute(text, ...rest);
            };
          },
        }),
      ),
    );
  return { use } as OracleConnection;
}

test('thousands of expired documents are swept in 25 statements for 10,000, and no other document', async () => {
  const { connection, table } = database;
  await fill(PAST, 'past', true);
  await fill(FUTURE, 'future', false);
  const texts: string[] = [];
  const counted = counting(connection, texts);
  const batches: number[] = [];
  for (let swept = -1; swept !== 0; batches.push(swept))
    swept = await sweepBatch(counted, table, TARGET, 2048, NOW * 1000);
  assert.deepEqual(batches, [2048, 452, 0]);
  // One that locks and 4 that change in a batch of 2,048, one and one in the rest, and the one that finds nothing.
  assert.equal(texts.length, 1 + 4 + 1 + 1 + 1);
  const count = `SELECT kind, COUNT(*), COUNT(expires) FROM ${table.name} GROUP BY kind ORDER BY kind`;
  const { rows } = await connection.use(TARGET, false, (session) => session.execute(count));
  assert.deepEqual(rows, [
    ['gone', 2500, 2500],
    ['other', 50, 50],
  ]);
});

/** Days after the beginning of 2027, in milliseconds since the epoch, and as Couchbase counts versions. */
const day = (n: number) => Date.UTC(2027, 0, 1) + n * 86_400_000;
const cas = (n: number) => BigInt(day(n)) * 1_000_000n;
const NONE = { kind: 'none' } as const;

/** Tombstones of each kind, made on the first day. */
async function graves(store: OracleStore): Promise<void> {
  const content = document('1');
  await store.apply('by-couchbase', { content: null, version: cas(0) });
  await store.apply('lives', { content, version: cas(0) });
  await store.apply('had', { content, version: cas(-9) });
  await store.write('had', { content: null, condition: NONE, handedOff: false });
  await store.write('created', { content, condition: NONE, handedOff: false });
  await store.write('created', { content: null, condition: NONE, handedOff: false });
  await store.apply('expires', { content: document('1', day(0) - 1000), version: cas(-9) });
  await store.sweep(100);
  const to = { content: null, version: 2n, handoff: 0n, handback: 0n };
  await store.swap('counted', { from: NO_ROW, to });
  const back = { content: null, version: cas(-2), handoff: null, handback: cas(-1) };
  await store.swap('given-back', { from: NO_ROW, to: back });
}

let tables = 0;

/** A table that holds nothing yet. */
async function another() {
  const { connection, table: other } = database;
  const table = { ...other, name: `${other.name}D${tables++}` };
  await upgrade(connection, collectionSubjects(table), null, () => {});
  return table;
}

/** The keys that are dropped within these bounds, of a table of its own. */
async function dropped(bounds: Bounds): Promise<string[]> {
  const { connection } = database;
  const table = await another();
  let now = day(0);
  const store = new OracleStore(connection, table, () => now);
  await graves(store);
  const keys = async () => {
    const text = `SELECT doc_key FROM ${table.name} ORDER BY doc_key`;
    const { rows = [] } = await connection.use(store.target(null, 'test'), false, (session) =>
      session.execute<[string]>(text),
    );
    return rows.map(([key]) => key);
  };
  // Made again later: its life begins anew.
  now = day(40);
  await store.apply('young', { content: null, version: cas(40) });
  const before = await keys();
  const count = await countDroppable(connection, table.name, bounds, 1000);
  assert.equal(await dropWithin(connection, table.name, bounds, () => {}), count);
  const after = new Set(await keys());
  await connection.use(store.target(null, 'test'), true, (session) =>
    session.execute(`DROP TABLE ${table.name}`),
  );
  return before.filter((key) => !after.has(key));
}

test('tombstones are dropped when they are old enough, and nothing can need them', async () => {
  const nobody = { agreed: null, created: null };
  assert.deepEqual(await dropped({ until: day(-1), ...nobody }), []);
  // Keys that Couchbase has always ordered.
  assert.deepEqual(await dropped({ until: day(30), ...nobody }), ['by-couchbase', 'expires']);
  // Those that Oracle orders, or has ordered, once both stores were found to agree; not those that were counted from 1.
  assert.deepEqual(await dropped({ until: day(30), agreed: day(-1), created: null }), [
    'by-couchbase',
    'expires',
  ]);
  assert.deepEqual(await dropped({ until: day(30), agreed: day(1), created: null }), [
    'by-couchbase',
    'created',
    'expires',
    'given-back',
    'had',
  ]);
  // Those that Couchbase has never had.
  assert.deepEqual(await dropped({ until: day(30), agreed: null, created: day(-1) }), [
    'by-couchbase',
    'created',
    'expires',
  ]);
  assert.deepEqual(await dropped({ until: day(30), agreed: null, created: day(1) }), [
    'by-couchbase',
    'expires',
  ]);
});

test('tombstones of functions of the version before are dated once, and their life begins then', async () => {
  const { connection } = database;
  const table = await another();
  const store = new OracleStore(connection, table, () => day(0));
  const gone = `UPDATE ${table.name} SET expires = NULL WHERE doc_key LIKE 'undated%'`;
  for (const n of [1, 2, 3]) await store.apply(`undated-${n}`, { content: null, version: cas(0) });
  await store.apply('undated-lives', { content: document('1'), version: cas(0) });
  const target = store.target(null, 'test');
  await connection.use(target, true, (session) => session.execute(gone, [], { autoCommit: true }));
  const bounds = { until: day(30), agreed: null, created: null };
  const told = (key: string) => tombstoneOf(connection, table.name, key);
  assert.deepEqual([await told('undated-1'), await told('undated-lives')], [{ gone: null }, null]);
  assert.equal(await countDroppable(connection, table.name, bounds, 100), 0);
  assert.equal(await dateTombstones(connection, table.name, day(1), () => {}, 2), 3);
  assert.deepEqual(await told('undated-1'), { gone: day(1) });
  assert.equal(await dateTombstones(connection, table.name, day(1), () => {}, 2), 0);
  assert.equal(await countDroppable(connection, table.name, bounds, 2), 2);
  assert.equal(await dropWithin(connection, table.name, bounds, () => {}), 3);
  assert.equal((await store.read('undated-lives')).version, cas(0));
});
