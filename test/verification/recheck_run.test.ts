/** The suspects of a run, with both stores and the books replaced. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Phase } from '../../functions/protocol/phase.ts';
import type { Noted } from '../../functions/records/finding.ts';
import type { Options, Run } from '../../functions/records/run.ts';
import { PhaseChanged } from '../../functions/runs/phase_changed.ts';
import { NOTHING, type Seen, stateOf } from '../../functions/stores/snapshot.ts';
import { recheckRun } from '../../functions/verification/recheck_run.ts';

const RUN: Run = {
  ...{ id: 'r', kind: 'verify', collection: 'orders', options: {}, stamp: '', phase: 'expand' },
  started: 100_000,
};
const STANDS = 70_000;
const live = (state: string): Seen => ({ ...NOTHING, presence: 'live', version: 5n, state });
const PAIR = { couchbase: live('5'), oracle: NOTHING };

/** A service in `expand`, in which Oracle lacks the documents of all suspects for longer than a write takes. */
class World {
  phase: Phase = 'expand';
  since = 0;
  pair: { couchbase: Seen; oracle: Seen } = PAIR;
  receiptsFail = false;
  /** In which state operators have left all of them out. */
  left: string | null = null;
  /** Of which operators leave out whatever Oracle can never take. */
  readonly chosen = new Set<string>();
  /** Called after each look. */
  onLook = (_key: string) => {};
  /** Called after each note. */
  onNoted = () => {};
  readonly did: string[] = [];
  readonly noted: Noted[] = [];

  recheck(options: Options, keys: readonly string[] = ['a'], run = RUN, more: readonly Noted[] = []) {
    const suspects = keys.map(
      (key): Noted => ({
        ...{ run: 'r', key, verdict: 'suspect', kind: 'missing', detail: '', seen: stateOf(this.pair) },
        ...{ looks: 1, firstSeen: 200_000, lastSeen: 200_000 },
      }),
    );
    const seen = (store: 'couchbase' | 'oracle') => async (looked: readonly string[]) => {
      this.did.push(`${store} ${looked.join()}`);
      if (store === 'couchbase') this.onLook(looked.join());
      return looked.map(() => this.pair[store]);
    };
    return recheckRun(
      { ...run, options },
      {
        findings: {
          suspects: async (id) => {
            this.did.push(`suspects of ${id}`);
            return { suspects: [...suspects, ...more], next: null };
          },
          looked: async (noted) => {
            this.noted.push(noted);
            this.onNoted();
          },
        },
        stay: async () => ({ phase: this.phase, since: this.since }),
        looks: (depth) => {
          this.did.push(depth);
          return { couchbase: seen('couchbase'), oracle: seen('oracle') };
        },
        leftState: async () => this.left,
        isLeftByChoice: async (key) => this.chosen.has(key),
        clear: async (key) => void this.did.push(`clear ${key}`),
        noteChange: async (key, what, since) => void this.did.push(`note ${key} ${what} ${since}`),
        sendReceipt: async ({ collection, key, phase, cause }) => {
          this.did.push(`receipt ${collection} ${key} ${phase} ${cause}`);
          return !this.receiptsFail;
        },
        ...{ now: () => 200_000 + STANDS, timely: () => true },
      },
      STANDS,
    );
  }
}

test('a difference that stands is a mismatch, and a run that only compares repairs nothing', async () => {
  const world = new World();
  assert.deepEqual(await world.recheck({}), { run: 'r', suspects: 0, wait: 30 });
  assert.deepEqual(world.did, ['whole', 'suspects of r', 'oracle a', 'couchbase a']);
  assert.deepEqual(
    world.noted.map(({ key, verdict }) => [key, verdict]),
    [['a', 'mismatch']],
  );
});

test('what operators have chosen to leave out is no difference, also where it is another one at every look', async () => {
  const world = new World();
  world.chosen.add('a');
  await world.recheck({}, ['a', 'b']);
  assert.deepEqual(
    world.noted.map(({ key, verdict }) => [key, verdict]),
    [
      ['a', 'left out'],
      ['b', 'mismatch'],
    ],
  );
  const busy = new World();
  busy.chosen.add('a');
  const looked = {
    run: 'r',
    verdict: 'suspect',
    kind: 'missing',
    detail: '',
    seen: 'before',
    looks: 19,
  } as const;
  await busy.recheck(
    {},
    [],
    RUN,
    ['a', 'b'].map((key) => ({ ...looked, key, firstSeen: 1, lastSeen: 1 })),
  );
  assert.deepEqual(
    busy.noted.map(({ verdict }) => verdict),
    ['left out', 'busy'],
  );
});

test('bodies are read only where a run compares contents', async () => {
  for (const [mode, depth] of [
    ['content', 'whole'],
    ['version', 'outside'],
    ['count', 'outside'],
  ] as const) {
    const world = new World();
    await world.recheck({ mode });
    assert.equal(world.did[0], depth);
  }
});

test('a run that repairs sends a receipt for a mismatch, and notes none that could not be sent', async () => {
  const world = new World();
  await world.recheck({ repair: true });
  assert.equal(world.did.at(-1), 'receipt orders a expand run');
  assert.equal(world.noted.length, 1);
  const failing = Object.assign(new World(), { receiptsFail: true });
  await assert.rejects(failing.recheck({ repair: true }), /A receipt could not be sent/);
  assert.deepEqual(failing.noted, []);
});

test('what the row of a deleted document still has is cleared, since both stores agree', async () => {
  const oracle: Seen = { ...NOTHING, presence: 'deleted', version: 5n, remains: true, state: 't5' };
  const world = Object.assign(new World(), { pair: { couchbase: NOTHING, oracle } });
  await world.recheck({ repair: true });
  assert.equal(world.did.at(-1), 'clear a');
  assert.ok(!world.did.some((each) => each.startsWith('receipt')));
});

test('in another phase, or in a later stay in the same one, no suspect is looked at', async () => {
  for (const over of [{ phase: 'seal' }, { since: 100_001 }]) {
    const world = new World();
    Object.assign(world, over);
    await assert.rejects(world.recheck({ repair: true }), PhaseChanged);
    assert.deepEqual([world.did, world.noted], [[], []]);
  }
});

test('once the service has gone on, nothing is repaired or noted, and no other suspect is looked at', async () => {
  const world = new World();
  world.onLook = (key) => {
    if (key === 'b') world.phase = 'seal';
  };
  await assert.rejects(world.recheck({ repair: true }, ['a', 'b', 'c']), PhaseChanged);
  const keysOf = (what: string) => world.did.filter((each) => each.startsWith(what));
  assert.deepEqual(keysOf('couchbase'), ['couchbase a', 'couchbase b']);
  assert.deepEqual(keysOf('receipt'), ['receipt orders a expand run']);
  assert.deepEqual(
    world.noted.map(({ key }) => key),
    ['a'],
  );
  // Without a repair, too: the difference may be none in the phase that came.
  const only = new World();
  only.onLook = () => {
    only.phase = 'seal';
  };
  await assert.rejects(only.recheck({}, ['a', 'b']), PhaseChanged);
  assert.deepEqual(only.noted, []);
  // Nor is another look begun.
  const next = new World();
  next.onNoted = () => {
    next.phase = 'seal';
  };
  await assert.rejects(next.recheck({}, ['a', 'b']), PhaseChanged);
  assert.equal(next.did.at(-1), 'couchbase a');
});

test('what an operator has left out in this very state is not repaired, and is no difference', async () => {
  const world = Object.assign(new World(), { left: stateOf(PAIR) });
  await world.recheck({ repair: true });
  assert.deepEqual(
    world.noted.map(({ verdict }) => verdict),
    ['left out'],
  );
  assert.ok(!world.did.some((what) => what.startsWith('receipt')));
  const other = Object.assign(new World(), { left: 'another' });
  await other.recheck({ repair: true });
  assert.equal(other.noted[0]?.verdict, 'mismatch');
  assert.ok(other.did.some((what) => what.startsWith('receipt')));
});

test('in contract a row that stands changed by SQL is noted for a decision, and then as a difference', async () => {
  const world = Object.assign(new World(), { phase: 'contract', since: 7 });
  const live = { couchbase: { ...PAIR.couchbase, handoff: null }, oracle: NOTHING };
  world.pair = live;
  world.onNoted = () => void world.did.push('noted');
  await world.recheck({}, ['a'], { ...RUN, phase: 'contract' });
  assert.deepEqual(world.did.slice(-4), ['couchbase a', 'oracle a', 'note a delete 7', 'noted']);
  assert.equal(world.noted[0]?.kind, 'sql-delete');
});
