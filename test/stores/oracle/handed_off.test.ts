import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { StoreUnavailable } from '../../../functions/stores/failure.ts';
import { countHandedOff, handedOffKeys } from '../../../functions/stores/oracle/handed_off.ts';
import { document } from '../contract/subject.ts';
import { type TestDatabase, testDatabase } from './database.ts';

let database: TestDatabase;
before(async () => {
  database = await testDatabase();
});
after(() => database.stop());

const [SPAN, ROWS] = [6, 23];
const keyOf = (n: number) => `k-${String(n).padStart(2, '0')}`;
/** Two in a row, a span without any, a span of nothing else, and the last row of all. */
const HANDED_OFF = [1, 2, 12, 13, 14, 15, 18, 22].map(keyOf);
const always = () => true;

test('keys that Oracle orders are counted and listed exactly, in pages of any size, with tombstones', async () => {
  const { store, connection, table } = database;
  const none = await countHandedOff(connection, table.name, { after: null, timely: always }, SPAN);
  assert.deepEqual(none, { count: 0, next: null });
  for (let n = 0; n < ROWS; n++) await store.apply(keyOf(n), { content: document(`${n}`), version: 5n });
  for (const key of HANDED_OFF) {
    const content = key === keyOf(13) ? null : document('"new"');
    await store.write(key, { content, condition: { kind: 'none' }, handedOff: false });
  }
  for (const timely of [always, () => false]) {
    let [count, pages] = [0, 0];
    for (let from: string | null = null; pages === 0 || from !== null; pages++) {
      const page = await countHandedOff(connection, table.name, { after: from, timely }, SPAN);
      count += page.count;
      from = page.next;
    }
    assert.deepEqual([count, pages], [HANDED_OFF.length, timely() ? 1 : Math.ceil(ROWS / SPAN)]);
    for (const most of [3, 100]) assert.deepEqual(await listed(most, timely), HANDED_OFF);
  }
  assert.deepEqual(await store.countHandedOff({ after: keyOf(12), timely: always }), {
    count: 5,
    next: null,
  });
  assert.deepEqual((await store.handedOffKeys({ after: null, most: 2, timely: always })).keys, [
    keyOf(1),
    keyOf(2),
  ]);
});

async function listed(most: number, timely: () => boolean): Promise<string[]> {
  const { connection, table } = database;
  const all: string[] = [];
  for (let from: string | null = null, first = true; first || from !== null; first = false) {
    const page = await handedOffKeys(connection, table.name, { after: from, most, timely }, SPAN);
    assert.ok(page.keys.length <= most);
    all.push(...page.keys);
    from = page.next;
  }
  return all;
}

test('a count that Oracle does not answer is no count', async (t) => {
  const { server, store } = database;
  if (server === null) return t.skip('nothing can be made to fail here');
  const action = { kind: 'drop', applied: false } as const;
  await server.fault({ operation: 'execute', statement: 'COUNT(handoff)', times: 1, action });
  await assert.rejects(store.countHandedOff({ after: null, timely: always }), StoreUnavailable);
  await server.calm();
});
