/** Rows that say that their document is deleted, and still have something of it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Column } from '../../../functions/stores/oracle/column.ts';
import { inspectedKeys, inspectOracle } from '../../../functions/stores/oracle/inspect.ts';
import { NOTHING, type Seen } from '../../../functions/stores/snapshot.ts';
import { compare } from '../../../functions/verification/compare.ts';
import { document } from '../contract/subject.ts';
import { testDatabase } from './database.ts';

const COLUMNS: readonly Column[] = [
  { name: 'TOTAL', path: 'total', type: { kind: 'number', precision: 20, scale: 2 }, nullable: true },
];
/** What is left in each row, past the protocol. */
const LEFT = {
  all: "kind = 'gone'",
  body: "kind = 'gone', total = NULL",
  column: "kind = 'gone', body = NULL",
} as const;
const KEYS = [...Object.keys(LEFT), 'deleted', 'live'].sort();

test('a verification finds the row of a deletion that still has a body or a column, and a repair empties it', async (t) => {
  const { store, connection, table, stop } = await testDatabase({ columns: COLUMNS });
  t.after(stop);
  for (const key of KEYS) await store.apply(key, { content: document('{"total":3}'), version: 5n });
  await store.apply('deleted', { content: null, version: 6n });
  const target = store.target(null, 'meddle');
  for (const [key, assignments] of Object.entries(LEFT))
    await connection.use(target, true, (session) =>
      session.execute(
        `UPDATE ${table.name} SET ${assignments} WHERE doc_key = :key`,
        { key },
        { autoCommit: true },
      ),
    );
  const listed = () =>
    inspectedKeys(
      connection,
      table.name,
      { after: null, upTo: null },
      { which: 'all', limit: 10, now: 0, columns: COLUMNS },
    );
  const wrong = async (bodies: boolean, mode: 'count' | 'version' | 'content') => {
    const options = { bodies, most: Number.POSITIVE_INFINITY, now: 0, columns: COLUMNS };
    const seen = await inspectOracle(connection, table.name, KEYS, options);
    return KEYS.filter((key, n) => {
      const couchbase = key === 'live' ? (seen[n] as Seen) : NOTHING;
      return compare('settle', { couchbase, oracle: seen[n] as Seen }, mode)?.kind === 'remains';
    });
  };
  assert.deepEqual(await listed(), ['all', 'body', 'column', 'live']);
  assert.deepEqual(await wrong(false, 'version'), ['all', 'body', 'column']);
  assert.deepEqual(await wrong(true, 'content'), ['all', 'body', 'column']);
  const cleared = [];
  for (const key of KEYS) if (await store.clear(key)) cleared.push(key);
  assert.deepEqual(cleared, ['all', 'body', 'column']);
  assert.deepEqual([await wrong(true, 'content'), await listed()], [[], ['live']]);
  // The tombstone is as it was.
  assert.deepEqual((await store.read('all')).version, 5n);
});
