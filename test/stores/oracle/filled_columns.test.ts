import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import { type Content, NO_ROW } from '../../../functions/protocol/state.ts';
import { PoisonDocument } from '../../../functions/stores/failure.ts';
import { Batches } from '../../../functions/stores/oracle/batch.ts';
import type { Column } from '../../../functions/stores/oracle/column.ts';
import { LOBS_AS_BYTES } from '../../../functions/stores/oracle/connection.ts';
import * as statements from '../../../functions/stores/oracle/statements.ts';
import { OracleStore } from '../../../functions/stores/oracle/store.ts';
import { document } from '../contract/subject.ts';
import { type TestDatabase, testDatabase } from './database.ts';
import { filledTypes } from './filled_types.ts';

const COLUMNS: readonly Column[] = [
  { name: 'CUSTOMER', path: 'customer.name', type: { kind: 'text', bytes: 8 }, nullable: true },
  { name: 'TOTAL', path: 'total', type: { kind: 'number', precision: 20, scale: 2 }, nullable: false },
  { name: 'PAID', path: 'paid', type: { kind: 'boolean' }, nullable: true },
];

let database: TestDatabase;
before(async () => {
  database = await testDatabase({ columns: COLUMNS });
});
after(() => database.stop());

/** What the columns hold, as text. */
async function columnsOf(key: string): Promise<unknown[] | undefined> {
  const query = `SELECT customer, TO_CHAR(total), paid FROM ${database.table.name} WHERE doc_key = :key`;
  return database.connection.use(database.store.target(key, 'test'), false, async (session) => {
    return (await session.execute<unknown[]>(query, { key })).rows?.[0];
  });
}

test('columns are filled with the document, by copies, writes, swaps and batches alike', async () => {
  const { store, connection, table } = database;
  const key = randomUUID();
  const order = (total: string, paid: boolean) =>
    document(`{"customer":{"name":"Zoé"},"total":${total},"paid":${paid}}`);
  await store.apply(key, { content: order('900719925474099312.50', false), version: 1n });
  assert.deepEqual(await columnsOf(key), ['Zoé', '900719925474099312.5', 0]);
  await store.apply(key, { content: order('2', true), version: 2n });
  assert.deepEqual(await columnsOf(key), ['Zoé', '2', 1]);
  const from = await store.read(key);
  await store.swap(key, { from, to: { ...from, content: document('{"total":3}'), version: 3n } });
  assert.deepEqual(await columnsOf(key), [null, '3', null]);
  const copies = [4n, 5n].map((version) => ({
    key: `${key}-${version}`,
    content: order('1.25', true),
    version,
  }));
  await new Batches(connection, table).apply([{ key, content: order('4', false), version: 4n }, ...copies]);
  assert.deepEqual(await columnsOf(key), ['Zoé', '4', 0]);
  assert.deepEqual(await columnsOf(`${key}-5`), ['Zoé', '1.25', 1]);
  const write = { content: order('5', true), condition: { kind: 'none' }, handedOff: false } as const;
  await store.write(key, write);
  assert.deepEqual(await columnsOf(key), ['Zoé', '5', 1]);
  await store.write(key, { ...write, content: null });
  assert.deepEqual(await columnsOf(key), [null, null, null]);
});

test('a document that does not fit its columns is poison for itself alone', async () => {
  const { store, connection, table } = database;
  const key = randomUUID();
  for (const [body, path] of [
    ['{"total":1,"customer":{"name":"far too long"}}', 'customer\\.name'],
    ['{"customer":{"name":"Zoé"}}', 'total'],
    ['{"total":0.005}', 'total'],
    ['no json', 'total'],
  ] as const) {
    const applied = store.apply(key, { content: document(body), version: 1n });
    await assert.rejects(applied, (error: Error) => {
      assert.ok(error instanceof PoisonDocument, body);
      assert.match(error.message, new RegExp(`key "${key}": .* at ${path}, for the column`));
      return true;
    });
  }
  const copies = ['{"total":1}', '{}', '{"total":2}'].map((body, n) => ({
    key: `${key}-${n}`,
    content: document(body),
    version: 1n,
  }));
  const outcomes = await new Batches(connection, table).apply(copies);
  assert.deepEqual(
    outcomes.map(({ kind }) => kind),
    ['applied', 'failed', 'applied'],
  );
});

const [PAST, FUTURE] = [Date.UTC(2001, 0, 1), Date.UTC(2040, 0, 1)];
/** What a tombstone keeps, and HANDOFF; EXPIRES dates it. */
const KEPT = ['DOC_KEY', 'VERSION', 'HANDBACK', 'KIND', 'EXPIRES'];
const NONE = { kind: 'none' } as const;
const ORDER = '"customer":{"name":"Zoé"},"total":12.5,"paid":true}';
/** Which column holds a document, and a document that it holds: a name too long for Oracle's parser is none for `body`. */
const BODIES = { BODY: `{${ORDER}`, BYTES: `{"${'n'.repeat(32_768)}":1,${ORDER}` } as const;
type Place = keyof typeof BODIES;
const full = (place: Place, expiresAt: number): Content => ({
  ...document(BODIES[place], expiresAt),
  request: 'r'.repeat(43),
});

/** Ways to a tombstone, by the statements that make it. Every statement that changes rows must be among them. */
const DELETIONS: Readonly<Record<string, (key: string, place: Place) => Promise<unknown>>> = {
  applyToRow: (key) => database.store.apply(key, { content: null, version: 9n }),
  writeRow: (key) => database.store.write(key, { content: null, condition: NONE, handedOff: false }),
  swapRow: async (key) => {
    const from = await database.store.read(key);
    return database.store.swap(key, { from, to: { ...from, content: null, version: 9n } });
  },
  'applyToRow, in a batch': (key) =>
    new Batches(database.connection, database.table).apply([{ key, content: null, version: 9n }]),
  sweepRows: async (key, place) => {
    await database.store.write(key, { content: full(place, PAST), condition: NONE, handedOff: false });
    await database.store.sweep(100);
  },
  clearRow: async (key) => {
    // Somebody marks the row as that of a deletion, and leaves what it holds.
    const { connection, store, table } = database;
    const mark = `UPDATE ${table.name} SET kind = 'gone' WHERE doc_key = :key`;
    await connection.use(store.target(key, 'test'), true, (session) =>
      session.execute(mark, { key }, { autoCommit: true }),
    );
    assert.equal(await store.clear(key), true);
  },
  insertRow: (key) =>
    database.store.swap(`${key}-new`, { from: NO_ROW, to: { ...NO_ROW, content: null, version: 9n } }),
};
/** Those that change nothing, and one whose changes are rolled back. */
const READERS = 'listOf lockExpired overwriteRow readRow readRowUpTo versionsOfRows MOST_KEYS'.split(' ');

/** The names of the columns that hold something, of the rows whose keys begin so. */
async function filledIn(key: string): Promise<string[][]> {
  const query = `SELECT * FROM ${database.table.name} WHERE doc_key LIKE :key || '%'`;
  return database.connection.use(database.store.target(key, 'test'), false, async (session) => {
    const { rows = [], metaData = [] } = await session.execute<unknown[]>(query, { key }, LOBS_AS_BYTES);
    return rows.map((row) => metaData.flatMap(({ name }, at) => (row[at] === null ? [] : [name])));
  });
}

test('a tombstone holds nothing of its document, in no column, whichever statement makes it', async () => {
  const makers = new Set(Object.keys(DELETIONS).map((name) => name.split(',')[0]));
  assert.deepEqual([...makers, ...READERS].sort(), Object.keys(statements).sort());
  for (const place of ['BODY', 'BYTES'] as const)
    for (const [name, remove] of Object.entries(DELETIONS)) {
      const key = randomUUID();
      if (name !== 'insertRow') {
        await database.store.apply(key, { content: full(place, FUTURE), version: 5n });
        const filled = [
          ...KEPT.slice(0, -1),
          place,
          'EXPIRES',
          'REQUEST',
          ...COLUMNS.map((column) => column.name),
        ];
        assert.deepEqual(await filledIn(key), [filled]);
      }
      await remove(key, place);
      const [held, ...others] = await filledIn(key);
      const left = held?.filter((column) => column !== 'HANDOFF');
      assert.deepEqual([left, others], [KEPT, []], `${name}, ${place}`);
    }
});

/** Adds a rule that the configuration does not know, for one test, to the empty table. */
async function withRule(added: string, dropped: string, act: () => Promise<void>): Promise<void> {
  const { connection, store, table } = database;
  const define = (text: string) =>
    connection.use(store.target(null, 'define'), true, (session) =>
      session.execute(text, {}, { autoCommit: true }),
    );
  await define(`DELETE FROM ${table.name}`);
  await define(added.replaceAll('#', table.name));
  try {
    await act();
  } finally {
    await define(dropped.replaceAll('#', table.name));
  }
}
const order = (total: number, name = 'Zoé') => document(`{"customer":{"name":"${name}"},"total":${total}}`);
/** A store of another container, which has learned nothing, and thinks that it is so many milliseconds later. */
const another = (later = 0) => new OracleStore(database.connection, database.table, () => Date.now() + later);
const isPoison = (words: RegExp) => (error: unknown) =>
  error instanceof PoisonDocument && words.test(error.message);

test('a constraint that somebody has added is asked before anything is written, and leaves nothing', async () => {
  const [key, known] = [randomUUID(), randomUUID()];
  await another().ask(key, order(-1));
  await withRule(
    'ALTER TABLE # ADD CONSTRAINT #_POSITIVE CHECK (total > 0)',
    'ALTER TABLE # DROP CONSTRAINT #_POSITIVE',
    async () => {
      const store = another();
      await store.apply(known, { content: order(1), version: 1n });
      for (const each of [key, known]) {
        await assert.rejects(store.ask(each, order(-1)), isPoison(/ORA-02290: .*POSITIVE/));
        await store.ask(each, order(2));
      }
      assert.equal((await store.read(key)).version, 0n);
      const row = await store.read(known);
      assert.deepEqual([row.version, row.content?.digest], [1n, order(1).digest]);
    },
  );
});

test('values that must be unique refuse the document, in a copy, a write and a batch; a row that is there does not', async () => {
  const { connection, table } = database;
  const [first, second] = [randomUUID(), randomUUID()];
  await withRule('CREATE UNIQUE INDEX #_TAKEN ON # (customer)', 'DROP INDEX #_TAKEN', async () => {
    const store = another();
    const content = order(1, 'taken');
    await store.apply(first, { content, version: 1n });
    const refused = isPoison(/another row has the values .*\(ORA-00001/);
    await assert.rejects(store.apply(second, { content, version: 1n }), refused);
    const write = { content, condition: NONE, handedOff: false } as const;
    await assert.rejects(store.write(second, write), refused);
    await assert.rejects(store.ask(second, content), refused);
    const copies = [first, second].map((key) => ({ key, content, version: 1n }));
    const [stale, failed] = await new Batches(connection, table).apply(copies);
    assert.equal(stale?.kind, 'stale');
    assert.ok(failed?.kind === 'failed' && refused(failed.failure));
    await store.apply(second, { content: order(1, 'free'), version: 1n });
    await assert.rejects(store.apply(second, { content, version: 2n }), refused);
  });
});

test('what Oracle has refused is refused again without asking it, for a minute: the content, and what its column cannot take', async () => {
  const key = randomUUID();
  let now = Date.now();
  const store = new OracleStore(database.connection, database.table, () => now);
  await withRule(
    'ALTER TABLE # ADD CONSTRAINT "#_ODD" CHECK (total <> 13)',
    'ALTER TABLE # DROP CONSTRAINT "#_ODD"',
    async () => {
      store.recall(key, order(13));
      await assert.rejects(store.apply(key, { content: order(13), version: 1n }), PoisonDocument);
      assert.throws(() => store.recall(key, order(13)), isPoison(/ORA-02290/));
      store.recall(key, order(14));
      store.recall(`${key}-other`, order(13));
      now += 60_000;
      store.recall(key, order(13));
    },
  );
});

filledTypes(() => database);
