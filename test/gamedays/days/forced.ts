/** Moves that wait, stores that are away after a move, and the way without Oracle. */
import assert from 'node:assert/strict';
import type { Phase } from '../../../functions/protocol/phase.ts';
import type { Day, Row } from '../day.ts';
import type { Field } from '../field.ts';
import { COLLECTIONS } from '../operator.ts';
import { oracleIsAway, STORE_FAILURES } from './stores.ts';

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

/** Of the section that tells how: it is no row of a table. */
const FORCING: Row = {
  table: 'sections',
  signs: ['Forcing a move'],
  advice:
    '`npx crossfade set legacy`, and `npx crossfade force NAME --why … --confirm` for each move that waits',
};

async function ok(field: Field, ...given: string[]): Promise<string> {
  const { output, error, code } = await field.crossfade(...given);
  assert.equal(code, 0, `${given.join(' ')}: ${output}${error}`);
  return output;
}

async function arrived(field: Field, phase: Phase): Promise<void> {
  const look = async () => (await field.status()).map(({ effective }) => effective.phase);
  await field.until(
    `it does not come to ${phase}`,
    look,
    (all) => all.every((each) => each === phase),
    150_000,
  );
}

/** Where the day before has left it, or on the way from `expand`. */
async function inSettle(field: Field): Promise<void> {
  field.want('settle');
  await arrived(field, 'settle');
}

/** Whatever waits is forced, once its bake is over, until all collections are there. */
async function forcedTo(field: Field, phase: Phase): Promise<void> {
  const phases = async () => {
    const all = await field.status();
    for (const { collection, decision } of all) {
      const waits = 'conditions' in decision ? decision.conditions.filter(({ holds }) => !holds) : [];
      if (waits.length === 0 || waits.some(({ name }) => name === 'bake')) continue;
      await ok(field, 'force', collection, '--why', 'Oracle is away');
      await field.crossfade('force', collection, '--why', 'Oracle is away', '--confirm');
    }
    return all.map(({ effective }) => effective.phase);
  };
  await field.until(
    `it is not forced to ${phase}`,
    phases,
    (all) => all.every((each) => each === phase),
    200_000,
  );
}

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
      assert.match(await ok(field, 'status'), /yours to start: npx crossfade backfill start cities/);
    },
    remedy: async (field) => {
      for (const collection of COLLECTIONS) await ok(field, 'backfill', 'start', collection);
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
      const action = { kind: 'status', status: 0x86 } as const;
      for (const operation of ['mutateIn', 'lookupIn'] as const)
        await field.stack.stores.couchbase.fault({ operation, times: null, action });
    },
    expect: async (field) => field.noneFailed(),
    remedy: ({ stack }) => stack.stores.couchbase.calm(),
    healed: async (field) => field.noneFailed(),
  },
  {
    name: 'oracle-away-for-good',
    row: FORCING,
    provoke: async (field) => {
      await inSettle(field);
      // What is acknowledged before is at risk, and is not what this day is about: both stores have all of it.
      await field.crowd.stop();
      await field.settled();
      await oracleIsAway(field);
    },
    expect: async (field) => {
      const { output, code } = await field.crossfade('set', 'legacy');
      assert.equal(code, 1, output);
      const { output: told } = await field.crossfade('force', 'cities', '--why', 'Oracle is away');
      assert.match(told, /What is at risk cannot be told/);
    },
    remedy: async (field) => {
      await forcedTo(field, 'legacy');
      field.crowd.start();
    },
    healed: async (field) => {
      // Clients write for a while; then Oracle is back, and the way begins anew.
      const { acknowledged } = field.crowd.book;
      await field.until(
        'nobody writes',
        () => field.crowd.book.acknowledged,
        (now) => now > acknowledged + 100,
      );
      await field.stack.stores.oracle.calm();
      await ok(field, 'set', 'expand');
      await arrived(field, 'expand');
      for (const collection of COLLECTIONS) {
        await field.until(
          'no backfill is begun',
          () => field.crossfade('backfill', 'start', collection),
          ({ code }) => code === 0,
        );
        await field.settled();
        await ok(field, 'verify', 'start', collection);
      }
    },
  },
  {
    name: 'back-from-a-retirement',
    row: RETIRED,
    isQuiet: true,
    provoke: async (field) => {
      await field.place('contract', 60_000, 'contract');
      for (const collection of COLLECTIONS)
        await ok(field, 'retire', collection, '--why', 'it is over', '--confirm');
      await ok(field, 'set', 'expand');
    },
    expect: async (field) => {
      const { output, code } = await field.crossfade('status');
      assert.deepEqual([code, /REFUSED {2}It has been retired/.test(output)], [1, true], output);
    },
    remedy: async (field) => {
      await ok(field, 'set', 'contract');
    },
    healed: async (field) => {
      await ok(field, 'status');
    },
  },
];
