import assert from 'node:assert/strict';
import { test } from 'node:test';
import { copiedSince } from '../../functions/edge/copied.ts';
import type { Ended } from '../../functions/records/run.ts';

const AGAIN = 10_000;
const RUN: Ended = {
  ...({ id: 'r', kind: 'backfill', collection: 'orders', options: {}, stamp: 's', phase: 'expand' } as const),
  ...({ started: 2000, finished: 3000, outcome: 'clean' } as const),
};

function world(...runs: (Ended | Error)[]) {
  const seen = { asked: 0, now: 10_000 };
  const history = async () => {
    seen.asked++;
    return runs.map((run) => {
      if (run instanceof Error) throw run;
      return run;
    });
  };
  const copied = copiedSince({ history }, () => seen.now);
  return { seen, runs, copied: (since = 1000) => copied('orders', since) };
}

test('a copy of all documents counts that was begun in this stay and has come to its end, whatever it has set aside', async () => {
  for (const [run, counts] of [
    [RUN, true],
    [{ ...RUN, outcome: 'failures' }, true],
    [{ ...RUN, outcome: 'stopped' }, false],
    [{ ...RUN, started: 999 }, false],
    [{ ...RUN, options: { range: { after: null, upTo: 'b' } } }, false],
  ] as const)
    assert.equal(await world(run).copied(), counts, JSON.stringify(run));
  assert.equal(await world().copied(), false);
});

test('Oracle is asked every ten seconds, no more once it is copied, and anew in another stay or after a failure', async () => {
  const { seen, runs, copied } = world();
  await Promise.all([copied(), copied()]);
  seen.now += AGAIN - 1;
  await copied();
  assert.equal(seen.asked, 1);
  runs.push(RUN);
  seen.now += 1;
  assert.equal(await copied(), true);
  seen.now += 100 * AGAIN;
  assert.equal(await copied(), true);
  assert.equal(seen.asked, 2);
  assert.equal(await copied(2001), false);
  runs[0] = new Error('Oracle is away');
  seen.now += AGAIN;
  await assert.rejects(copied(2001), /away/);
  runs[0] = { ...RUN, started: 2001 };
  assert.equal(await copied(2001), true);
  assert.equal(seen.asked, 5);
});
