/** Which runs count for gates: over all keys, by the mapping of now, ended by themselves. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { evidenceOf } from '../../functions/control/history.ts';
import type { Ended, Kind, Options, Outcome } from '../../functions/records/run.ts';
import { decided, evidence } from './given.ts';

const ended = (
  kind: Kind,
  started: number,
  options: Options = {},
  outcome: Outcome = 'clean',
  stamp = 'now',
): Ended => ({
  ...{ id: `${kind}-${started}`, kind, collection: 'orders', options, stamp, phase: 'expand' },
  ...{ started, finished: started + 1, outcome },
});
const counted = (runs: readonly Ended[], notDurable: number | null = null, conflicts = 0) => {
  const of = (wanted: Kind) => runs.filter(({ kind }) => kind === wanted);
  const history = { backfill: of('backfill'), copyback: of('copyback'), verify: of('verify') };
  return evidenceOf('orders', { runs: history, notDurable, conflicts }, ({ stamp }) => stamp === 'now');
};
/** What the gate from `expand` to `seal` still waits for. */
const missing = async (...verifications: Ended[]) => {
  const runs = [...verifications, ended('backfill', 200_000)];
  return (await decided('expand', 'settle', evidence({ collection: counted(runs) }))).missing;
};
const SHUT = ['verification of orders by content'];
const PREFIX = { after: 'canary/', upTo: 'canary0' };

test('a clean run over a prefix opens no gate, and closes none that a run over all keys has opened', async () => {
  const prefix = ended('verify', 700_000, { mode: 'content', range: PREFIX });
  assert.deepEqual(await missing(prefix), SHUT);
  assert.deepEqual(await missing(ended('verify', 700_000, { mode: 'content' })), []);
  assert.deepEqual(await missing(prefix, ended('verify', 600_000, { mode: 'content' })), []);
  const { verifications, verification } = counted([prefix]);
  assert.deepEqual([verifications[0]?.range, verification], [PREFIX, null]);
});

test('a backfill of a prefix opens no gate', async () => {
  const runs = [ended('verify', 700_000), ended('backfill', 200_000, { range: PREFIX })];
  const { missing: left } = await decided('expand', 'settle', evidence({ collection: counted(runs) }));
  assert.deepEqual(left, ['backfill of orders']);
});

test('a run that was stopped does not count, clean or not, and one that found differences does', async () => {
  assert.deepEqual(counted([ended('verify', 700_000, {}, 'stopped')]).verifications, []);
  assert.deepEqual(await missing(ended('verify', 700_000, {}, 'stopped')), SHUT);
  const [run] = counted([ended('verify', 700_000, {}, 'failures')]).verifications;
  assert.deepEqual(
    [run?.clean, run?.phase, run?.started, run?.finished],
    [false, 'expand', 700_000, 700_001],
  );
});

test('what a verification has met in Couchbase is told with it', () => {
  const markers = { count: 2, oldest: 5 };
  const runs = [{ ...ended('verify', 700_000), markers }, ended('verify', 600_000)];
  const [counting, older] = counted(runs).verifications;
  assert.deepEqual([counting?.markers, older !== undefined && 'markers' in older], [markers, false]);
});

test('a run of another bucket, table or columns does not count, of whichever kind', () => {
  const of = (kind: Kind) => ended(kind, 700_000, {}, 'clean', 'before');
  const { backfills, copybacks, verifications } = counted([of('backfill'), of('copyback'), of('verify')]);
  assert.deepEqual([backfills, copybacks, verifications], [[], [], []]);
});

test('a verification without a mode has compared contents, a count proves nothing, and another run has no mode', async () => {
  const modes = counted([
    ended('verify', 700_000),
    ended('verify', 600_000, { mode: 'count' }),
  ]).verifications;
  assert.deepEqual(
    modes.map(({ mode }) => mode),
    ['content', 'count'],
  );
  assert.equal(counted([ended('backfill', 1)]).backfills[0]?.mode, null);
  assert.equal(counted([ended('copyback', 1)]).copybacks[0]?.mode, null);
  assert.deepEqual(await missing(ended('verify', 700_000, { mode: 'count' })), SHUT);
});

test('for consoles of the version before, the last run by version or more is told alone', () => {
  const runs = [
    ended('verify', 800_000, { mode: 'count' }),
    ended('verify', 700_000, { mode: 'version' }),
    ended('verify', 600_000),
  ];
  assert.equal(counted(runs).verification?.id, 'verify-700000');
  assert.equal(counted([]).verification, null);
});

test('what is not durable, and conflicts, are told as they were measured', () => {
  const { name, notDurable, conflicts } = counted([], 5, 3);
  assert.deepEqual([name, notDurable, conflicts], ['orders', 5, 3]);
});
