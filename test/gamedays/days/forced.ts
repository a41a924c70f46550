/** Moves that wait, stores that are away after a move, and the way without Oracle. */
import assert from 'node:assert/strict';
import type { Day, Row } from '../day.ts';
import { COLLECTIONS } from '../operator.ts';
import { AWAY_FOR_GOOD, arrived, couchbaseIsAway, inSettle } from './away_for_good.ts';
import { STORE_FAILURES } from './stores.ts';

const WAITING: Row = {
  table: 'alarms',
  signs: ['Controller…Waiting'],
  happened: 'a collection is not where the flags want it for a day',
  advice:
    '`npx crossfade status` tells what it waits for. A backfill is yours to start: `npx crossfade backfill start NAME`',
};

const RETIRED: Row = {
  table: 'messages',
  signs: ['It has been retired'],
  advice:
    'there is no way back: set the flags to what `contract` is, `npx crossfade set contract`, with `--collection NAME` where others are elsewhere',
};

export const FORCED: readonly Day[] = [
  {
    name: 'move-waits-for-a-day',
    row: WAITING,
    provoke: async (field) => {
      // The backfill of before counts no more.
      await field.sql("UPDATE CROSSFADE_RUNS SET outcome = 'stopped'");
      await field.place('expand', 25 * 3_600_000, 'settle');
    },
    expect: async (field) => {
      assert.match(await field.succeed('status'), /yours to start: npx crossfade backfill start cities/);
    },
    remedy: async (field) => {
      for (const collection of COLLECTIONS) await field.succeed('backfill', 'start', collection);
    },
    healed: (field) => arrived(field, 'settle'),
  },
  {
    name: 'couchbase-away-in-settle',
    row: STORE_FAILURES,
    alarms: ['CouchbaseFailures'],
    provoke: async (field) => {
      await inSettle(field);
      field.noteFailures();
      await couchbaseIsAway(field);
    },
    expect: async (field) => field.noneFailed(),
    remedy: ({ stack }) => stack.stores.couchbase.calm(),
    healed: async (field) => field.noneFailed(),
  },
  ...AWAY_FOR_GOOD,
  {
    name: 'back-from-a-retirement',
    row: RETIRED,
    isQuiet: true,
    provoke: async (field) => {
      // A receipt that is handled in `contract` tells Couchbase nothing.
      await field.settled();
      await field.place('contract', 60_000, 'contract');
      for (const collection of COLLECTIONS)
        await field.succeed('retire', collection, '--why', 'it is over', '--confirm');
      await field.succeed('set', 'expand');
    },
    expect: async (field) => {
      const { output, code } = await field.crossfade('status');
      assert.deepEqual([code, /REFUSED {2}It has been retired/.test(output)], [1, true], output);
    },
    remedy: async (field) => {
      await field.succeed('set', 'contract');
    },
    healed: async (field) => {
      await field.succeed('status');
    },
  },
];
