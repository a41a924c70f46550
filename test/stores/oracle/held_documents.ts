/** Documents that are looked at with their rows locked, and put right; declared in the test file of what is set aside. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { project } from '../../../functions/projection/project.ts';
import type { Projected } from '../../../functions/projection/projection.ts';
import { type HeldDocument, holdDocument } from '../../../functions/stores/oracle/hold_document.ts';
import { projectedLeft } from '../../../functions/stores/oracle/projected_left.ts';
import type { TestDatabase } from './database.ts';
import { customer, order, type World, world } from './projected_world.ts';

/** What is held of a document, whose rows become these ones, or stay. */
async function hold(
  { connection, table }: World,
  key: string,
  rows: (held: HeldDocument) => readonly Projected[] | null = () => null,
): Promise<{ held: HeldDocument; also: number }> {
  let [held, also]: [HeldDocument | null, number] = [null, 0];
  const mend = (seen: HeldDocument) => {
    held = seen;
    return rows(seen);
  };
  await holdDocument(connection, table, key, {
    ...{ mend, now: Date.now() },
    also: async (session) => {
      also += (await session.execute('SELECT 1 FROM DUAL')).rows?.length ?? 0;
    },
  });
  return { held: held ?? assert.fail('nobody was asked'), also };
}

export function heldDocuments(running: () => TestDatabase): void {
  test('rows of a document that somebody has changed are put right while its own row is locked', async () => {
    const own = await world(running());
    const { store, exact, execute, table } = own;
    const key = randomUUID();
    const content = order('1', 'pen', 'ink');
    await store.apply(key, { content, version: 1n });
    const [orders, lines, customers] = table.projections.map((projection) => projection.table);
    await execute(`UPDATE ${orders} SET total = 2 WHERE doc_key = '${key}'`);
    await execute(`DELETE FROM ${lines} WHERE doc_key = '${key}' AND place = 0`);
    await execute(`INSERT INTO ${customers} (doc_key, name) VALUES ('${key}', 'Eve')`);
    const { held, also } = await hold(own, key);
    assert.deepEqual([held.content?.digest, held.isExpired, also], [content.digest, false, 0]);
    assert.deepEqual([...held.found.keys()], [orders, lines, customers]);
    const mended = await hold(own, key, ({ content: seen }) => project(table.projections, key, seen));
    assert.equal(mended.also, 1);
    await exact(key, content);
    assert.equal((await store.read(key)).version, 1n);
  });

  test('rows of no document are removed, and those of one that has expired are told as such', async () => {
    const own = await world(running());
    const { store, exact, execute, table } = own;
    const [nobody, expired] = [randomUUID(), randomUUID()];
    await execute(`INSERT INTO ${table.projections[2]?.table} (doc_key, name) VALUES ('${nobody}', 'left')`);
    const { held } = await hold(own, nobody, () => project(table.projections, nobody, null));
    assert.deepEqual([held.content, held.found.size], [null, 1]);
    await exact(nobody, null);
    const past = customer('old', Date.UTC(2001, 0, 1));
    await store.apply(expired, { content: past, version: 1n });
    const seen = (await hold(own, expired)).held;
    assert.deepEqual([seen.content?.digest, seen.isExpired, seen.found.size], [past.digest, true, 1]);
  });
  leftRows(running);
}

function leftRows(running: () => TestDatabase): void {
  test('rows that a deletion has left are counted and removed, and those of a document that is there are not', async () => {
    const { store, exact, execute, connection, table } = await world(running());
    const [left, nobody, live, expired] = [randomUUID(), randomUUID(), randomUUID(), randomUUID()];
    const kept = order('1', 'pen', 'ink');
    for (const key of [left, live]) await store.apply(key, { content: kept, version: 1n });
    // As functions do that do not know the projections.
    await execute(`UPDATE ${table.name} SET kind = 'gone', body = NULL WHERE doc_key = '${left}'`);
    await execute(`INSERT INTO ${table.projections[2]?.table} (doc_key, name) VALUES ('${nobody}', 'left')`);
    const past = customer('old', Date.UTC(2001, 0, 1));
    await store.apply(expired, { content: past, version: 1n });
    const rows = projectedLeft(connection, table, Date.now);
    const keys = [left, nobody, live, expired];
    const counts = async () => [
      await rows.count(left),
      await rows.count(nobody),
      await rows.count(live),
      await rows.count(expired),
    ];
    assert.deepEqual(await counts(), [3, 1, 3, 1]);
    for (const key of keys) await rows.remove(key);
    assert.deepEqual(await counts(), [0, 0, 3, 1]);
    await exact(live, kept);
    await exact(expired, past);
  });
}
