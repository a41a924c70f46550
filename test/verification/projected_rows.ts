/** Rows of projections in a real table: what is wrong with them is found with the document's row locked, told without a value, and put right. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type oracledb from 'oracledb';
import { Repairs } from '../../functions/books/repairs.ts';
import { documentFrom } from '../../functions/protocol/fingerprint.ts';
import { liveView } from '../../functions/stores/oracle/live_views.ts';
import { rowsOfKeys } from '../../functions/stores/oracle/projected_rows.ts';
import { collectionSubjects } from '../../functions/stores/oracle/schema.ts';
import { OracleStore } from '../../functions/stores/oracle/store.ts';
import { upgrade } from '../../functions/stores/oracle/upgrade.ts';
import { holdAndJudge } from '../../functions/verification/projected_look.ts';
import { projectedOf } from '../../functions/verification/projected_ports.ts';
import { document } from '../stores/contract/subject.ts';
import type { TestDatabase } from '../stores/oracle/database.ts';
import { BUGS, type Bug, Life, withBug } from './projected_life.ts';
import { verified } from './projected_run.ts';
import { TYPES } from './projected_types.ts';

/** The tables of the five types beside what the test file has, whose database it is. The control tables are there. */
type Beside = Pick<TestDatabase, 'connection' | 'store' | 'table'>;

let database: Beside;

/** Declares tests in a file that has started a database. */
export function projectedRows(running: () => TestDatabase): void {
  planted(running);
  others();
  expired();
  viewed();
  lived();
}

async function run(text: string, binds: oracledb.BindParameters = {}): Promise<unknown[][]> {
  const target = { store: 'oracle', operation: 'test', collection: 'any', key: null } as const;
  return database.connection.use(target, true, async (session) => {
    return (await session.execute<unknown[]>(text, binds, { autoCommit: true })).rows ?? [];
  });
}

const DOCUMENTS = {
  'v:airline': '{"type":"airline","name":"Crossing","fleet":12}',
  'v:fleet': '{"type":"airline","name":"Too many","fleet":123456}',
  'v:airport': '{"type":"airport","geo":{"alt":10.125}}',
  'v:hotel': '{"type":"hotel","open":true,"reviews":[{"by":"a","stars":4.5},{"by":"b"}]}',
  'v:none': '{"type":"none"}',
  'v:route': '{"type":"route","airline":"A","stops":[{"at":"X"},{"at":"Y"},{"at":"Z"}]}',
} as const;

/** What is wrong with them afterwards, by key. */
const WRONG = {
  'v:airline': 'AIRLINE, column FLEET (fleet): the value is another than the document gives',
  'v:airport': 'AIRPORT: the row that the document gives is missing',
  'v:gone': 'HOTEL: there is a row that the document does not give',
  'v:hotel': 'HOTEL_REVIEW, place 2: there is a row that the document does not give',
  'v:none': 'LANDMARK: there is a row that the document does not give',
  'v:orphan': 'HOTEL_REVIEW, place 0: there is a row that the document does not give',
  'v:route': 'ROUTE_STOP, place 1: the row that the document gives is missing',
};

async function plant(): Promise<void> {
  await run("UPDATE AIRLINE SET fleet = 13 WHERE doc_key = 'v:airline'");
  await run("DELETE FROM AIRPORT WHERE doc_key = 'v:airport'");
  await run("DELETE FROM ROUTE_STOP WHERE doc_key = 'v:route' AND place = 1");
  await run("INSERT INTO LANDMARK (doc_key) VALUES ('v:none')");
  await run("INSERT INTO HOTEL_REVIEW (doc_key, place, author) VALUES ('v:hotel', 2, 'secret')");
  // Rows of no document: of one that is deleted, and of a key that nobody has ever heard of.
  await run("INSERT INTO HOTEL (doc_key, open) VALUES ('v:gone', 1)");
  for (let place = 0; place < 3; place++)
    await run(`INSERT INTO HOTEL_REVIEW (doc_key, place, author) VALUES ('v:orphan', ${place}, 'a${place}')`);
}

async function beside({ connection }: TestDatabase): Promise<Beside> {
  const table = { name: 'TYPED', columns: [], projections: TYPES };
  await upgrade(connection, collectionSubjects(table), null, () => {});
  return { connection, table, store: new OracleStore(connection, table, Date.now) };
}

function planted(running: () => TestDatabase): void {
  test('whatever is planted in the tables is found, told without a value, repaired once, and then there is nothing', async () => {
    database = await beside(running());
    const { store } = database;
    for (const [key, body] of Object.entries(DOCUMENTS))
      await store.apply(key, { content: document(body), version: 5n });
    await store.apply('v:gone', { content: null, version: 5n });
    const clean = await verified(database, 'v1', false);
    assert.deepEqual([clean.summary.outcome, clean.mismatches], ['clean', {}]);
    assert.deepEqual(clean.lenient, {
      'v:airport': 'AIRPORT.ALT is rounded: geo.alt',
      'v:fleet': 'AIRLINE.FLEET is NULL, since its value does not fit: fleet',
    });
    const airline = clean.summary.verified?.projected?.find(({ table }) => table === 'AIRLINE');
    assert.deepEqual(airline, {
      table: 'AIRLINE',
      rows: 2,
      lenient: [{ column: 'FLEET', nulled: 1, rounded: 0 }],
    });

    await plant();
    const found = await verified(database, 'v2', false);
    assert.deepEqual([found.summary.outcome, found.mismatches], ['failures', WRONG]);
    assert.deepEqual(found.summary.verified?.differences, { projected: 7 });

    const repaired = await verified(database, 'v3', true);
    assert.equal(repaired.summary.outcome, 'failures');
    const told = Object.fromEntries(
      Object.entries(WRONG).map(([key, text]) => [key, `${text}. It was repaired`]),
    );
    assert.deepEqual(repaired.mismatches, told);
    const [repair] = await new Repairs(database.connection).of('c', 'v:orphan', 10);
    assert.equal(repair?.cause, 'verification v3');
    const last = await verified(database, 'v4', false);
    assert.deepEqual([last.summary.outcome, last.mismatches], ['clean', {}]);
    const [found1] = await rowsOfKeys(database.connection, TYPES, ['v:airline']);
    assert.deepEqual(found1?.get('AIRLINE'), [{ place: 0, values: ['Crossing', '12'] }]);
  });
}

function others(): void {
  test('a document that cannot be projected any more is told so, and its rows stay', async () => {
    const body = Buffer.from('{"type":"hotel","open":true,"reviews":{"secret":1}}');
    await run(`UPDATE ${database.table.name} SET body = :body WHERE doc_key = 'v:hotel'`, { body });
    const { mismatches, summary } = await verified(database, 'v5', true);
    assert.deepEqual(summary.verified?.differences, { unprojectable: 1 });
    assert.match(mismatches['v:hotel'] ?? '', /reviews, for the table HOTEL_REVIEW/);
    assert.doesNotMatch(mismatches['v:hotel'] ?? '', /secret/);
    const [rows] = await run("SELECT COUNT(*) FROM HOTEL_REVIEW WHERE doc_key = 'v:hotel'");
    assert.equal(Number(rows?.[0]), 2);
    await database.store.apply('v:hotel', { content: document(DOCUMENTS['v:hotel']), version: 9n });
  });
}

function expired(): void {
  test('a document that has expired has its rows until it is swept, or none; others are wrong', async () => {
    const { connection, table, store } = database;
    const content = documentFrom(Buffer.from(DOCUMENTS['v:airline']), 1_000_000);
    await store.apply('x:1', { content, version: 5n });
    const held = async (key: string) => {
      const of = { phase: 'expand', collection: 'c', run: 'r', now: Date.now, timeout: 5000 } as const;
      return (
        (await holdAndJudge(projectedOf({ database: connection, table }, of) ?? assert.fail(), key, false))
          ?.kind ?? null
      );
    };
    await run("DELETE FROM AIRLINE WHERE doc_key = 'x:1'");
    assert.equal(await held('x:1'), null);
    await run("INSERT INTO AIRLINE (doc_key, name, fleet) VALUES ('x:1', 'Crossing', 12)");
    assert.equal(await held('x:1'), null);
    await run("UPDATE AIRLINE SET name = 'Other' WHERE doc_key = 'x:1'");
    assert.equal(await held('x:1'), 'projected');
  });
}

function viewed(): void {
  test('the view of a projection shows what live documents give, and nothing of one that has expired', async () => {
    const { store, table } = database;
    const seconds = Math.floor(Date.now() / 1000);
    const until = (expires: number | null) =>
      documentFrom(Buffer.from(DOCUMENTS['v:route']), expires === null ? null : expires * 1000);
    for (const [key, expires] of [
      ['w:1', null],
      ['w:2', seconds + 3600],
      ['w:3', seconds - 1],
    ] as const)
      await store.apply(key, { content: until(expires), version: 5n });
    await store.apply('w:4', { content: until(null), version: 5n });
    await store.apply('w:4', { content: null, version: 6n });
    for (const projection of TYPES) await run(liveView(table.name, projection));
    const shown = (view: string) =>
      run(
        `SELECT doc_key, COUNT(*) FROM ${view} WHERE doc_key > 'w:' AND doc_key < 'w;' GROUP BY doc_key ORDER BY doc_key`,
      );
    const counted = async (view: string) => (await shown(view)).map(([key, count]) => [key, Number(count)]);
    assert.deepEqual(await counted('ROUTE_LIVE'), [
      ['w:1', 1],
      ['w:2', 1],
    ]);
    assert.deepEqual(await counted('ROUTE_STOP_LIVE'), [
      ['w:1', 3],
      ['w:2', 3],
    ]);
    // The table has it until the sweep has come to it.
    assert.deepEqual(
      (await counted('ROUTE_STOP')).map(([key]) => key),
      ['w:1', 'w:2', 'w:3'],
    );
    await store.sweep(100);
    assert.deepEqual(
      (await counted('ROUTE_STOP')).map(([key]) => key),
      ['w:1', 'w:2'],
    );
    const [row] = await run(
      "SELECT doc_key, place, at, long_name FROM ROUTE_STOP_LIVE WHERE doc_key = 'w:1' AND place = 2",
    );
    assert.deepEqual(row, ['w:1', 2, 'Z', null]);
  });
}

function lived(): void {
  test('whatever happens to documents, the rows of their types are those that they give, after each commit', async () => {
    const { connection, table } = database;
    const life = new Life({ connection, table, seed: 1 });
    for (let n = 0; n < 15; n++) await life.step();
  });

  for (const bug of Object.keys(BUGS) as Bug[])
    test(`the same lives show where ${bug}`, async () => {
      const { connection, table } = database;
      const seed = 100 + Object.keys(BUGS).indexOf(bug);
      const life = new Life({ connection, table, seed, through: withBug(connection, bug), isBusy: true });
      await assert.rejects(async () => {
        for (let n = 0; n < 60; n++) await life.step();
      }, assert.AssertionError);
    });
}
