/** What is removed of the control tables, on the server of another test: never what a gate, a worker or an operator may still ask for. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Findings } from '../../functions/books/findings.ts';
import { Kept, KINDS } from '../../functions/books/kept.ts';
import { Letters } from '../../functions/books/letters.ts';
import { Repairs } from '../../functions/books/repairs.ts';
import type { Target } from '../../functions/stores/failure.ts';
import { CONTROL_RIGHTS } from '../../functions/stores/oracle/rights.ts';
import { SCRATCH } from '../../functions/stores/oracle/schema.ts';
import { SQL_CHANGES } from '../../functions/stores/oracle/sql_changes_table.ts';
import type { TestDatabase } from '../stores/oracle/database.ts';

const TARGET: Target = { store: 'oracle', operation: 'test', collection: 'T', key: null };
const RUN =
  'INSERT INTO CROSSFADE_RUNS (run_id, kind, collection, stamp, options, phase, started, finished, outcome) VALUES ';
const FINDING =
  'INSERT INTO CROSSFADE_FINDINGS (run_id, doc_key, verdict, kind, detail, seen, looks, first_seen, last_seen) VALUES ';
const SHARD =
  'INSERT INTO CROSSFADE_SHARDS (run_id, shard, state, epoch, listed, applied, stale, gone, failed, bytes, changed) VALUES ';
const ASIDE =
  'INSERT INTO CROSSFADE_SET_ASIDE (aside_id, table_name, doc_key, version, handback, deleted, at, reason, state, decided) VALUES ';

/** A verification that is over, one that is the last, one under way, and a backfill that has set a document aside; each row was over at 10. */
const ROWS = [
  ...[
    `${RUN}('v1', 'verify', 'orders', 's', '{}', 'settle', 1, 2, 'failures')`,
    `${RUN}('v2', 'verify', 'orders', 's', '{}', 'settle', 3, 4, 'failures')`,
    `${RUN}('v3', 'verify', 'orders', 's', '{}', 'settle', 5, NULL, NULL)`,
    `${RUN}('b1', 'backfill', 'orders', 's', '{}', 'expand', 1, 2, 'failures')`,
    `${SHARD}('b1', 0, 'done', 1, 2, 1, 0, 0, 1, 9, 2)`,
  ],
  ...['v1', 'v2', 'v3'].flatMap((run) =>
    ['k', 'other'].map((key) => `${FINDING}('${run}', '${key}', 'mismatch', 'stale', 'd', NULL, 1, 1, 10)`),
  ),
  `${FINDING}('b1', 'poison', 'poison', 'poison', 'd', NULL, 0, 1, 10)`,
  ...['open', 'kept'].map(
    (state) => `${ASIDE}('a-${state}', 'ORDERS', 'k', 1, 0, 0, 1, 'r', '${state}', 10)`,
  ),
];

type Connection = TestDatabase['connection'];
const run = (connection: Connection, text: string) =>
  connection.use(TARGET, true, (session) => session.execute(text, {}, { autoCommit: true }));

/** A letter in each state, and a repair: all of them were over at 10. */
async function written(connection: Connection): Promise<Letters> {
  const letters = new Letters(connection);
  for (const row of ROWS) await run(connection, row);
  for (const key of ['k', 'poison', 'open', 'waits', 'left']) {
    const waits = key === 'waits' ? ({ state: 'waiting' } as const) : {};
    await letters.keep(key, 'unfit', { collection: 'orders', key }, 10, waits);
  }
  for (const [key, state] of [
    ['k', 'redriven'],
    ['poison', 'redriven'],
    ['left', 'discarded'],
  ] as const) {
    const [letter] = await letters.ofKey('orders', key);
    assert.ok(letter !== undefined && (await letters.close(letter, state, 10)));
  }
  const repairs = new Repairs(connection);
  await repairs.record({ collection: 'orders', key: 'k', at: 10, cause: 'c', detail: 'd' });
  return letters;
}

async function byAge({ connection }: TestDatabase): Promise<void> {
  const [letters, findings, old] = [
    await written(connection),
    new Findings(connection),
    new Kept(connection),
  ] as const;
  const kinds = Object.keys(KINDS) as (keyof typeof KINDS)[];
  const removed = (before: number, most = 500) =>
    Promise.all(kinds.map((kind) => old.removeOld(kind, before, most)));
  assert.equal(await findings.unsettled('b1', 'orders'), 0, 'the gate is open');
  assert.deepEqual(await removed(10), [0, 0, 0, 0], 'nothing is that old');
  assert.deepEqual(await removed(11, 1), [1, 1, 1, 1], 'no more than was asked for');
  assert.deepEqual(await removed(11), [1, 0, 0, 0]);
  assert.equal(await findings.unsettled('b1', 'orders'), 0, 'and stays open');
  const states = async (key: string) => (await letters.ofKey('orders', key)).map(({ state }) => state);
  assert.deepEqual(await Promise.all(['k', 'poison', 'open', 'waits', 'left'].map(states)), [
    ...[[], ['redriven'], ['open']],
    ...[['waiting'], ['discarded']],
  ]);
  assert.equal((await findings.tally('v2')).length + (await findings.tally('v3')).length, 2);
  assert.deepEqual(await findings.tally('v1'), []);
}

async function ofDocument({ connection }: TestDatabase): Promise<void> {
  const old = new Kept(connection);
  const of = { collection: 'orders', table: 'ORDERS', key: 'k' };
  await run(connection, `${RUN}('v4', 'verify', 'orders', 's', '{}', 'settle', 7, 8, 'clean')`);
  assert.equal(await old.count('findings', of), 2);
  assert.equal(await old.removeOf('findings', { ...of, collection: 'carts' }, 100), 0);
  assert.equal(await old.removeOf('findings', of, 100), 1);
  assert.equal(await old.count('findings', of), 1, 'the verification that is under way still needs it');
  assert.equal(await old.count('findings', { ...of, key: 'other' }), 2);
  assert.equal(await old.count('conflicts', of), 1);
  assert.equal(await old.removeOf('conflicts', of, 100), 0, 'nobody has decided on it');
}

export function kept(running: () => TestDatabase): void {
  test('what nothing needs any more is removed by its age, and all else stays', () => byAge(running()));
  test('of one document goes what nothing needs any more, and nothing of its neighbours', () =>
    ofDocument(running()));
  test('the functions’ user may delete where something is removed, and nowhere else', () => {
    // Of those changed by SQL a decision removes the entry; a certification empties its own. Minutes of a proof of load are about no document.
    const others = [SCRATCH, SQL_CHANGES.name, 'CROSSFADE_LOAD_PROOF'];
    const removable = Object.entries(CONTROL_RIGHTS).flatMap(([table, { control }]) =>
      control?.deletes === true && !others.includes(table) ? [table] : [],
    );
    assert.deepEqual(new Set(Object.values(KINDS).map(({ table }) => table)), new Set(removable));
  });
}
