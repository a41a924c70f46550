/** After a run that was not clean the controller leaves operators time, before it begins another. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { helpful } from '../../functions/control/decide.ts';
import type { RunEvidence } from '../../functions/control/evidence.ts';
import { collection, compared, decided, evidence, run, runsFor, TIMES } from './given.ts';

/** Not clean, and ended so many milliseconds ago. */
const ended = (ago: number, took: number, made: RunEvidence): RunEvidence => ({
  ...{ ...made, clean: false },
  ...{ started: TIMES.now - ago - took, finished: TIMES.now - ago },
});
const verified = (ago: number, took: number) =>
  decided(
    'expand',
    'settle',
    evidence({
      collection: collection({ ...runsFor('expand'), verification: ended(ago, took, compared('expand', 0)) }),
    }),
  );
const copiedBack = (ago: number, took: number) =>
  decided(
    'settle',
    'expand',
    evidence({ collection: collection({ copyback: ended(ago, took, run('settle', 0)) }) }),
  );

test('a verification that has found differences is not begun again at once, and the condition says when', async () => {
  const { conditions, missing } = await verified(1, 1000);
  assert.ok(missing.includes('verification of orders by content'));
  assert.equal(helpful(conditions).filter(({ job }) => job === 'verify').length, 0);
  const { measured = '' } = conditions.find(({ name }) => name.startsWith('verification')) ?? {};
  const next = new Date(TIMES.now - 1 + TIMES.bake).toISOString();
  assert.match(measured, /was not clean: npx crossfade verified orders/);
  assert.ok(measured.endsWith(`The controller begins another at ${next}`), measured);
});

test('it is begun again a bake later, or after three times what it has taken, and an hour later at most', async () => {
  for (const [ago, took, begins] of [
    [TIMES.bake - 1, 1000, false],
    [TIMES.bake, 1000, true],
    [299_999, 100_000, false],
    [300_000, 100_000, true],
  ] as const) {
    const { conditions } = await verified(ago, took);
    const started = helpful(conditions).some(({ job }) => job === 'verify');
    assert.equal(started, begins, `${took} ms long, ${ago} ms ago`);
  }
});

test('so is a copy-back that has left documents behind', async () => {
  assert.deepEqual(helpful((await copiedBack(1, 1000)).conditions), []);
  assert.equal(helpful((await copiedBack(TIMES.bake, 1000)).conditions).length, 1);
});

test('a copy-back begins at once after such a verification, and a verification never before such a copy-back', async () => {
  const verification = ended(20_000, 1000, compared('settle', 0));
  const jobs = async (copyback: RunEvidence | null) => {
    const given = evidence({ collection: collection({ ...runsFor('settle'), verification, copyback }) });
    return helpful((await decided('settle', 'contract', given)).conditions).map(({ job }) => job);
  };
  assert.deepEqual(await jobs(null), ['copy']);
  assert.deepEqual(await jobs(ended(1, 1000, run('settle', 0))), []);
});

test('a copy-back after which a verification was not clean either is not begun again at once, and no verification is meanwhile', async () => {
  const told = async (ago: number, copiedAfter: number) => {
    const verification = ended(ago, 1000, compared('settle', 0));
    const copyback = run('settle', verification.started + copiedAfter);
    const given = evidence({ collection: collection({ ...runsFor('settle'), verification, copyback }) });
    const { conditions } = await decided('settle', 'contract', given);
    const measured = conditions.find(({ kind }) => kind === 'copy-back')?.measured ?? '';
    return { jobs: helpful(conditions).map(({ job }) => job), measured };
  };
  // In between an operator can compare and repair: there is one verification at a time.
  const early = await told(1, -10);
  assert.deepEqual(early.jobs, []);
  const next = new Date(TIMES.now - 1 + TIMES.bake).toISOString();
  assert.ok(early.measured.endsWith(`The controller begins another at ${next}`), early.measured);
  assert.deepEqual((await told(TIMES.bake, -10)).jobs, ['copy']);
  // One that has ended while the verification was under way may have mended what that has met.
  assert.deepEqual((await told(1, 10)).jobs, ['copy']);
});
