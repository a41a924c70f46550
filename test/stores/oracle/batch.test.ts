import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import fc from 'fast-check';
import { OperatorNeeded, StoreUnavailable } from '../../../functions/stores/failure.ts';
import { Batches, type Copy } from '../../../functions/stores/oracle/batch.ts';
import { inspectOracle } from '../../../functions/stores/oracle/inspect.ts';
import { NOTHING } from '../../../functions/stores/snapshot.ts';
import { document } from '../contract/subject.ts';
import { type TestDatabase, testDatabase } from './database.ts';

let database: TestDatabase;
before(async () => {
  database = await testDatabase();
});
after(() => database.stop());

const batches = (table = database.table) => new Batches(database.connection, table);
const apply = (copies: readonly Copy[]) => batches().apply(copies);
const kinds = async (copies: readonly Copy[], by = batches()) =>
  (await by.apply(copies)).map(({ kind }) => kind);

/** Batches whose last one has met rows: the next one looks for them first. */
async function looking(): Promise<Batches> {
  const by = batches();
  const copy: Copy = { key: 'known', content: document('1'), version: 1n };
  for (let time = 0; time < 2; time++) await by.apply([copy]);
  return by;
}

for (const looks of [false, true])
  test(`a batch does to each key what one copy would${looks ? ', after a look' : ''}`, async () => {
    const anyCopy = fc.record({
      place: fc.nat(5),
      version: fc.bigInt(1n, 6n),
      body: fc.constantFrom('1', '"é"', 'no json', '', null),
    });
    const anyBatches = fc.array(fc.uniqueArray(anyCopy, { selector: ({ place }) => place, maxLength: 6 }), {
      maxLength: 4,
    });
    const property = fc.asyncProperty(anyBatches, async (all) => {
      const [one, many] = [randomUUID(), randomUUID()];
      const by = await (looks ? looking() : batches());
      for (const batch of all) {
        const copies = batch.map(({ place, version, body }) => ({
          key: `${many}-${place}`,
          content: body === null ? null : document(body),
          version,
        }));
        const expected: string[] = [];
        for (const [index, { content, version }] of copies.entries()) {
          const applied = await database.store.apply(`${one}-${batch[index]?.place}`, { content, version });
          expected.push(applied ? 'applied' : 'stale');
        }
        assert.deepEqual(await kinds(copies, by), expected);
      }
      for (let place = 0; place < 6; place++)
        assert.deepEqual(
          await database.store.read(`${many}-${place}`),
          await database.store.read(`${one}-${place}`),
        );
    });
    await fc.assert(property, { numRuns: 12 });
  });

test('a document that cannot be stored spoils no other', async () => {
  const keys = Array.from({ length: 4 }, () => randomUUID());
  const copies: Copy[] = keys.map((key) => ({ key, content: document('1'), version: 1n }));
  copies.splice(1, 0, { key: 'x'.repeat(251), content: document('1'), version: 1n });
  copies.splice(3, 0, { key: randomUUID(), content: document('1'), version: 2n ** 64n });
  const outcomes = await apply(copies);
  assert.deepEqual(
    outcomes.map(({ kind }) => kind),
    ['applied', 'failed', 'applied', 'failed', 'applied', 'applied'],
  );
  const messages = outcomes.map((outcome) => ('failure' in outcome ? outcome.failure.message : ''));
  assert.match(messages[1] ?? '', /the key has 251 bytes/);
  assert.match(
    messages[3] ?? '',
    new RegExp(`${database.table.name}, key "${copies[3]?.key}".*constraint.*Mend`),
  );
  for (const key of keys) assert.equal((await database.store.read(key)).version, 1n);
});

test('documents of every size travel in one batch', async () => {
  const sizes = [0, 1, 2000, 4001, 32_767, 32_768, 300_000];
  const copies = sizes.map((size) => ({
    key: randomUUID(),
    content: document(`"${'x'.repeat(size)}"`),
    version: 1n,
  }));
  assert.deepEqual(new Set(await kinds(copies)), new Set(['applied']));
  for (const { key, content } of copies)
    assert.equal((await database.store.read(key)).content?.digest, content.digest);
});

test('more keys than one statement may list are read all the same', async () => {
  const prefix = randomUUID();
  const copies = Array.from({ length: 1500 }, (_, n) => ({
    key: `${prefix}-${n}`,
    content: document(`${n}`),
    version: 1n,
  }));
  await apply(copies);
  const keys = [...copies.map(({ key }) => key), `${prefix}-absent`];
  const { connection, table } = database;
  const options = { bodies: true, most: 100_000, now: Date.now(), columns: [] };
  const rows = await inspectOracle(connection, table.name, keys, options);
  assert.deepEqual(rows.pop(), NOTHING);
  assert.deepEqual(
    rows.map(({ body }) => String(body)),
    copies.map((_, n) => `${n}`),
  );
});

test('a batch that is copied again sends no body of what is there already', async (t) => {
  const { server } = database;
  if (server === null) return t.skip('nothing shows what is sent to a database of your own');
  const copies = Array.from({ length: 600 }, (_, n) => ({
    key: `${randomUUID()}-${n}`,
    content: document(`${n}`),
    version: 2n,
  }));
  await apply(copies);
  const by = await looking();
  const action = { kind: 'error', number: 600, text: 'no statement should be sent' } as const;
  for (const statement of ['INSERT', 'UPDATE'])
    await server.fault({ operation: 'execute', statement, times: null, action });
  assert.deepEqual(new Set(await kinds(copies, by)), new Set(['stale']));
  await server.calm();
  const newer = copies.map((copy, n) => ({ ...copy, version: n === 5 ? 3n : 1n }));
  newer.push({ key: randomUUID(), content: document('new'), version: 1n });
  const outcomes = await kinds(newer, by);
  assert.deepEqual([outcomes[5], outcomes.at(-1)], ['applied', 'applied']);
  assert.equal(outcomes.filter((kind) => kind === 'stale').length, 599);
});

test('an empty batch is done', async () => {
  assert.deepEqual(await apply([]), []);
});

test('a batch whose answer is lost has an unknown outcome, and can simply be sent again', async (t) => {
  const { server } = database;
  if (server === null) return t.skip('nothing can be made to fail on a database of your own');
  const copies = [1, 2, 3].map((n) => ({ key: randomUUID(), content: document(`${n}`), version: 1n }));
  await server.fault({
    operation: 'commit',
    statement: null,
    times: 1,
    action: { kind: 'drop', applied: true },
  });
  await assert.rejects(apply(copies), (error) => error instanceof StoreUnavailable && error.mayHaveApplied);
  assert.deepEqual(await kinds(copies), ['stale', 'stale', 'stale']);
});

test('a table that is not there calls for an operator', async () => {
  const copy = { key: 'a', content: document('1'), version: 1n };
  const nowhere = { name: 'NOWHERE', columns: [], projections: [] };
  await assert.rejects(batches(nowhere).apply([copy]), OperatorNeeded);
});
