/** The gate of the proof of load: what is missing, limit by limit, and where it stands. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { itinerary } from '../../functions/control/itinerary.ts';
import {
  type LoadProofEvidence,
  loadProofConditions,
  loadProofEvidence,
  neededSince,
  type ProofLimits,
} from '../../functions/control/load_proof.ts';
import { NO_LATENCIES, withCall } from '../../functions/records/histogram.ts';
import {
  type Calls,
  type Figures,
  MINUTE,
  NO_FIGURES,
  type ProofRow,
} from '../../functions/records/load_proof.ts';
import { loadProofLines } from '../../infra/console/told/load_proof.ts';
import '../records/load_proof.ts';
import { all, decided, TIMES } from './given.ts';

const RAMP = [
  { percent: 10, minutes: 5 },
  { percent: 100, minutes: 10 },
];
const LIMITS: ProofLimits = { reads: { p50: 5, p99: 20 }, writes: { p99: 50 }, errors: 1, least: 100 };
/** So many calls of so many milliseconds each. */
const calls = (count: number, took: number, failed = 0): Calls => {
  let latencies = NO_LATENCIES;
  for (let n = 0; n < count; n++) latencies = withCall(latencies, took);
  return { latencies, failed };
};
const figures = (given: Partial<Figures> = {}): Figures => ({
  ...NO_FIGURES,
  ...{ couchbase: calls(200, 2), oracle: calls(200, 3), writes: calls(50, 10), ...given },
});
/** Long after the ramp. */
const NOW = 100 * MINUTE + 15_000;
const STAY = { phase: 'expand', since: 0 } as const;

const evidence = (given: Partial<Figures> = {}, limits: ProofLimits | null = LIMITS): LoadProofEvidence => ({
  ...{ ramp: RAMP, limits, until: 100 * MINUTE },
  ...{ proof: figures(given), lately: figures(given) },
});
const judged = (
  given: Partial<Figures>,
  limits: ProofLimits | null = LIMITS,
  stay: Parameters<typeof loadProofConditions>[1] = STAY,
  now = NOW,
) => {
  const [condition] = loadProofConditions(evidence(given, limits), stay, now);
  return condition === undefined ? null : ([condition.holds, condition.measured] as const);
};

test('no proof, no limits, and another phase: no gate', () => {
  assert.deepEqual(loadProofConditions(undefined, STAY, NOW), []);
  assert.equal(judged({}, null), null);
  assert.equal(judged({}, LIMITS, { phase: 'settle', since: 0 }), null);
});

test('what was borne within the limits opens the gate, and says what it was', () => {
  assert.deepEqual(judged({}), [
    true,
    '10 minutes at 100 %: Couchbase reads p50 2.26 ms, p99 2.26 ms, 0 of 200 failed; ' +
      "Oracle reads p50 3.2 ms, p99 3.2 ms, 0 of 200 failed, 0 skipped, 0 of nothing; Oracle's part of writes p50 10.8 ms, p99 10.8 ms, 0 of 50 failed",
  ]);
});

const MISSING: readonly (readonly [
  what: string,
  given: Partial<Figures>,
  says: RegExp,
  limits?: ProofLimits,
])[] = [
  [
    'nothing',
    { oracle: NO_FIGURES.oracle },
    /^LOAD_TOO_FEW: 0 reads of 100 that are needed: wait for more, give the last step of loadProof\.ramp more minutes, so that busier hours count before a move at night, lower loadProof\.limits\.least, or set loadProof of a collection that nobody reads to null\. /,
  ],
  ['one too few', { oracle: calls(99, 3) }, /LOAD_TOO_FEW: 99 reads/],
  ['slow in the middle', { oracle: calls(200, 6) }, /LOAD_TOO_SLOW: reads p50 \d\S* ms, of 5 ms\./],
  [
    'a slow tail',
    { oracle: { latencies: { ...calls(190, 3).latencies, ...calls(10, 30).latencies }, failed: 0 } },
    /LOAD_TOO_SLOW: reads p99 3\d\S* ms, of 20 ms\./,
  ],
  ['slow writes', { writes: calls(50, 80) }, /LOAD_TOO_SLOW: writes p99 \d\S* ms, of 50 ms/],
  ['failures', { oracle: calls(200, 3, 3) }, /LOAD_ERRORS: 3 of 203 reads have failed, and 1 % may/],
  ['failed writes', { writes: calls(50, 10, 1) }, /LOAD_ERRORS: 1 of 51 writes/],
  [
    'skipped reads',
    { skipped: 11 },
    /LOAD_SKIPPED: 11 of 211 reads were not asked at once: raise .*; 5 % may be/,
  ],
  [
    'reads before a backfill',
    { absent: 11 },
    /LOAD_ABSENT: 11 of 211 reads found no document in Oracle: it is to be backfilled first/,
  ],
  ['a difference', { differences: 1 }, /LOAD_DIFFERS: 1 reads differed, also a bake later/],
  [
    'more than so many times Couchbase',
    { oracle: calls(200, 5) },
    /LOAD_TOO_SLOW: reads p99 \d\S* ms, of 4\.52 ms/,
    { ...LIMITS, reads: { p99: { timesCouchbase: 2 } } },
  ],
  [
    'no figure of Couchbase to compare with',
    { couchbase: NO_FIGURES.couchbase },
    /LOAD_UNMEASURED: no read of Couchbase was measured/,
    { ...LIMITS, reads: { p99: { timesCouchbase: 2 } } },
  ],
];

for (const [what, given, says, limits] of MISSING)
  test(`the gate stays shut after ${what}`, () => {
    const [holds, measured] = judged(given, limits) ?? [];
    assert.equal(holds, false);
    assert.match(measured ?? '', says);
  });

test('a limit that Couchbase itself breaks is told, since no store as fast would keep it', () => {
  const slow = { couchbase: calls(200, 25), oracle: calls(200, 25) };
  assert.match(
    judged(slow)?.[1] ?? '',
    /of 20 ms \(LIMIT_BELOW_COUCHBASE: Couchbase itself takes 2\d\S* ms\)/,
  );
  assert.doesNotMatch(judged({ oracle: calls(200, 25) })?.[1] ?? '', /LIMIT_BELOW_COUCHBASE/);
});

test('the ramp has to be over, the minutes of its last step included; in seal the figures alone count', () => {
  const at = (minutes: number) => judged({}, LIMITS, STAY, minutes * MINUTE);
  assert.match(
    at(4)?.[1] ?? '',
    /^LOAD_RAMP: step 1 of 2; 10 minutes of 100 % are over at 1970-01-01T00:15:00\.000Z/,
  );
  assert.match(at(14.9)?.[1] ?? '', /^LOAD_RAMP: step 2 of 2; .* at 1970-01-01T00:15:00/);
  assert.equal(at(15)?.[0], true);
  assert.equal(judged({}, LIMITS, { phase: 'seal', since: NOW })?.[0], true);
  assert.equal(judged({ oracle: NO_FIGURES.oracle }, LIMITS, { phase: 'seal', since: NOW })?.[0], false);
});

test('the last complete minutes at the last share count, and a difference at any', () => {
  const row = (minute: number, percent: number, given: Partial<Figures>): ProofRow => ({
    ...{ minute: minute * MINUTE, phase: 'expand', percent },
    figures: { ...NO_FIGURES, ...given },
  });
  const rows = [
    row(89, 100, { skipped: 1 }),
    row(90, 100, { skipped: 2 }),
    row(99, 100, { skipped: 4 }),
    row(99, 10, { skipped: 8 }),
    row(99, 0, { differences: 1 }),
    row(100, 100, { skipped: 16 }),
  ];
  const found = loadProofEvidence({ ramp: RAMP, limits: LIMITS }, rows, NOW);
  assert.equal(found.until, 100 * MINUTE);
  assert.deepEqual([found.proof.skipped, found.proof.differences], [6, 1]);
  assert.equal(found.lately.skipped, 12);
  assert.equal(neededSince(RAMP, NOW), 90 * MINUTE);
  // Containers write down a minute a moment after it is over.
  assert.equal(
    loadProofEvidence({ ramp: RAMP, limits: LIMITS }, rows, 100 * MINUTE + 9_999).until,
    99 * MINUTE,
  );
});

test('it holds the moves after which reads need Oracle, and lets a verification begin', async () => {
  const loadProof = evidence({ oracle: NO_FIGURES.oracle });
  assert.deepEqual((await decided('expand', 'settle', { ...all('expand'), loadProof })).missing, [
    'load proof',
  ]);
  assert.deepEqual((await decided('seal', 'settle', { ...all('seal'), loadProof })).missing, ['load proof']);
  for (const [from, wanted] of [
    ['seal', 'legacy'],
    ['switch', 'settle'],
    ['settle', 'contract'],
  ] as const)
    assert.deepEqual((await decided(from, wanted, { ...all(from), loadProof })).missing, []);
  const { conditions } = await decided('expand', 'settle', { ...all('expand'), loadProof });
  assert.equal(conditions.find(({ name }) => name === 'load proof')?.lets, true);
  assert.ok(TIMES.now > 15 * MINUTE);
});

test('a plan names it before anything is measured', () => {
  const awaits = (settings?: Parameters<typeof itinerary>[4]) =>
    itinerary('orders', 'legacy', 'settle', [], settings).map((leg) => leg.awaits.includes('load proof'));
  assert.deepEqual(awaits({ loadProof: evidence() }), [false, true, true, false]);
  assert.deepEqual(awaits({ loadProof: evidence({}, null) }), [false, false, false, false]);
  assert.deepEqual(awaits(), [false, false, false, false]);
});

test('status shows both stores side by side, and the step', () => {
  const shown = (phase: 'expand' | 'seal' | 'legacy', minutes: number) =>
    loadProofLines(evidence({ skipped: 2 }), { phase, since: 0 }, minutes * MINUTE);
  assert.deepEqual(shown('legacy', 1), []);
  assert.deepEqual(loadProofLines(undefined, STAY, NOW), []);
  assert.deepEqual(shown('expand', 1), [
    '  load     10 % of the reads are asked of Oracle, too (step 1 of 2, 100 % from 1970-01-01T00:05:00.000Z on); of the 5 minutes until 1970-01-01T01:40:00.000Z:',
    '    Couchbase  reads   p50 2.26 ms, p99 2.26 ms, 0 of 200 failed',
    '    Oracle     reads   p50 3.2 ms, p99 3.2 ms, 0 of 200 failed, 2 skipped, 0 of nothing, 0 different',
    '    Oracle     writes  p50 10.8 ms, p99 10.8 ms, 0 of 50 failed',
  ]);
  assert.match(shown('expand', 6)[0] ?? '', /100 % of the reads are asked of Oracle, too \(step 2 of 2\);/);
  assert.match(shown('seal', 1)[0] ?? '', /each read asks both stores, and 100 % are measured;/);
});
