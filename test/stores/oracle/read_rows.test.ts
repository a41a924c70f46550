/** The rows of many keys in one statement are what reads of one key after the other tell. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { documentFrom } from '../../../functions/protocol/fingerprint.ts';
import { TooLargeToRead } from '../../../functions/stores/failure.ts';
import { readRows } from '../../../functions/stores/oracle/read_rows.ts';
import { OracleStore } from '../../../functions/stores/oracle/store.ts';
import { type TestDatabase, testDatabase } from './database.ts';

const NOW = 1_800_000_000_000;
const LARGEST = 100;
let database: TestDatabase;

before(async () => {
  database = await testDatabase({ now: () => NOW });
});
after(() => database.stop());

const many = (keys: readonly string[]) =>
  readRows(database.connection, database.table.name, keys, { largest: LARGEST, now: NOW });

test('each kind of row reads as a read of its key does, in the order of the keys', async () => {
  const { store } = database;
  const json = documentFrom(Buffer.from('{"a": 1.0}'), null, 'request');
  const cases = {
    json,
    bytes: documentFrom(Buffer.from([0, 255, 1]), NOW + 5000),
    empty: documentFrom(Buffer.alloc(0), null),
    over: documentFrom(Buffer.from('"gone"'), NOW - 1000),
    deleted: null,
    é: documentFrom(Buffer.from('[]'), null),
  };
  for (const [key, content] of Object.entries(cases)) await store.apply(key, { content, version: 2n ** 63n });
  const held = await store.read('json');
  await store.swap('json', { from: held, to: { ...held, handoff: 7n, handback: 5n } });
  const keys = ['nothing', ...Object.keys(cases).reverse(), 'json'];
  const found = await many(keys);
  for (const [n, key] of keys.entries()) assert.deepEqual(found[n], await store.read(key), key);
});

test('a body that is larger than the others may be is not read, and its row is left out', async () => {
  const { store } = database;
  const sized = (bytes: number) => documentFrom(Buffer.from(JSON.stringify('x'.repeat(bytes - 2))), null);
  await store.apply('fits', { content: sized(LARGEST), version: 1n });
  await store.apply('large', { content: sized(LARGEST + 1), version: 1n });
  const [fits, large] = await many(['fits', 'large']);
  assert.equal(fits?.content?.body.length, LARGEST);
  assert.equal(large, null);
});

test('a key that no row can have is left out, and disturbs no other', async () => {
  await database.store.apply('\ufffd', { content: documentFrom(Buffer.from('{}'), null), version: 1n });
  const [surrogate, long, there] = await many(['\ud800', 'x'.repeat(251), '\ufffd']);
  assert.deepEqual([surrogate, long, there?.version], [null, null, 1n]);
  assert.deepEqual(await many(['']), [null]);
});

test('one document is read up to so many bytes: of a larger one not a byte comes from Oracle', async () => {
  const { store, table, connection } = database;
  let bytes = 0;
  // The same store over a connection that counts what comes.
  const counting = {
    use: (target: never, mutation: boolean, act: (session: object) => Promise<unknown>) =>
      connection.use(target, mutation, (session) =>
        act({
          execute: async (...given: Parameters<typeof session.execute>) => {
            const result = await session.execute<unknown[]>(...(given as unknown as [string]));
            for (const value of (result.rows ?? []).flat()) if (Buffer.isBuffer(value)) bytes += value.length;
            return result;
          },
        }),
      ),
  } as unknown as typeof connection;
  const measuring = new OracleStore(counting, table, () => NOW);
  const large = documentFrom(Buffer.from(`{"a":"${'x'.repeat(1000)}"}`), NOW + 5000);
  for (const [key, content] of [
    ['m/json', large],
    ['m/bytes', documentFrom(Buffer.alloc(1008, 255), NOW + 5000)],
  ] as const) {
    await store.apply(key, { content, version: 9n });
    await assert.rejects(measuring.readUpTo(key, 1007), (error: unknown) => {
      assert.ok(error instanceof TooLargeToRead);
      assert.deepEqual([error.bytes, error.version, error.expiresAt], [1008, 9n, NOW + 5000]);
      return true;
    });
    assert.equal(bytes, 0);
    assert.deepEqual(await measuring.readUpTo(key, 1008), await store.read(key));
    assert.equal(bytes, 1008);
    bytes = 0;
  }
  // Its time is up: there is nothing that could be too large.
  await store.apply('m/over', { content: documentFrom(large.body, NOW - 1000), version: 9n });
  for (const key of ['m/over', 'm/nothing'])
    assert.deepEqual(await measuring.readUpTo(key, 10), await store.read(key));
});
