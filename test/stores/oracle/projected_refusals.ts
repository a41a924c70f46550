/** What of projections is refused: by Oracle, and before it is asked. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { PoisonDocument } from '../../../functions/stores/failure.ts';
import { Batches } from '../../../functions/stores/oracle/batch.ts';
import { OracleStore } from '../../../functions/stores/oracle/store.ts';
import { document } from '../contract/subject.ts';
import { counting } from './counting.ts';
import type { TestDatabase } from './database.ts';
import { NONE, order, world, worldOfItsOwn } from './projected_world.ts';

export function projectedRefusals(running: () => TestDatabase): void {
  byOracle(running);
  before(running);
}

const ODD = order('2', 'ink', 'odd');

/** Tables of which that of lines refuses one article, which nobody has told Crossfade of; and a document that it has. */
async function strict(database: TestDatabase) {
  const own = await worldOfItsOwn(database);
  const lines = own.table.projections[1]?.table ?? '';
  const key = randomUUID();
  await own.store.apply(key, { content: order('1', 'pen'), version: 1n });
  await own.execute(`ALTER TABLE ${lines} ADD CONSTRAINT ${lines}_ODD CHECK (article <> 'odd')`);
  const isRefused = (error: unknown) =>
    error instanceof PoisonDocument && new RegExp(`in ${lines}, key ".*ORA-02290`).test(error.message);
  return { ...own, key, isRefused };
}

function byOracle(running: () => TestDatabase): void {
  test('a row that Oracle refuses refuses its document, with all of its rows, and says which table', async () => {
    const { store, exact, table, connection, key, isRefused } = await strict(running());
    const fresh = randomUUID();
    const write = { content: ODD, condition: NONE, handedOff: false } as const;
    const from = await store.read(key);
    const another = new OracleStore(connection, table, Date.now);
    for (const refused of [
      () => store.apply(key, { content: ODD, version: 2n }),
      () => store.write(key, write),
      () => store.write(fresh, write),
      () => store.swap(key, { from, to: { ...from, content: ODD, version: 9n } }),
      () => another.ask(key, ODD),
      () => another.ask(fresh, ODD),
    ])
      await assert.rejects(refused(), isRefused);
    await another.ask(key, order('7', 'pen'));
    const counted = counting(connection);
    const seen = new OracleStore(counted.connection, table, Date.now);
    await assert.rejects(seen.apply(key, { content: ODD, version: 2n }), isRefused);
    // The row, four statements of tables, and what undoes them before anybody else can wait for it. It is not tried again as bytes.
    assert.equal(counted.trips(), 1 + 4 + 1);
    assert.deepEqual(await store.read(key), from);
    assert.equal((await store.read(fresh)).version, 0n);
    await exact(key, order('1', 'pen'));
  });

  test('in a batch it refuses its document alone', async () => {
    const { store, exact, table, connection, key, isRefused } = await strict(running());
    const keys = [key, ...Array.from({ length: 3 }, () => randomUUID())];
    const copies = keys.map((each, n) => ({
      ...{ key: each, version: 5n },
      content: n < 2 ? ODD : order('3', 'pen', `no ${n}`),
    }));
    const outcomes = await new Batches(connection, table).apply(copies);
    assert.deepEqual(
      outcomes.map(({ kind }) => kind),
      ['failed', 'failed', 'applied', 'applied'],
    );
    for (const outcome of outcomes.slice(0, 2)) assert.ok('failure' in outcome && isRefused(outcome.failure));
    await exact(key, order('1', 'pen'));
    assert.equal((await store.read(keys[1] ?? '')).version, 0n);
    for (const { key: each, content } of copies.slice(2)) await exact(each, content);
  });
}

function before(running: () => TestDatabase): void {
  test('a document that a projection cannot take is refused before anything is sent', async () => {
    const { store, exact, table, connection } = await world(running());
    const key = randomUUID();
    const long = document(JSON.stringify({ type: 'order', customer: 'x'.repeat(21), lines: [] }));
    const isTold = (error: unknown) =>
      error instanceof PoisonDocument && /at customer, for the column CUSTOMER of/.test(error.message);
    assert.throws(() => store.require(key, long), isTold);
    await assert.rejects(store.apply(key, { content: long, version: 1n }), isTold);
    const copies = [long, order('1', 'pen')].map((content, n) => ({
      key: `${key}-${n}`,
      content,
      version: 1n,
    }));
    const [refused, applied] = await new Batches(connection, table).apply(copies);
    assert.ok(refused?.kind === 'failed' && isTold(refused.failure));
    assert.equal(applied?.kind, 'applied');
    await exact(`${key}-0`, null);
  });
}
