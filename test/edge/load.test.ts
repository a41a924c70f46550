/** What workers and operators reach to know how hard Oracle works. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type oracledb from 'oracledb';
import { loadOf, presentLoad, publishedLoad } from '../../functions/edge/load.ts';
import type { Stores } from '../../functions/edge/stores.ts';
import { BULK_LIMITS, type Load } from '../../functions/stores/load.ts';

const TIMING = { lease: 30_000, refresh: 5000, request: 20_000, call: 3000, backfill: 300_000 };
const CONFIGURATION = { bulkLimits: { ...BULK_LIMITS, undo: null }, timing: TIMING } as never;
const LOAD: Load = {
  at: 5,
  watched: {
    temp: {
      ...{ reading: { kind: 'value', value: 90 }, limits: { slow: 70, pause: 85, resume: 75 } },
      ...{ known: { value: 90, at: 5 }, paused: true, share: 0, notBefore: 0 },
    },
  },
};

/** Each reading is answered with one row. */
function storesWith(read: () => Promise<unknown>) {
  const asked: string[] = [];
  const session = {
    callTimeout: 9000,
    execute: async (sql: string) => {
      asked.push(`${/FROM (?:V\$|DBA_)\w+/.exec(sql)?.[0]} in ${session.callTimeout}`);
      return { rows: [[50, 100]] };
    },
  };
  const database = {
    use: (_: unknown, __: boolean, act: (given: oracledb.Connection) => Promise<unknown>) =>
      act(session as never),
    user: async () => 'CROSSFADE_APP',
  };
  return { asked, stores: { database, load: { read } } as unknown as Stores };
}

test('status tells what was published, and nothing where it cannot be read', async () => {
  const told = (read: () => Promise<unknown>) =>
    publishedLoad({ stores: storesWith(read).stores, configuration: CONFIGURATION, now: () => 10 });
  assert.deepEqual((await told(async () => ({ next: 1, load: LOAD })))?.values, ['TEMP in use 90 %']);
  assert.equal((await told(async () => ({ next: 1, load: LOAD })))?.pauses.length, 1);
  assert.equal(await told(async () => ({ next: null, load: null })), null);
  assert.equal(await told(() => Promise.reject(new Error('away'))), null);
});

test('before a backfill all readings that are wanted are read anew, each in two seconds', async () => {
  const { asked, stores } = storesWith(() => assert.fail('It reads what was published'));
  const { values, user } = await presentLoad({ stores, configuration: CONFIGURATION, now: () => 10 });
  assert.equal(user, 'CROSSFADE_APP');
  assert.equal(asked.length, 5);
  assert.ok(asked.every((each) => each.endsWith(' in 2000')));
  assert.ok(values.includes('fast recovery area 200 %'));
});

test('no reading takes longer than a call may', async () => {
  const { asked, stores } = storesWith(async () => null);
  const quick = { bulkLimits: BULK_LIMITS, timing: { ...TIMING, call: 500 } };
  const parts = loadOf(stores, quick, { wall: () => 0, steady: () => 0 }, { warn: () => {} } as never);
  await parts.look(['sessions']);
  assert.deepEqual(asked, ['FROM V$RESOURCE_LIMIT in 500']);
});
