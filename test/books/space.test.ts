/** What is measured of the tables, each number by rows that are there. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Space } from '../../functions/books/space.ts';
import type { Target } from '../../functions/stores/failure.ts';
import { CONTROL } from '../../functions/stores/oracle/control_tables.ts';
import { upgrade } from '../../functions/stores/oracle/upgrade.ts';
import { document } from '../stores/contract/subject.ts';
import { testDatabase } from '../stores/oracle/database.ts';

const DAY = 86_400_000;
const NOW = Date.UTC(2027, 0, 1);
const TARGET: Target = { store: 'oracle', operation: 'test', collection: 'T', key: null };

test('documents, tombstones by age, what expires, counts of verifications, and our own rows are measured', async (t) => {
  let now = NOW - 3 * DAY;
  const database = await testDatabase({ now: () => now });
  t.after(() => database.stop());
  const { connection, store, table } = database;
  await upgrade(connection, [CONTROL], null, () => {});
  const space = new Space(connection);
  const nothing = await space.measure('orders', table.name, NOW);
  assert.deepEqual(
    [nothing.sample, nothing.tombstones, nothing.counted],
    [{ documents: 0, bytes: 0 }, { all: 0, day: 0 }, []],
  );
  await store.apply('old', { content: null, version: 5n });
  now = NOW - 1000;
  await store.apply('new', { content: null, version: 5n });
  await store.apply('soon', { content: document('"four"', NOW + 3_600_000), version: 5n });
  await store.apply('later', { content: document('{"a":1}', NOW + 9 * DAY), version: 5n });
  await connection.use(TARGET, true, async (session) => {
    const run =
      "INSERT INTO CROSSFADE_RUNS (run_id, kind, collection, stamp, options, phase, started, finished, outcome) VALUES (:id, 'verify', 'orders', 's', :options, 'settle', :started, :started2, 'clean')";
    const shard =
      'INSERT INTO CROSSFADE_SHARDS (run_id, shard, state, epoch, listed, applied, stale, gone, failed, bytes, changed) ' +
      "VALUES (:id, :shard, 'done', 1, :listed, 0, 0, 0, 0, 0, :changed)";
    for (const [id, days, options] of [
      ['a', 60, '{}'],
      ['b', 2, '{}'],
      ['c', 1, '{"range":{"after":null,"upTo":"k"}}'],
    ] as const) {
      const started = NOW - days * DAY;
      await session.execute(run, { id, options, started, started2: started });
      for (const n of [1, 2])
        await session.execute(shard, { id, shard: n, listed: days * n, changed: started });
    }
    // Of the runs of two months ago and of yesterday.
    for (const id of ['a', 'c'])
      await session.execute(
        'INSERT INTO CROSSFADE_ATTEMPTS (run_id, shard, epoch, working, deaths, alone, in_row, lost) ' +
          'VALUES (:id, 1, 1, 0, 0, 0, 0, 0)',
        { id },
      );
    // Marked yesterday, settled, and marked two months ago.
    for (const [id, at] of [
      ['s1', NOW - DAY],
      ['s2', 0],
      ['s3', NOW - 60 * DAY],
    ] as const)
      await session.execute('INSERT INTO CROSSFADE_SUSPECTS (letter_id, at, alone) VALUES (:id, :at, 0)', {
        id,
        at,
      });
    await session.execute(
      'INSERT INTO CROSSFADE_SET_ASIDE (aside_id, table_name, doc_key, version, handback, deleted, body, at, reason) ' +
        "VALUES ('x', :owner, 'k', 1, 0, 0, :body, :at, 'r')",
      { owner: table.name, body: Buffer.from('seven!!'), at: NOW - DAY },
    );
    await session.commit();
  });
  const { most: _, ...measured } = await space.measure('orders', table.name, NOW);
  assert.deepEqual(measured, {
    sample: { documents: 2, bytes: 13 },
    tombstones: { all: 2, day: 1 },
    expiring: 1,
    counted: [
      { at: NOW - 60 * DAY, keys: 180 },
      { at: NOW - 2 * DAY, keys: 6 },
    ],
    aside: { rows: 1, bytes: 7 },
    ours: {
      ...{ CROSSFADE_RUNS: 2, CROSSFADE_SHARDS: 4, CROSSFADE_FINDINGS: 0 },
      ...{ CROSSFADE_REPAIRS: 0, CROSSFADE_LETTERS: 0, CROSSFADE_AUDIT: 0 },
      ...{ CROSSFADE_ATTEMPTS: 1, CROSSFADE_SUSPECTS: 2 },
    },
  });
});
