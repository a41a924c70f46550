/** Rows of documents in the tables of projections, looked at after each commit; declared in the test file of what is set aside, which has a server and the control tables. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { type Content, NO_ROW } from '../../../functions/protocol/state.ts';
import { Batches } from '../../../functions/stores/oracle/batch.ts';
import { OracleStore } from '../../../functions/stores/oracle/store.ts';
import { document } from '../contract/subject.ts';
import { counting } from './counting.ts';
import type { TestDatabase } from './database.ts';
import { heldDocuments } from './held_documents.ts';
import { projectedRefusals } from './projected_refusals.ts';
import { projectedTrips } from './projected_trips.ts';
import { customer, NONE, order, other, type World, world } from './projected_world.ts';

/** Contents one after the other: changes of the same type, of the type, fewer and more elements, deletions. */
const LIFE: readonly Content[] = [
  order('12.5', 'pen', 'ink'),
  order('13', 'pen'),
  customer('x'.repeat(40_000)),
  customer('y'),
  other(),
  order('1', 'a', 'b', 'c'),
  order('2'),
  null,
  order('3', 'again'),
  null,
];

export function projectedRows(running: () => TestDatabase): void {
  lives(running);
  inBatches(running);
  ends(running);
  projectedRefusals(running);
  projectedTrips(running);
  heldDocuments(running);
}

function lives(running: () => TestDatabase): void {
  const ways: Readonly<
    Record<string, (world: World, key: string, content: Content, version: bigint) => Promise<unknown>>
  > = {
    copies: ({ store }, key, content, version) => store.apply(key, { content, version }),
    writes: ({ store }, key, content) => store.write(key, { content, condition: NONE, handedOff: false }),
    swaps: async ({ store }, key, content, version) => {
      const from = await store.read(key);
      return store.swap(key, { from, to: { ...from, content, version } });
    },
    'swaps that set aside': async ({ store }, key, content, version) => {
      const from = await store.read(key);
      return store.swap(key, { from, to: { ...from, content, version }, aside: 'taken back' });
    },
    batches: ({ connection, table }, key, content, version) =>
      new Batches(connection, table).apply([
        { key: `${key}-`, content: order('1', 'beside'), version },
        { key, content, version },
      ]),
  };
  test('rows of projections are those of the document after each commit, by whatever way it is written', async () => {
    const own = await world(running());
    for (const [name, way] of Object.entries(ways)) {
      const key = randomUUID();
      for (const [n, content] of LIFE.entries()) {
        await way(own, key, content, BigInt(n + 1));
        await own.exact(key, content, `${name}, ${n}`);
      }
      // What is stale changes nothing.
      await own.store.apply(key, { content: order('9', 'stale'), version: 1n });
      await own.exact(key, null, name);
    }
  });
}

function inBatches(running: () => TestDatabase): void {
  test('a batch writes the rows of all its documents in few statements, new ones and others, and an array in one', async () => {
    const { connection, table, exact } = await world(running());
    const prefix = randomUUID();
    const contents = Array.from({ length: 30 }, (_, n) => LIFE[n % LIFE.length] as Content);
    const copies = contents.map((content, n) => ({ key: `${prefix}-${n}`, content, version: 1n }));
    const counted = counting(connection);
    await new Batches(counted.connection, table).apply(copies);
    // Documents, and rows of three tables; nothing else.
    assert.equal(counted.trips(), 1 + 3 + 1);
    for (const { key, content } of copies) await exact(key, content);
    const newer = copies.map(({ key }, n) => ({
      key,
      content: contents[(n + 3) % 30] as Content,
      version: 2n,
    }));
    await new Batches(connection, table).apply(newer);
    for (const { key, content } of newer) await exact(key, content);
    const many = Array.from({ length: 300 }, (_, n) => `article ${n}`);
    counted.reset();
    const store = new OracleStore(counted.connection, table, Date.now);
    await store.apply(`${prefix}-0`, { content: order('1', ...many), version: 3n });
    await exact(`${prefix}-0`, order('1', ...many));
    assert.equal(counted.trips(), 1 + 1 + 1 + 1 + 1);
  });
}

function ends(running: () => TestDatabase): void {
  test('rows go with their document when it is swept, and when what is left of a deletion is cleared', async () => {
    const { store, exact, execute, table } = await world(running());
    const [swept, second, cleared, kept] = [randomUUID(), randomUUID(), randomUUID(), randomUUID()];
    const past = customer('old', Date.UTC(2001, 0, 1));
    await store.apply(swept, { content: past, version: 1n });
    const pastOrder = document('{"type":"order","lines":[{"article":"pen"}]}', Date.UTC(2001, 0, 1));
    await store.apply(second, { content: pastOrder, version: 1n });
    await store.apply(kept, { content: customer('new', Date.UTC(2090, 0, 1)), version: 1n });
    // Until it is swept its rows are there, as its own row is: views hide them.
    await exact(swept, past);
    assert.equal(await store.sweep(100), 2);
    await exact(swept, null);
    await exact(second, null);
    await exact(kept, customer('new'));
    await store.apply(cleared, { content: customer('x'), version: 1n });
    await execute(`UPDATE ${table.name} SET kind = 'gone' WHERE doc_key = '${cleared}'`);
    assert.equal(await store.clear(cleared), true);
    await exact(cleared, null);
  });

  test('rows that somebody has left of a document that is not there go when it is written', async () => {
    const { store, exact, execute, table, connection } = await world(running());
    const [alone, batched] = [randomUUID(), randomUUID()];
    for (const key of [alone, batched])
      await execute(`INSERT INTO ${table.projections[2]?.table} (doc_key, name) VALUES ('${key}', 'left')`);
    await store.swap(alone, { from: NO_ROW, to: { ...NO_ROW, content: customer('x'), version: 1n } });
    const copies = [alone, batched].map((key) => ({ key, content: customer('x'), version: 2n }));
    const outcomes = await new Batches(connection, table).apply(copies);
    assert.deepEqual(
      outcomes.map(({ kind }) => kind),
      ['applied', 'applied'],
    );
    for (const key of [alone, batched]) await exact(key, customer('x'));
  });
}
