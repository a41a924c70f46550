import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Phase } from '../../functions/protocol/phase.ts';
import type { Run } from '../../functions/records/run.ts';
import { begin, type Surroundings } from '../../functions/runs/begin.ts';
import { BUSY, LANES, TURN } from '../../functions/runs/lanes.ts';
import { parseRequest, RunRefused } from '../../functions/runs/request.ts';
import type { Books } from '../../functions/runs/summary.ts';

const NOW = 10_000_000;
const SURROUNDINGS: Surroundings = {
  ...{ phase: { phase: 'expand', since: 0, by: 'test' }, bake: 50_000, mapping: {}, rate: 100, turn: 300 },
};

const COUNTED = { listed: 200, applied: 200, stale: 0, gone: 0, failed: 0, bytes: 0 };

/** Books with at most one run, whose shard was last touched so long ago. @param under runs that are under way. */
function books(other: Partial<Run> | null, ago = 0, under = 1) {
  const begun: Run[] = [];
  const ended: string[] = [];
  const ledger = {
    begin: async (run: Run) => {
      begun.push(run);
      return other === null || ended.length > 0 ? null : { ...run, id: 'other', ...other };
    },
    end: async (id: string, outcome: string) => {
      ended.push(`${id} ${outcome}`);
      return true;
    },
    unfinished: async () => (other === null ? null : { id: 'other', ...begun.at(-1), ...other }),
    totals: async () => ({ ...COUNTED, shards: 4, done: 3, changed: NOW - ago }),
    open: async () => [3],
    giveOut: async (_: string, most: number) => {
      assert.equal(most, LANES);
      return [3];
    },
    countUnderWay: async () => under,
  };
  return { begun, ended, books: { ledger, findings: {} } as unknown as Books };
}

async function beginIn(given: object, kept: Books, surroundings = SURROUNDINGS) {
  const request = parseRequest({ collection: 'orders', ...given }, 'verify', ['orders']);
  const ports = {
    ...{ keys: async () => [], sizes: async () => [], sample: async () => [], timely: () => true },
    ...{ books: kept, now: () => NOW },
  };
  return begin('mine', request, ports, surroundings);
}

const inPhase = (phase: Phase, since = 0): Surroundings => ({
  ...SURROUNDINGS,
  phase: { phase, since, by: 'test' },
});

test('a schedule does nothing where the phase does not allow it, and an operator is told why', async () => {
  for (const [surroundings, why] of [[inPhase('expand', NOW - 49_000), /Try again in 1 s/]] as const) {
    const { begun, books: kept } = books(null);
    const refused = (error: unknown) => error instanceof RunRefused && why.test(error.message);
    await assert.rejects(beginIn({}, kept, surroundings), refused);
    const { over, resumed } = await beginIn({ ifPossible: true }, kept, surroundings);
    assert.deepEqual([over, resumed], [true, false]);
    assert.deepEqual(begun, []);
  }
});

test('in contract an operator begins a verification that finds what SQL has changed, and a schedule none', async () => {
  const looks = inPhase('contract');
  const { begun, books: kept } = books(null);
  assert.equal((await beginIn({ ifPossible: true }, kept, looks)).over, true);
  assert.deepEqual(begun, []);
  for (const mode of ['content', 'version'])
    assert.equal((await beginIn({ mode }, kept, looks)).over, false, mode);
  assert.equal(begun.length, 2);
  const retired = { ...looks, phase: { ...looks.phase, retired: true as const } };
  for (const [given, surroundings, why] of [
    [{ repair: true }, looks, /The phase is contract: a verification repairs nothing/],
    [{ mode: 'count' }, looks, /verify by content, or by version/],
    [{}, retired, /the collection is retired/],
  ] as const)
    await assert.rejects(beginIn(given, books(null).books, surroundings), why);
});

test('a schedule lets alone what others have begun or are at work on, and goes on with what nobody is', async () => {
  const { over, run } = await beginIn({ ifPossible: true }, books({}, 60_000).books);
  assert.deepEqual([over, run], [true, 'other']);
  assert.equal((await beginIn({ ifPossible: true }, books({}, BUSY - 1).books)).resumed, true);
  assert.equal((await beginIn({ ifPossible: true }, books({}, BUSY).books)).over, false);
  assert.equal((await beginIn({ ifPossible: true }, books({ stamp: 'x' }, 3_600_000).books)).over, true);
  const goneOn = await beginIn({ ifPossible: true }, books({}, 3_600_000).books);
  assert.deepEqual([goneOn.over, goneOn.resumed, goneOn.open], [false, true, [3]]);
  await assert.rejects(
    beginIn({}, books({ stamp: 'x' }).books),
    /^RunRefused: The run other of orders is not finished, .*\. Go on with it as it was, or abandon it first$/,
  );
});

test('a run whose lanes wait for their turn among those of many others is let alone for longer', async () => {
  const turns = 2 * 50 * TURN;
  assert.equal((await beginIn({ ifPossible: true }, books({}, turns - 1, 50).books)).over, true);
  assert.equal((await beginIn({ ifPossible: true }, books({}, turns, 50).books)).over, false);
});

test('a run tells its state machine of no more shards than there are lanes', async () => {
  const keys = Array.from({ length: 1000 }, (_, n) => `k${String(n).padStart(3, '0')}`);
  const request = parseRequest({ collection: 'orders', shards: 500 }, 'copy', ['orders']);
  const given: unknown[][] = [];
  const begun = async (...all: unknown[]) => {
    given.push(all.slice(1));
    return null;
  };
  const ports = {
    ...{ keys: async () => keys, sizes: async () => [], sample: async () => keys, timely: () => true },
    ...{ books: { ledger: { begin: begun } } as unknown as Books, now: () => NOW },
  };
  const { open, forecast } = await begin('mine', request, ports, SURROUNDINGS);
  assert.deepEqual(
    open,
    Array.from({ length: LANES }, (_, n) => n),
  );
  assert.equal(forecast?.shards, 500);
  assert.deepEqual(
    given.map(([shards, most]) => [(shards as unknown[]).length, most]),
    [[500, LANES]],
  );
});

test('a run of a stay that is over gives way at once, whether its phase has another name or the same', async () => {
  const since = NOW - 60_000;
  for (const other of [{ phase: 'seal' }, { started: since - 1 }] as const)
    for (const ago of [0, 3_600_000])
      for (const ifPossible of [true, false]) {
        const { ended, books: kept } = books(other, ago);
        const { over, run, resumed } = await beginIn({ ifPossible }, kept, inPhase('expand', since));
        assert.deepEqual([over, run, resumed, ended], [false, 'mine', false, ['other stopped']]);
      }
  const { ended, books: kept } = books({ started: since + 50_000 });
  assert.equal((await beginIn({ ifPossible: true }, kept, inPhase('expand', since))).run, 'other');
  assert.deepEqual(ended, []);
});

test('a schedule whose first step is taken again goes on with the run that it had begun', async () => {
  const { over, run, open } = await beginIn({ ifPossible: true }, books({ id: 'mine' }).books);
  assert.deepEqual([over, run, open], [false, 'mine', [3]]);
});

test('whoever resumes goes on with the run as it was begun, in its phase and with its columns', async () => {
  const { begun, books: kept } = books({ id: 'other', started: NOW - 100_000 });
  await beginIn({ prefix: 'a', shards: 2, mode: 'version' }, kept);
  const { resumed, run, open } = await beginIn({ resume: true }, kept);
  assert.deepEqual([resumed, run, open, begun.length], [true, 'other', [3], 1]);
  // A verification of `expand` says nothing of `seal`, nor of a later stay in `expand`.
  const later = inPhase('expand', NOW - 60_000);
  const another = { ...SURROUNDINGS, mapping: { columns: ['more'] } };
  for (const surroundings of [inPhase('seal'), inPhase('contract'), later, another])
    await assert.rejects(
      beginIn({ resume: true }, kept, surroundings),
      /^RunRefused: The run other of orders was begun in expand at .*, and the phase is (seal|contract|expand) since .*: abandon it, /,
    );
  await assert.rejects(beginIn({ resume: true }, books(null).books), /No verify of orders is unfinished/);
});

test('a run may begin once its phase is a bake old', async () => {
  assert.equal((await beginIn({}, books(null).books, inPhase('expand', NOW - 50_000))).over, false);
  const young = inPhase('expand', NOW - 49_999);
  await assert.rejects(beginIn({}, books(null).books, young), /The phase has been expand for a moment only/);
});

test('a dry run tells what a run would take, and begins none', async () => {
  const { begun, books: kept } = books(null);
  const { over, resumed, open, forecast } = await beginIn({ dryRun: true }, kept);
  assert.deepEqual([over, resumed, open, forecast?.documents], [true, false, [], 0]);
  assert.deepEqual(begun, []);
});

test('a look tells how far a run has come, and an operator may abandon it; both in any phase, and neither begins one', async () => {
  const { begun, ended, books: kept } = books({ kind: 'backfill', phase: 'expand', started: NOW - 10_000 });
  const looked = await beginIn({ look: true }, kept, inPhase('contract'));
  const { over, resumed, open, progress } = looked;
  assert.deepEqual([over, resumed, open, looked.run, ended], [true, true, [], 'other', []]);
  assert.deepEqual([progress?.run, progress?.rate, progress?.shards.open], ['other', 20, 1]);
  const left = await beginIn({ abandon: true }, kept, inPhase('contract'));
  assert.deepEqual([left.over, left.resumed, left.run, left.progress], [true, true, 'other', undefined]);
  assert.deepEqual([begun, ended], [[], ['other stopped']]);
  for (const asked of [{ look: true }, { abandon: true }])
    await assert.rejects(beginIn(asked, books(null).books), /No verify of orders is unfinished/);
});
