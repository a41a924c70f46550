/** The ledger over the embedded Oracle: which shards are given out, to whom, and in which order. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Ledger } from '../../functions/books/ledger.ts';
import type { Run } from '../../functions/records/run.ts';
import { CONTROL } from '../../functions/stores/oracle/control_tables.ts';
import { upgrade } from '../../functions/stores/oracle/upgrade.ts';
import { type TestDatabase, testDatabase } from '../stores/oracle/database.ts';

let database: TestDatabase;
let ledger: Ledger;
before(async () => {
  database = await testDatabase({});
  await upgrade(database.connection, [CONTROL], null, () => {});
  ledger = new Ledger(database.connection);
});
after(() => database.stop());

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

test('those are counted that are under way', async () => {
  const before = await ledger.countUnderWay();
  await ledger.begin(runOf('counted'), shards(1));
  assert.equal(await ledger.countUnderWay(), before + 1);
  await ledger.end('counted', 'clean', 1);
  assert.equal(await ledger.countUnderWay(), before);
});
