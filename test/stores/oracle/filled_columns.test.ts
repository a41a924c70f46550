import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import { PoisonDocument } from '../../../functions/stores/failure.ts';
import { Batches } from '../../../functions/stores/oracle/batch.ts';
import type { Column } from '../../../functions/stores/oracle/column.ts';
import { document } from '../contract/subject.ts';
import { type TestDatabase, testDatabase } from './database.ts';

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
