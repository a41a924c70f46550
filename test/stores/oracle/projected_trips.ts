/** What projections cost in round trips. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { project } from '../../../functions/projection/project.ts';
import type { Projection } from '../../../functions/projection/projection.ts';
import type { Content } from '../../../functions/protocol/state.ts';
import { Batches } from '../../../functions/stores/oracle/batch.ts';
import { holdDocument } from '../../../functions/stores/oracle/hold_document.ts';
import { projectedRowsOf } from '../../../functions/stores/oracle/projected.ts';
import { OracleStore } from '../../../functions/stores/oracle/store.ts';
import { document } from '../contract/subject.ts';
import { counting } from './counting.ts';
import type { TestDatabase } from './database.ts';
import { customer, NONE, order, other, world } from './projected_world.ts';

export function projectedTrips(running: () => TestDatabase): void {
  ofEach(running);
  byKey(running);
}

/** What each operation takes with 0, 1 and 3 projections. */
const COSTS: Readonly<Record<string, readonly [number, number, number]>> = {
  // The row is looked for, and inserted; then a statement for each table that gets rows.
  'a copy of a new document': [2, 3, 4],
  // One MERGE for one row; for the rows of an array a DELETE and an INSERT. Tables that get none are asked together, or, where it is one, deleted from.
  'a newer copy': [1, 2, 5],
  'a newer copy of a document that gives no rows': [1, 2, 3],
  'a copy that is stale': [3, 3, 3],
  'a write': [1, 2, 5],
  'a deletion': [1, 2, 4],
  'a write of another type': [1, 2, 4],
  'a replacement that sets aside': [2, 3, 6],
};

function ofEach(running: () => TestDatabase): void {
  test('round trips of each operation, with 0, 1 and 3 projections', async () => {
    const found: Record<string, number[]> = {};
    for (const most of [0, 1, 3]) {
      const { connection, table: whole } = await world(running());
      const table = { ...whole, projections: whole.projections.slice(0, most) };
      const counted = counting(connection);
      const store = new OracleStore(counted.connection, table, Date.now);
      const [key, plain] = [randomUUID(), randomUUID()];
      const trip = async (name: string, act: () => Promise<unknown>) => {
        counted.reset();
        await act();
        found[name] = [...(found[name] ?? []), counted.trips()];
      };
      const write = (content: Content) => () =>
        store.write(key, { content, condition: NONE, handedOff: false });
      await trip('a copy of a new document', () =>
        store.apply(key, { content: order('1', 'pen'), version: 1n }),
      );
      await trip('a newer copy', () => store.apply(key, { content: order('2', 'pen'), version: 2n }));
      await store.apply(plain, { content: other(), version: 1n });
      await trip('a newer copy of a document that gives no rows', () =>
        store.apply(plain, { content: document('{"type":"others"}'), version: 2n }),
      );
      await trip('a copy that is stale', () => store.apply(key, { content: other(), version: 1n }));
      await trip('a write', write(order('3', 'ink')));
      await trip('a deletion', write(null));
      await write(order('4', 'ink'))();
      await trip('a write of another type', write(other()));
      await write(order('5', 'ink'))();
      const from = await store.read(key);
      const to = { ...from, content: order('6', 'ink'), version: from.version + 1n };
      await trip('a replacement that sets aside', () => store.swap(key, { from, to, aside: 'taken back' }));
    }
    assert.deepEqual(found, COSTS);
  });
}

function byKey(running: () => TestDatabase): void {
  test('tables that never take a key are not asked for its rows, and lose what somebody has put there when it is looked at', async () => {
    const { connection, table: whole } = await world(running());
    const by = (pattern: string) => [{ kind: 'key', pattern } as const];
    const [orders, lines, customers] = whole.projections as [Projection, Projection, Projection];
    const projections = [
      { ...orders, where: by('order::*') },
      { ...lines, where: by('order::*') },
      { ...customers, where: by('customer::*') },
    ];
    const counted = counting(connection);
    const table = { ...whole, projections };
    const store = new OracleStore(counted.connection, table, Date.now);
    const trip = async (act: () => Promise<unknown>) => {
      counted.reset();
      await act();
      return counted.trips();
    };
    const [key, plain] = [`customer::${randomUUID()}`, `other::${randomUUID()}`];
    const batch = () =>
      new Batches(counted.connection, table).apply([{ key: plain, content: other(), version: 3n }]);
    const rows = async (at: number) =>
      (await projectedRowsOf(connection, table.projections[at] as Projection, [key])).size;
    assert.equal(await trip(() => store.apply(key, { content: customer('x'), version: 1n })), 3);
    // The row, and a DELETE and an INSERT of its one table.
    assert.equal(await trip(() => store.apply(key, { content: customer('y'), version: 2n })), 3);
    await store.apply(plain, { content: other(), version: 1n });
    assert.equal(await trip(() => store.apply(plain, { content: other(), version: 2n })), 1);
    // An insertion, an update, and the commit.
    assert.equal(await trip(batch), 3);
    await connection.use(store.target(null, 'test'), true, (session) =>
      session.execute(`INSERT INTO ${orders.table} (doc_key) VALUES ('${key}')`, [], { autoCommit: true }),
    );
    assert.deepEqual([await rows(0), await rows(2)], [1, 1]);
    const mend = () => project(projections, key, customer('y'));
    await holdDocument(connection, table, key, { mend, now: Date.now() });
    assert.deepEqual([await rows(0), await rows(2)], [0, 1]);
  });
}
