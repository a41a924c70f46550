import assert from 'node:assert/strict';
import { test } from 'node:test';
import { atRisk, page } from '../../functions/operations/at_risk.ts';
import { runsOf } from '../../functions/operations/risk_counts.ts';
import { RISK_NAMES, type RiskName, type RiskPorts } from '../../functions/operations/risks.ts';
import { standingRuns } from '../../functions/operations/verified.ts';
import type { Ended, Kind, Options, Outcome, StandingRun } from '../../functions/records/run.ts';
import { StoreUnavailable } from '../../functions/stores/failure.ts';

const ended = (
  started: number,
  outcome: Outcome,
  options: Options = {},
  given: Partial<Ended> = {},
): Ended => ({
  ...{ id: `run-${started}`, kind: 'verify', collection: 'c', stamp: 's', phase: 'settle' },
  ...{ started, finished: started + 1, outcome, options, ...given },
});
const standing = (runs: readonly Ended[], later: readonly Ended[] = runs) =>
  standingRuns(runs, later).map(({ run, except }) => [run, except]);

const WHOLE = { mode: 'content' } as const;
const PART = { after: 'a', upTo: 'b' };

test('a later run refutes what it has looked at again, as closely and in its range, and nothing else', () => {
  const found = ended(7, 'failures', WHOLE);
  const by = (later: Ended) => standing([found], [later]);
  assert.deepEqual(by(ended(8, 'clean', WHOLE)), []);
  // It has findings of its own.
  assert.deepEqual(by(ended(8, 'failures', WHOLE)), []);
  const stands = [['run-7', []]];
  assert.deepEqual(by(ended(8, 'clean', { mode: 'version' })), stands);
  assert.deepEqual(by(ended(8, 'clean', { mode: 'count' })), stands);
  assert.deepEqual(by(ended(8, 'stopped', WHOLE)), stands);
  assert.deepEqual(by(ended(8, 'clean', WHOLE, { phase: 'legacy' })), stands);
  // It began before the other had ended: it may have passed a key before that was found.
  assert.deepEqual(by(ended(7.5, 'clean', WHOLE)), stands);
  assert.deepEqual(by(ended(8, 'clean', { ...WHOLE, range: PART })), [['run-7', [PART]]]);
  assert.deepEqual(standing([ended(7, 'stopped', WHOLE)], [ended(8, 'clean', WHOLE)]), []);
  assert.deepEqual(standing([ended(7, 'clean', WHOLE)], []), []);
  const { finished: _, outcome: __, ...underWay } = found;
  assert.deepEqual(standingRuns([underWay], [ended(99, 'clean', WHOLE)]), [{ run: 'run-7', except: [] }]);
  const version = ended(7, 'failures', { mode: 'version' });
  assert.deepEqual(standing([version], [ended(8, 'clean', { mode: 'version' })]), []);
});

test('what a copy set aside stands until it is copied again, or compared', () => {
  const backfill = ended(7, 'failures', {}, { kind: 'backfill' });
  const back = (started: number, how: 'all' | 'changed', outcome: Outcome = 'clean') =>
    ended(started, outcome, { back: how }, { kind: 'copyback' });
  assert.deepEqual(standing([backfill], [ended(8, 'clean', {}, { kind: 'backfill' })]), []);
  assert.deepEqual(standing([backfill], [ended(8, 'clean', { mode: 'version' })]), []);
  assert.equal(standing([backfill], [ended(8, 'clean', { mode: 'count' }), back(8, 'all')]).length, 1);
  assert.equal(standing([back(7, 'all', 'failures')], [back(8, 'changed')]).length, 1);
  assert.equal(standing([back(7, 'changed', 'failures')], [back(8, 'all')]).length, 0);
});

/** Ports over these runs, in which each run that stands has found 3 keys of each kind. */
function portsOver(runs: readonly Ended[], given: Partial<RiskPorts> = {}): RiskPorts {
  return {
    effective: async () => ({ phase: 'settle', since: 5, by: 'x' }),
    receipts: async () => ({ delayed: 1, due: 2, hidden: 3 }),
    letters: async () => ({ open: 120, waiting: 4, unread: 0 }),
    history: async (kind: Kind, most) => runs.filter((run) => run.kind === kind).slice(0, most),
    underWay: async () => [],
    isOfMapping: ({ stamp }) => stamp === 's',
    unchecked: async () => 0,
    count: async (standingOnes: readonly StandingRun[]) => 3 * standingOnes.length,
    keys: async (all, wanted, _after, most) =>
      all.flatMap(({ run }) => ({ key: `${run}`, why: `${wanted.verdicts}`, cursor: run })).slice(0, most),
    lettersOf: async (state) => [{ key: null, why: state, cursor: 'l' }],
    conflicts: async () => 5,
    ...{ identities: async () => [], notDurable: async () => null, now: () => 100_000 },
    conflictKeys: async () => [{ key: 'c', why: 'unexplained', cursor: 'i' }],
    handedOff: async () => ({ count: 7, next: null }),
    handedOffKeys: async () => ({ keys: ['h'], next: null }),
    ...given,
  };
}

async function counts(runs: readonly Ended[], given: Partial<RiskPorts> = {}) {
  const { risks } = await atRisk('orders', portsOver(runs, given));
  assert.deepEqual(
    risks.map(({ name }) => name),
    RISK_NAMES,
  );
  return Object.fromEntries(risks.map((risk) => [risk.name, risk])) as Record<
    RiskName,
    (typeof risks)[number]
  >;
}

test('what another store may have is not known while nobody has accepted it', async () => {
  const problem = 'IDENTITY_CHANGED: Couchbase of orders is another one';
  const told = (await counts([], { identities: async () => [problem] }))['another-store'];
  assert.deepEqual([told.count, told.why, told.keys], [null, problem, []]);
});

test('in what a store that was accepted differs is not known before a clean verification that begins after it', async () => {
  const told = async (runs: readonly Ended[]) => {
    const found = (await counts(runs, { notDurable: async () => 10_000 }))['another-store'];
    return [found.count, found.why];
  };
  const [count, why] = await told([]);
  assert.equal(count, null);
  assert.match(`${why}`, /^NOT_DURABLE: up to .*verify start orders --mode content$/);
  for (const run of [
    ended(9_000, 'clean', WHOLE),
    ended(20_000, 'failures', WHOLE),
    ended(20_000, 'clean', WHOLE, { stamp: 'other' }),
    ended(20_000, 'clean', { mode: 'version' }),
    ended(200_000, 'clean', WHOLE),
  ])
    assert.equal((await told([run]))[0], null, `${run.outcome} ${run.started}`);
  assert.deepEqual(await told([ended(20_000, 'clean', WHOLE)]), [0, null]);
});

test('each kind is counted exactly where runs of this stay tell it', async () => {
  const runs = [ended(9, 'failures', WHOLE), ended(8, 'failures', {}, { kind: 'backfill' })];
  const found = await counts(runs);
  const told = RISK_NAMES.map((name) => [name, found[name].count, found[name].why]);
  assert.deepEqual(told, [
    ['handed-off', 7, null],
    [
      'not-copied',
      null,
      'verification has not decided on 3 documents. npx crossfade verify start orders tells',
    ],
    [
      'differing',
      null,
      'verification has not decided on 3 documents. npx crossfade verify start orders tells',
    ],
    ['undecided', 3, null],
    ['backfill', 0, null],
    ['copy-back', 0, null],
    ['dead-letters', 120, null],
    ['waiting', 4, null],
    ['conflicts', 5, null],
    ['another-store', 0, null],
  ]);
  const decided = await counts([ended(9, 'clean', WHOLE)]);
  for (const name of ['not-copied', 'differing', 'undecided'] as const)
    assert.deepEqual([decided[name].count, decided[name].why], [0, null]);
  const many = await counts([ended(9, 'failures', WHOLE)], { unchecked: async () => 1000 });
  assert.deepEqual([many.undecided.count, many['not-copied'].count], [1003, null]);
});

test('an unknown number is never a 0: it says why, and what would tell it', async () => {
  const unknown = async (name: RiskName, runs: readonly Ended[], given: Partial<RiskPorts> = {}) => {
    const { count, why, atLeast } = (await counts(runs, given))[name];
    assert.equal(count, null, name);
    return `${atLeast}: ${why}`;
  };
  for (const runs of [
    [],
    [ended(9, 'clean', { mode: 'count' })],
    [ended(9, 'clean', { ...WHOLE, range: PART })],
  ])
    for (const name of ['not-copied', 'differing'] as const)
      assert.match(
        await unknown(name, runs),
        /no verification of all keys.*npx crossfade verify start orders/,
      );
  const before = [ended(4, 'clean', WHOLE)];
  assert.match(await unknown('not-copied', before), /run-4 of .* is older than this stay in settle/);
  // It was about other documents.
  const other = [ended(9, 'clean', WHOLE, { stamp: 'other' }), ended(7, 'failures', WHOLE)];
  assert.equal((await counts(other)).undecided.count, 3);
  const alone = other.slice(0, 1);
  assert.match(await unknown('not-copied', alone), /no verification of all keys/);
  const legacy = { effective: async () => ({ phase: 'legacy', since: 5, by: 'x' }) as const };
  assert.match(await unknown('not-copied', before, legacy), /In legacy nothing can be compared/);
  const half = { handedOff: async () => ({ count: 900, next: 'm' }) };
  assert.match(await unknown('handed-off', [], half), /^900: there was no time .*force orders --list/);
  const unread = { letters: async () => ({ open: 2, waiting: 0, unread: 5 }) };
  assert.match(await unknown('dead-letters', [], unread), /^2: 5 messages .*dead-letters list/);
  const many = Array.from({ length: 60 }, (_, n) => ended(100 - n, 'stopped', WHOLE));
  assert.match(await unknown('undecided', many), /^150: more than 50 runs/);
});

test('where a store is away everything in it is unknown, and says so; what else there is, is told', async () => {
  const target = { store: 'oracle', operation: 'read', collection: 'c', key: null } as const;
  const away = () => Promise.reject(new StoreUnavailable(target, false, new Error('gone')));
  const ports = portsOver([], { letters: away, history: away, underWay: away, handedOff: away });
  const { risks, receipts, keys, unknown } = await atRisk('orders', ports);
  assert.deepEqual(
    risks.map(({ count, atLeast, why }) => [count, atLeast, /gone/.test(why ?? '')]),
    RISK_NAMES.map(() => [null, 0, true]),
  );
  assert.deepEqual([receipts?.due, keys], [2, []]);
  assert.match(unknown ?? '', /gone/);
  // Not even a fault of ours holds up whoever has an emergency.
  const fault = () => Promise.reject(new TypeError('bug'));
  const { risks: others } = await atRisk('orders', portsOver([], { receipts: fault, handedOff: fault }));
  assert.deepEqual([others[0]?.count, others[0]?.why], [null, 'TypeError: bug']);
});

test('all keys of a kind are listed, page by page', async () => {
  const runs = [ended(9, 'failures', WHOLE), ended(8.5, 'stopped', WHOLE)];
  const ports = portsOver(runs);
  const all = await runsOf(ports);
  const first = await page('differing', all, ports, null, 1);
  assert.deepEqual(first, { keys: [{ key: 'run-9', why: 'mismatch' }], next: 'run-9' });
  assert.equal((await page('differing', all, ports, null, 9)).next, null);
  assert.deepEqual((await page('waiting', all, ports, null, 9)).keys, [{ key: null, why: 'waiting' }]);
  assert.deepEqual((await page('handed-off', null, ports, null, 9)).keys, [
    { key: 'h', why: 'Oracle orders it' },
  ]);
});
