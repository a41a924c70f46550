/** Rows of the books, and what they are to the rest: what a row cannot say is refused, and not guessed. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type oracledb from 'oracledb';
import { deathsColumn, deathsIn } from '../../functions/books/attempts.ts';
import { recordStep } from '../../functions/books/checkpoint.ts';
import { runFrom, shardOf } from '../../functions/books/ledger_rows.ts';
import {
  again,
  causeIn,
  insert,
  keptSince,
  letterFrom,
  letterRow,
} from '../../functions/books/letter_rows.ts';
import { Repairs } from '../../functions/books/repairs.ts';
import { Overtaken } from '../../functions/records/run.ts';
import type { OracleConnection } from '../../functions/stores/oracle/connection.ts';

/** A session in which each statement changes so many rows, or fails. */
function session(answers: readonly (number | Error)[]) {
  const executed: { text: string; binds: Readonly<Record<string, unknown>> }[] = [];
  const opened = {
    execute: async (text: string, binds: Readonly<Record<string, unknown>>) => {
      const answer = answers[executed.push({ text, binds }) - 1] ?? 0;
      if (answer instanceof Error) throw answer;
      return { rowsAffected: answer };
    },
    executeMany: async (text: string, binds: Readonly<Record<string, unknown>>) => {
      executed.push({ text, binds });
    },
  };
  return { executed, opened: opened as unknown as oracledb.Connection };
}
const TWICE = new Error('ORA-00001: unique constraint violated');

test('a run is read as it was written, and one of a phase that nobody knows is refused', () => {
  const row = ['r', 'verify', 'orders', 'a.b', 'settle', 7, '{"mode":"content"}'];
  assert.deepEqual(runFrom(row), {
    ...{ id: 'r', kind: 'verify', collection: 'orders', stamp: 'a.b', phase: 'settle', started: 7 },
    options: { mode: 'content' },
  });
  for (const phase of ['finale', null])
    assert.throws(() => runFrom(row.with(4, phase as never)), /^Error: The run r was begun in .* no phase/);
});

test('a shard is read with its counts in their order', () => {
  assert.deepEqual(shardOf([3, 'a', null, 'c', 'open', 9, 1, 2, 3, 4, 5, 6]), {
    ...{ shard: 3, after: 'a', upTo: null, doneKey: 'c', state: 'open', changed: 9 },
    ...{ listed: 1, applied: 2, stale: 3, gone: 4, failed: 5, bytes: 6 },
  });
});

test('a step of a shard that another worker holds is not recorded', async () => {
  const hold = { run: 'r', shard: 3, epoch: 2 };
  const counts = { listed: 1, applied: 1, stale: 0, gone: 0, failed: 0, bytes: 9 };
  const step = { to: 'k', counts, findings: [] };
  const mine = session([1]);
  await recordStep(mine.opened, hold, step, 7);
  const [{ text, binds } = assert.fail()] = mine.executed;
  assert.match(text, /WHERE run_id = :run AND shard = :shard AND epoch = :epoch$/);
  const markers = { marked: 0, met: 0, oldest: 0, oldest2: 0 };
  const passed = { ignored: 0, elsewhere: 0 };
  assert.deepEqual(binds, { ...hold, ...counts, ...markers, ...passed, up_to: 'k', now: 7 });
  await assert.rejects(recordStep(session([0]).opened, hold, step, 7), Overtaken);
});

test('the column of deaths tells whether a key is suspected, and rows of the version before say it as well', () => {
  for (const attempt of [0, 1, 2, 999].flatMap((deaths) =>
    [true, false].map((suspected) => ({ deaths, suspected })),
  ))
    assert.deepEqual(deathsIn(deathsColumn(attempt)), attempt);
  // That version has written 1000 for a suspicion, and has counted on from there.
  for (const column of [1000, 1001]) assert.equal(deathsIn(column).suspected, true);
  assert.ok(deathsColumn({ deaths: 2, suspected: true }) >= 1000);
  // However often workers have died at one place, that alone is no suspicion of a key.
  assert.equal(deathsIn(deathsColumn({ deaths: 5000, suspected: false })).suspected, false);
});

test('what reasons have in common is without the run, the shard and the key', () => {
  assert.equal(
    causeIn('backfill-1, shard 12: couchbase read in orders, key "a \\" b" (250 characters): too large'),
    'couchbase read in orders: too large',
  );
  assert.equal(causeIn('it is no receipt'), 'it is no receipt');
});

test('a letter has its message whole, or the beginning of one that has no room, which is told', () => {
  const place = { collection: 'orders', key: 'k' };
  const row = letterRow('a receipt', 'r, shard 1: it failed', place);
  assert.deepEqual(
    [row.body, row.whole, row.reason, row.cause],
    ['a receipt', 1, 'r, shard 1: it failed', 'it failed'],
  );
  assert.deepEqual([row.collection, row.key], ['orders', 'k']);
  // Four bytes each: what is cut is no half of a character.
  const long = letterRow('😀'.repeat(1001), '😀'.repeat(300), null);
  assert.deepEqual([long.body, long.whole, long.reason], ['😀'.repeat(1000), 0, '😀'.repeat(225)]);
  assert.deepEqual([long.collection, long.key], [null, null]);
});

test('receipts of one document are one letter, and messages without one are a letter each', () => {
  const id = (body: string, key: string | null) =>
    letterRow(body, '', key === null ? null : { collection: 'c', key }).id;
  assert.equal(id('a', 'k'), id('b', 'k'));
  assert.notEqual(id('a', 'k'), id('a', 'l'));
  assert.notEqual(id('a', null), id('b', null));
  assert.notEqual(
    letterRow('a', '', { collection: 'c', key: 'k' }).id,
    letterRow('a', '', { collection: 'd', key: 'k' }).id,
  );
});

test('a letter is read as it lies there; rows of the version before count no messages', () => {
  const row = ['l', 'orders', 'k', 'a receipt', 1, 'r', 'c', 'open', 2, 3, 4];
  const letter = letterFrom(row);
  assert.deepEqual([letter.whole, letter.times, letter.firstSeen, letter.lastSeen], [true, 2, 3, 4]);
  assert.deepEqual([letter.queued, letter.queuedSince], [0, 0]);
  assert.deepEqual(letterFrom([...row.with(4, 0), 5, 6]), {
    ...letter,
    whole: false,
    queued: 5,
    queuedSince: 6,
  });
});

const SEEN = { now: 2_000_000_000, since: 5, queued: 7, caller: null } as const;

test('a letter that is not there yet is inserted, and one that another worker inserted meanwhile is not', async () => {
  const row = { ...letterRow('a', 'r', null), ...SEEN, state: 'open' } as const;
  assert.equal(await again(session([0]).opened, row), false);
  assert.equal(await again(session([1]).opened, row), true);
  const inserted = session([1]);
  assert.equal(await insert(inserted.opened, row), true);
  assert.deepEqual([inserted.executed[0]?.binds.added, inserted.executed[0]?.binds.sent], [1, 7]);
  assert.equal(await insert(session([TWICE]).opened, row), false);
  const away = new Error('ORA-12170');
  await assert.rejects(insert(session([away]).opened, row), away);
  const waits = session([1]);
  await insert(waits.opened, { ...row, queued: null });
  assert.deepEqual([waits.executed[0]?.binds.added, waits.executed[0]?.binds.sent], [0, 0]);
});

test('an open letter stays open while another receipt of its document waits', async () => {
  const row = { ...letterRow('a', 'r', null), ...SEEN, queued: null, state: 'waiting' } as const;
  const open = session([1]);
  assert.equal(await again(open.opened, row), true);
  assert.equal(open.executed.length, 1);
  assert.doesNotMatch(open.executed[0]?.text ?? '', /SET state/);
  const closed = session([0, 1]);
  assert.equal(await again(closed.opened, row), true);
  assert.equal(closed.executed[1]?.binds.state, 'waiting');
});

test('messages count for as long as SQS keeps them, less an hour', () => {
  assert.equal(keptSince(14 * 86_400_000), 3_600_000);
});

test('of two repairs of one key in one millisecond one is noted, and texts have room', async () => {
  const repairing = async (answer: number | Error) => {
    const { opened, executed } = session([answer]);
    const use = (_: unknown, mutation: boolean, act: (opened: oracledb.Connection) => unknown) => {
      assert.equal(mutation, true);
      return act(opened);
    };
    const repairs = new Repairs({ use } as unknown as OracleConnection);
    const repair = { collection: 'c', key: 'k', at: 7, cause: 'x'.repeat(300), detail: 'y'.repeat(2000) };
    await repairs.record(repair);
    return executed[0]?.binds;
  };
  const binds = await repairing(1);
  assert.deepEqual(binds, {
    collection: 'c',
    key: 'k',
    at: 7,
    cause: 'x'.repeat(250),
    detail: 'y'.repeat(1000),
  });
  await repairing(TWICE);
  const away = new Error('ORA-12170');
  await assert.rejects(repairing(away), away);
});
