/** What a later look says of a document's rows in tables of projections. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Projection } from '../../functions/projection/projection.ts';
import { documentFrom } from '../../functions/protocol/fingerprint.ts';
import type { Noted } from '../../functions/records/finding.ts';
import type { Options, Run } from '../../functions/records/run.ts';
import { PoisonDocument } from '../../functions/stores/failure.ts';
import { NOTHING, type Pair, type Seen, stateOf } from '../../functions/stores/snapshot.ts';
import { recheckRun } from '../../functions/verification/recheck_run.ts';

const RUN: Run = {
  ...{ id: 'r', kind: 'verify', collection: 'orders', options: {}, stamp: '', phase: 'expand' },
  started: 100_000,
};
const LIVE: Seen = { ...NOTHING, presence: 'live', version: 5n, state: '5' };
const SAME: Pair = { couchbase: LIVE, oracle: LIVE };
const PROJECTION: Projection = {
  ...{ table: 'T', where: [], each: null, identifiedBy: null, foreignKey: false, indexes: [] },
  columns: [
    {
      ...{ name: 'A', source: { kind: 'document', path: 'a' }, type: { kind: 'clob' } },
      ...{ missing: { kind: 'null' }, misfit: { kind: 'refuse' } },
    },
  ],
};

interface World {
  /** What its row in the table holds; null for none. */
  readonly value: string | null;
  readonly pair?: Pair;
  /** Whether operators have left it out, in its state and by a choice. */
  readonly left?: boolean;
  /** Whether the table refuses the row that is to be put right. */
  readonly refuses?: boolean;
}

async function recheckedIn({ value, pair = SAME, left = false, refuses = false }: World, options: Options) {
  const [did, noted]: [string[], Noted[]] = [[], []];
  const seen = { seen: stateOf(pair), looks: 1, firstSeen: 200_000, lastSeen: 200_000 };
  const suspect: Noted = {
    ...{ run: 'r', key: 'a', verdict: 'suspect', kind: 'missing', detail: '' },
    ...seen,
  };
  await recheckRun(
    { ...RUN, options },
    {
      findings: {
        suspects: async () => ({ suspects: [suspect], next: null }),
        looked: async (each) => void noted.push(each),
      },
      stay: async () => ({ phase: 'expand', since: 0 }),
      looks: () => ({ couchbase: async () => [pair.couchbase], oracle: async () => [pair.oracle] }),
      projected: {
        projections: [PROJECTION],
        hold: async (key, mend) => {
          const found = new Map([['T', value === null ? [] : [{ place: 0, values: [value] }]]]);
          const content = documentFrom(Buffer.from('{"a":"x"}'), null);
          const mended = mend({ content, isExpired: false, found });
          did.push(`hold ${key}${mended === null ? '' : ' and mend'}`);
          const target = { store: 'oracle', operation: 'repair', collection: 'T', key } as const;
          if (mended !== null && refuses) throw new PoisonDocument(target, 'a rule of its owner');
        },
      },
      leftState: async () => (left ? stateOf(pair) : null),
      isLeftByChoice: async () => left,
      ...{ clear: async () => assert.fail(), noteChange: async () => assert.fail() },
      sendReceipt: async () => did.push('receipt') > 0,
      ...{ now: () => 200_001, timely: () => true },
    },
    70_000,
  );
  return { did, verdict: noted[0]?.verdict, kind: noted[0]?.kind, detail: noted[0]?.detail ?? '' };
}

test('a document that agrees by now is looked at once more for its rows, locked, and these are mended where the run repairs', async () => {
  const fine = await recheckedIn({ value: 'x' }, { repair: true });
  assert.deepEqual([fine.did, fine.verdict], [['hold a'], 'passed']);
  const missing = await recheckedIn({ value: null }, {});
  assert.deepEqual([missing.did, missing.verdict, missing.kind], [['hold a'], 'mismatch', 'projected']);
  assert.equal(missing.detail, 'T: the row that the document gives is missing');
  const other = await recheckedIn({ value: 'y' }, { repair: true });
  assert.deepEqual(
    [other.did, other.verdict],
    [['hold a and mend'], 'mismatch'],
    'no receipt changes anything about rows',
  );
  assert.match(other.detail, /^T, column A \(a\): the value is another.*\. It was repaired$/);
});

test('where the table refuses the row that is right, the difference says so', async () => {
  const { verdict, detail } = await recheckedIn({ value: 'y', refuses: true }, { repair: true });
  assert.equal(verdict, 'mismatch');
  assert.match(detail, /It was not repaired: oracle repair in T, key "a": a rule of its owner$/);
});

test('a document that differs waits for its time, as ever, and versions alone say nothing of rows', async () => {
  const differing = await recheckedIn({ value: null, pair: { couchbase: LIVE, oracle: NOTHING } }, {});
  assert.deepEqual([differing.did, differing.verdict], [[], 'suspect']);
  const version = await recheckedIn({ value: null }, { mode: 'version' });
  assert.deepEqual([version.did, version.verdict], [[], 'passed']);
});

test('rows that are wrong are a difference also of a document that operators have left out in its state', async () => {
  const { verdict, kind } = await recheckedIn({ value: null, left: true }, {});
  assert.deepEqual([verdict, kind], ['mismatch', 'projected']);
});
