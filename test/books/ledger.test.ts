/** The ledger over the embedded Oracle: which shards are given out, to whom, and in which order; and what workers leave beside it. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Attempts } from '../../functions/books/attempts.ts';
import { recordAlone, recordStep } from '../../functions/books/checkpoint.ts';
import { Findings } from '../../functions/books/findings.ts';
import { Ledger } from '../../functions/books/ledger.ts';
import { Letters } from '../../functions/books/letters.ts';
import { SuspectBook } from '../../functions/books/suspects.ts';
import { poison } from '../../functions/records/finding.ts';
import { Overtaken, type Run } from '../../functions/records/run.ts';
import { beginAttempt } from '../../functions/runs/attempts.ts';
import { CERTIFICATES } from '../../functions/stores/oracle/certification_tables.ts';
import { CONTROL } from '../../functions/stores/oracle/control_tables.ts';
import { upgrade } from '../../functions/stores/oracle/upgrade.ts';
import { type TestDatabase, testDatabase } from '../stores/oracle/database.ts';
import { certificates } from './certificates.ts';
import { preflights } from './preflights.ts';
import { watched } from './watched.ts';

let database: TestDatabase;
let ledger: Ledger;
before(async () => {
  database = await testDatabase({});
  await upgrade(database.connection, [CONTROL, CERTIFICATES], null, () => {});
  ledger = new Ledger(database.connection);
});
after(() => database.stop());

const TARGET = { store: 'oracle', operation: 'record', collection: 'CROSSFADE_SHARDS', key: null } as const;

/** Shards without keys: nothing is worked on here. */
const shards = (count: number) => Array.from({ length: count }, () => ({ after: null, upTo: null }));
const runOf = (id: string): Run => ({
  ...{ id, kind: 'backfill', collection: id, options: {}, stamp: 's', phase: 'expand', started: 0 },
});

test('the first shards are given out with the run, and each of the others once, however many ask at once', async () => {
  await ledger.begin(runOf('each'), shards(20), 3);
  const given = await Promise.all(Array.from({ length: 8 }, () => ledger.giveNext('each')));
  assert.deepEqual(given.sort(), [10, 3, 4, 5, 6, 7, 8, 9].sort());
  for (let n = 0; n < 9; n++) await ledger.giveNext('each');
  assert.equal(await ledger.giveNext('each'), null);
  assert.equal(await ledger.giveNext('none'), null);
});

test('a run that is gone on with gives out the shards that somebody has had first, and never one that is done', async () => {
  await ledger.begin(runOf('gone-on'), shards(6), 1);
  for (const shard of [0, 4]) {
    const taken = await ledger.take('gone-on', shard, 1);
    if (shard === 0) await ledger.finish(taken?.hold as never, 2);
  }
  assert.deepEqual(await ledger.giveOut('gone-on', 3), [4, 1, 2]);
  assert.deepEqual(await ledger.giveOut('gone-on', 10), [1, 2, 4, 3, 5]);
  assert.equal(await ledger.giveNext('gone-on'), null);
});

test('the pieces of a shard that is cut are given out to whoever asks next', async () => {
  await ledger.begin(runOf('cut'), shards(1), 1);
  assert.equal(await ledger.giveNext('cut'), null);
  const { hold } = (await ledger.take('cut', 0, 1)) ?? assert.fail();
  assert.equal(hold.epoch, 2);
  await ledger.split(hold, ['g', 'p'], null, 2);
  assert.deepEqual([await ledger.giveNext('cut'), await ledger.giveNext('cut')], [1, 2]);
  const { after, upTo, state } = (await ledger.shard('cut', 1)) ?? assert.fail();
  assert.deepEqual([after, upTo, state], ['g', 'p', 'open']);
  assert.equal(await ledger.shard('cut', 3), null);
});

test('a run that was begun by the version before, which gives nothing out, is gone on with', async () => {
  await ledger.begin(runOf('before'), shards(3));
  await ledger.take('before', 2, 1);
  assert.deepEqual(await ledger.giveOut('before', 2), [2, 0]);
  assert.equal(await ledger.giveNext('before'), 1);
});

test('Oracle adds up what the shards of a run count: one row, whatever their number', async () => {
  const nothing = { listed: 0, applied: 0, stale: 0, gone: 0, failed: 0, bytes: 0 };
  assert.deepEqual(await ledger.totals('none'), {
    ...{ shards: 0, done: 0, changed: 0, ...nothing },
    markers: { count: 0, oldest: null },
    passed: { ignored: 0, elsewhere: 0 },
  });
  await ledger.begin(runOf('many'), shards(50), 1);
  for (const shard of [0, 1, 2]) {
    const { hold } = (await ledger.take('many', shard, 10 + shard)) ?? assert.fail();
    const counts = { ...nothing, listed: 10 + shard, applied: 9, failed: 1 + shard, bytes: 3_000_000_000 };
    await database.connection.use(TARGET, true, async (session) => {
      const markers = { count: shard, oldest: shard === 0 ? null : 1_700_000_000_000 + shard };
      const passed = { ignored: shard, elsewhere: 10 };
      await recordStep(session, hold, { to: 'k', counts, findings: [], markers, passed }, 100 + shard);
      await recordStep(session, hold, { to: 'l', counts: nothing, findings: [] }, 100 + shard);
      await session.commit();
    });
    if (shard < 2) await ledger.finish(hold, 200 + shard);
  }
  assert.deepEqual(await ledger.totals('many'), {
    ...{ shards: 50, done: 2, changed: 201, listed: 33, applied: 27, stale: 0, gone: 0, failed: 6 },
    ...{ bytes: 9_000_000_000, markers: { count: 3, oldest: 1_700_000_000_001 } },
    passed: { ignored: 3, elsewhere: 30 },
  });
  assert.deepEqual(await ledger.open('many', 3), [2, 3, 4]);
});

test('where functions of the version before have begun a run, its markers and the keys that it passes over are not counted, and 0 is not told', async () => {
  await ledger.begin(runOf('older'), shards(2), 1);
  // Their INSERT names no such column.
  const older =
    "UPDATE CROSSFADE_SHARDS SET markers = NULL, ignored = NULL, elsewhere = NULL WHERE run_id = 'older' AND shard = 0";
  await database.connection.use(TARGET, true, (session) => session.execute(older, {}, { autoCommit: true }));
  const { hold } = (await ledger.take('older', 0, 1)) ?? assert.fail();
  const counts = { listed: 1, applied: 1, stale: 0, gone: 0, failed: 0, bytes: 0 };
  const passed = { ignored: 2, elsewhere: 1 };
  const step = { to: 'k', counts, findings: [], markers: { count: 4, oldest: 9 }, passed };
  await recordAlone(database.connection, hold, step, 2);
  const totals = await ledger.totals('older');
  assert.deepEqual([totals.markers, totals.passed], [null, null]);
  await ledger.end('older', 'clean', 3);
  await ledger.begin({ ...runOf('newer'), collection: 'older', started: 5 }, shards(1));
  await ledger.end('newer', 'clean', 6, { markers: { count: 2, oldest: 1_700_000_000_000 }, passed });
  const ended = await ledger.history('backfill', 'older', 9);
  assert.deepEqual(
    ended.map(({ id, finished, markers, passed: over }) => [id, finished, markers, over]),
    [
      ['newer', 6, { count: 2, oldest: 1_700_000_000_000 }, passed],
      ['older', 3, undefined, undefined],
    ],
  );
});

test('of a run with many shards, the one that holds a key is the one row that is read', async () => {
  // UTF-16 has the last two the other way round.
  const cuts = [...Array.from({ length: 40 }, (_, n) => `k${n + 10}`), '\u{ffff}', '\u{10000}'];
  const ranges = [null, ...cuts].map((after, n) => ({ after, upTo: cuts[n] ?? null }));
  await ledger.begin(runOf('ranges'), ranges);
  const { connection, statements } = watched(database.connection);
  const shardWith = async (key: string) => (await new Ledger(connection).shardWith('ranges', key))?.shard;
  const keys = ['a', 'k10', 'k10x', 'k49', 'z', '\u{ffff}', '\u{ffff}a', '\u{10000}', '\u{10000}a'];
  assert.deepEqual(await Promise.all(keys.map(shardWith)), [0, 0, 1, 39, 40, 40, 41, 41, 42]);
  assert.deepEqual(new Set(statements.map(({ rows }) => rows)), new Set([1]));
  await ledger.begin(runOf('range'), [{ after: 'b', upTo: 'c' }]);
  assert.equal(await ledger.shardWith('range', 'b'), null);
  assert.equal(await ledger.shardWith('range', 'd'), null);
});

test('those are counted that are under way', async () => {
  const before = await ledger.countUnderWay();
  await ledger.begin(runOf('counted'), shards(1));
  assert.equal(await ledger.countUnderWay(), before + 1);
  await ledger.end('counted', 'clean', 1);
  assert.equal(await ledger.countUnderWay(), before);
});

test('a worker that has died leaves the key that it has touched, and one that was overtaken writes nothing', async () => {
  const attempts = new Attempts(database.connection);
  await ledger.begin(runOf('dies'), shards(1), 1);
  const begin = async (handedOn = false) => {
    const { hold, row } = (await ledger.take('dies', 0, 1)) ?? assert.fail();
    const begun = await attempts.begin(hold, (before) => beginAttempt(before, row, hold.epoch, handedOn));
    return { hold, begun: begun ?? assert.fail() };
  };
  const first = await begin();
  assert.deepEqual([first.begun.died, first.begun.attempt.alone], [false, 0]);
  await begin();
  const third = await begin();
  assert.deepEqual([third.begun.attempt.deaths, third.begun.attempt.alone], [2, 500]);
  await attempts.touch(third.hold, 'k', 499);
  const suspecting = await begin();
  assert.deepEqual([suspecting.begun.died, suspecting.begun.killer], [true, null]);
  await attempts.touch(suspecting.hold, 'k', 498);
  const fourth = await begin();
  assert.deepEqual([fourth.begun.killer, fourth.begun.attempt.at], ['k', 'k']);
  await assert.rejects(attempts.touch(third.hold, 'l', 498), Overtaken);
  await assert.rejects(
    attempts.begin(third.hold, (before) => beginAttempt(before, { doneKey: null }, third.hold.epoch, false)),
    Overtaken,
  );
  const counts = { listed: 1, applied: 0, stale: 0, gone: 0, failed: 1, bytes: 0 };
  await attempts.pass(fourth.hold, { to: 'k', counts, findings: [] }, 2);
  await attempts.leave(fourth.hold);
  const fifth = await begin();
  assert.deepEqual([fifth.begun.died, fifth.begun.killer, fifth.begun.attempt.row], [false, null, 1]);
  assert.equal((await ledger.shard('dies', 0))?.doneKey, 'k');
  // Its mark is still there, but it has handed the shard on.
  assert.equal((await begin(true)).begun.died, false);
});

test('before the table of attempts is there, nothing is remembered, and runs go on', async () => {
  const none = {
    use: async (_target: unknown, _writes: unknown, act: (session: unknown) => Promise<unknown>) =>
      act({ execute: () => Promise.reject(new Error('ORA-00942: table or view does not exist')) }),
  };
  const begun = new Attempts(none as never).begin({ run: 'r', shard: 0, epoch: 1 }, () => assert.fail());
  assert.equal(await begun, null);
});

test('the mark of a receipt counts how often it was worked on alone, until it is cleared', async () => {
  const suspects = new SuspectBook(database.connection);
  assert.deepEqual(await suspects.of(['m1', 'm2']), new Map());
  await suspects.mark(['m1', 'm2'], new Map(), false, 5);
  const there = await suspects.of(['m1', 'm2', 'm3']);
  assert.deepEqual(there.get('m2'), { at: 5, alone: 0 });
  await suspects.mark(['m1', 'm3'], there, true, 6);
  // Another worker has inserted it in between: no mark is lost.
  await suspects.mark(['m3'], new Map(), true, 7);
  const marked = await suspects.of(['m1', 'm2', 'm3']);
  assert.deepEqual(
    [marked.get('m1'), marked.get('m3')],
    [
      { at: 6, alone: 1 },
      { at: 6, alone: 1 },
    ],
  );
  await suspects.clear(['m1', 'm3']);
  assert.deepEqual((await suspects.of(['m1'])).get('m1'), { at: 0, alone: 0 });
});

test('what a run has set aside is settled once the letter of each document is closed', async () => {
  const [letters, findings] = [new Letters(database.connection), new Findings(database.connection)];
  const place = (key: string, collection: string) => ({ collection, key });
  const unsettled = () => findings.unsettled('backfill', 'aside');
  const run = { id: 'backfill', kind: 'backfill', collection: 'aside', options: {}, stamp: 's' } as const;
  await ledger.begin({ ...run, phase: 'expand', started: 0 }, [{ after: null, upTo: null }]);
  assert.equal(await unsettled(), null, 'no shard says that it has set anything aside');
  const { hold } = (await ledger.take('backfill', 0, 1)) ?? assert.fail();
  const counts = { listed: 4, applied: 1, stale: 0, gone: 0, failed: 3, bytes: 0 };
  const aside = ['x', 'y', 'z'].map((key) => poison(key, 'no number'));
  await recordAlone(database.connection, hold, { to: 'z', counts, findings: aside }, 2);
  assert.equal(await unsettled(), 3, 'their letters are not written yet');
  for (const key of ['x', 'y', 'z']) await letters.keep(key, 'no number', place(key, 'aside'), 3);
  // Another collection has a document of that key.
  await letters.keep('x', 'no number', place('x', 'others'), 3);
  assert.equal(await unsettled(), 3);
  const close = async (key: string, state: 'redriven' | 'discarded') => {
    const [letter] = await letters.ofKey('aside', key);
    assert.ok(await letters.close(letter ?? assert.fail(), state, 4));
  };
  await close('x', 'redriven');
  await close('y', 'discarded');
  assert.equal(await unsettled(), 1);
  await close('z', 'redriven');
  assert.equal(await unsettled(), 0);
  // It did not help: its receipt was set aside again.
  await letters.keep('z', 'no number', place('z', 'aside'), 5);
  assert.equal(await unsettled(), 1);
});

preflights(() => database);
certificates(() => database);
