/** What projections cost in round trips. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import type { Content } from '../../../functions/protocol/state.ts';
import { OracleStore } from '../../../functions/stores/oracle/store.ts';
import { document } from '../contract/subject.ts';
import type { TestDatabase } from './database.ts';
import { counting, NONE, order, other, world } from './projected_world.ts';

export function projectedTrips(running: () => TestDatabase): void {
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
  test('round trips of each operation, with 0, 1 and 3 projections', async () => {
    const found: Record<string, number[]> = {};
    for (const most of [0, 1, 3]) {
      const { connection, table } = await world(running(), most);
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
