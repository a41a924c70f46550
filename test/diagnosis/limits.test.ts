/** Where each line turns: at its limit, and just before it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { couchbaseLines } from '../../functions/diagnosis/couchbase_lines.ts';
import type { Line } from '../../functions/diagnosis/line.ts';
import { oracleLines } from '../../functions/diagnosis/oracle_lines.ts';
import {
  type BucketSettings,
  type CouchbaseFacts,
  known,
  type OracleFacts,
} from '../../functions/stores/facts.ts';
import { COUCHBASE, NOBODY, ORACLE, ORACLE_WANTED } from './facts.ts';

const line = (lines: readonly Line[], code: string) => lines.find((each) => each.code === code);
const oracle = (facts: Partial<OracleFacts>, code: string) =>
  line(oracleLines({ ...ORACLE, ...facts }, ORACLE_WANTED), code);
const profile = (limits: Record<string, string>) => ({ profile: known(limits) });
const quotas = (used: number, most: number | null) => ({
  quotas: known({ unlimited: false, tablespaces: [{ name: 'DATA', used, most }] }),
});
const account = (status: string, expires: string | null) => ({
  account: known({ user: 'APP', schema: 'SHOP', status, expires }),
});

for (const [what, code, cases] of [
  [
    'a quota',
    'ORACLE_QUOTA',
    [
      [quotas(84, 100), 'good'],
      [quotas(85, 100), 'doubtful'],
      [quotas(94, 100), 'doubtful'],
      [quotas(95, 100), 'bad'],
      [quotas(95, null), 'good'],
    ],
  ],
  [
    'the retention of undo',
    'ORACLE_UNDO_RETENTION',
    [
      [{ undoRetention: known(899) }, 'doubtful'],
      [{ undoRetention: known(900) }, 'good'],
    ],
  ],
  [
    'how sessions sort',
    'ORACLE_NLS',
    [
      [{ sorting: known(['BINARY', 'BINARY']) }, 'good'],
      [{ sorting: known(['BINARY', 'GERMAN']) }, 'bad'],
    ],
  ],
  [
    'the old password after a change',
    'ORACLE_PASSWORD_ROLLOVER',
    [
      [profile({}), 'doubtful'],
      [profile({ PASSWORD_ROLLOVER_TIME: '0' }), 'doubtful'],
      [profile({ PASSWORD_ROLLOVER_TIME: '1' }), 'good'],
      [profile({ PASSWORD_ROLLOVER_TIME: 'DEFAULT' }), 'unknown'],
    ],
  ],
  [
    'refused logins',
    'ORACLE_FAILED_LOGINS',
    [
      [profile({ FAILED_LOGIN_ATTEMPTS: '9' }), 'bad'],
      [profile({ FAILED_LOGIN_ATTEMPTS: '10' }), 'good'],
      [profile({ FAILED_LOGIN_ATTEMPTS: 'UNLIMITED' }), 'good'],
    ],
  ],
  [
    'the account',
    'ORACLE_ACCOUNT',
    [
      [account('OPEN', null), 'good'],
      [account('OPEN', '2027-01-01'), 'doubtful'],
      [account('LOCKED', null), 'bad'],
    ],
  ],
] as const)
  test(`${what} has limits, and the line turns at them`, () => {
    for (const [facts, state] of cases)
      assert.equal(oracle(facts, code)?.state, state, JSON.stringify(facts));
  });

test('what a line says is what was read', () => {
  assert.match(
    oracle(profile({}), 'ORACLE_PASSWORD_ROLLOVER')?.seen ?? '',
    /knows no PASSWORD_ROLLOVER_TIME/,
  );
  assert.match(
    oracle(account('OPEN', null), 'ORACLE_ACCOUNT')?.seen ?? '',
    /^APP, and the tables are those of SHOP; OPEN$/,
  );
  const ahead = (skew: number) => oracle({ skew: known(skew) }, 'ORACLE_CLOCK')?.seen;
  assert.match(ahead(0.5) ?? '', /0\.5 s ahead of/);
  assert.match(ahead(-0.5) ?? '', /0\.5 s behind/);
  assert.equal(ahead(0), 'its clock agrees with the one of this side');
});

test('a reading of something that this database does not have is good, and says so', () => {
  const readings = { standbyLag: { kind: 'none' } } as never as OracleFacts['readings'];
  const all = oracleLines({ ...ORACLE, readings }, ORACLE_WANTED);
  assert.ok(
    all.some(({ state, seen }) => state === 'good' && /: there is none$/.test(seen)),
    JSON.stringify(all),
  );
});

const SETTINGS: BucketSettings = {
  type: 'membase',
  replicas: 1,
  maxTtl: 0,
  fallback: 'disabled',
  eviction: 'valueOnly',
};
const inBucket = (
  durability: 'majority' | 'none',
  settings: Partial<BucketSettings>,
  facts: Partial<CouchbaseFacts> = {},
) =>
  couchbaseLines(
    {
      ...{ ...COUCHBASE, ...facts },
      buckets: {
        shop: {
          settings: known({ ...SETTINGS, ...settings }),
          maxTtl: known({}),
          transactions: known(false),
        },
      },
    },
    {
      ...{ side: 'functions', call: 3000 },
      collections: { orders: { place: { bucket: 'shop', scope: 's', collection: 'c' }, durability } },
    },
  );

test('replicas: three are too many for durable writes alone, none is bad, and without durability each number is doubtful', () => {
  const state = (durability: 'majority' | 'none', replicas: number) =>
    line(inBucket(durability, { replicas }), 'COUCHBASE_REPLICAS')?.state;
  assert.deepEqual(
    [0, 1, 2, 3].map((replicas) => state('majority', replicas)),
    ['bad', 'good', 'good', 'bad'],
  );
  assert.deepEqual(
    [0, 1, 2, 3].map((replicas) => state('none', replicas)),
    ['bad', 'doubtful', 'doubtful', 'doubtful'],
  );
});

test('durability counts for the bucket of the collection that asks for it, and for no other', () => {
  const lines = couchbaseLines(
    {
      ...COUCHBASE,
      buckets: {
        other: { settings: known({ ...SETTINGS, replicas: 3 }), maxTtl: NOBODY, transactions: NOBODY },
      },
    },
    {
      ...{ side: 'functions', call: 3000 },
      collections: {
        orders: { place: { bucket: 'shop', scope: 's', collection: 'c' }, durability: 'majority' },
      },
    },
  );
  assert.equal(line(lines, 'COUCHBASE_REPLICAS')?.state, 'doubtful');
});

test('a machine of an operator that reads its secret and reaches no cluster is told so, and not that it has no secret', () => {
  const wanted = { side: 'here', call: 3000, collections: {} } as const;
  const seen = (facts: Partial<CouchbaseFacts>) =>
    line(couchbaseLines({ ...COUCHBASE, answers: NOBODY, ...facts }, wanted), 'COUCHBASE')?.seen ?? '';
  assert.match(seen({}), /cannot be reached from this machine/);
  assert.match(seen({ encryption: NOBODY }), /its secret cannot be read/);
});

test('the change feed of a collection listens to it, and is no reason to doubt; another function is', () => {
  const place = { bucket: 'shop', scope: 's', collection: 'c' };
  const listening = (...names: string[]) =>
    line(
      inBucket(
        'majority',
        {},
        {
          functions: known(names.map((name) => ({ name, deployed: true, source: place, writes: [] }))),
        },
      ),
      'COUCHBASE_EVENTING',
    );
  assert.deepEqual(
    [listening()?.state, listening('crossfade-orders')?.state, listening('crossfade-orders', 'mine')?.state],
    ['good', 'good', 'doubtful'],
  );
  assert.match(listening('crossfade-orders')?.seen ?? '', /change feeds listen .*crossfade-orders/);
  assert.match(listening('crossfade-orders', 'mine')?.seen ?? '', /listen to our collections: mine\./);
});
