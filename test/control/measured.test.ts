/** What operators read about the conditions of a move, and which runs count against each other. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { helpful } from '../../functions/control/decide.ts';
import type { CollectionEvidence, Evidence, RunEvidence } from '../../functions/control/evidence.ts';
import { marked } from '../../functions/control/forced.ts';
import { itinerary } from '../../functions/control/itinerary.ts';
import { unprovenUntil } from '../../functions/control/not_durable.ts';
import { underWay } from '../../functions/control/under_way.ts';
import { followsContract } from '../../functions/phases/forced_mark.ts';
import type { Phase } from '../../functions/protocol/phase.ts';
import { all, collection, compared, decided, evidence, OLD, run, runsFor, TIMES } from './given.ts';

async function toldOf(
  name: string,
  [from, wanted]: readonly [Phase, Phase],
  given: Evidence,
  since = OLD,
): Promise<string> {
  const { conditions } = await decided(from, wanted, given, since);
  return conditions.find((each) => each.name.startsWith(name))?.measured ?? assert.fail(name);
}
const ofRuns = (...verifications: readonly RunEvidence[]): Evidence => {
  const runs: CollectionEvidence = { ...collection(runsFor('expand')), verifications };
  return evidence({ collection: runs });
};

test('a condition says of a run that does not count why it does not', async () => {
  const SEALING = ['expand', 'settle'] as const;
  const told = (verification: RunEvidence | null) =>
    toldOf(
      'verification',
      SEALING,
      evidence({ collection: collection({ ...runsFor('expand'), verification }) }),
    );
  const at = (started: number) => `run-${started} of ${new Date(started).toISOString()}`;
  assert.equal(await told(null), 'none yet');
  assert.equal(
    await told(compared('seal', 600_000)),
    `${at(600_000)} was in seal, and says nothing of expand`,
  );
  const before = `began before ${new Date(500_001).toISOString()}`;
  assert.equal(await told(compared('expand', 500_000)), `${at(500_000)} ${before}`);
  const clean = `${at(500_001)} compared contents and was clean`;
  assert.equal(await told(compared('expand', 500_001)), clean);
  assert.equal(
    await told({ ...compared('expand', 600_000), mode: 'version' }),
    `${at(600_000)} was a version run; contents are needed`,
  );
  const backfill = await toldOf('backfill', SEALING, all('expand'));
  assert.equal(backfill, `${at(500_000)} was clean`);
});

test('a difference of a run over part of the keys stands until a run over all of them, which compares as much, finds none', async () => {
  const whole = compared('expand', 600_000);
  const part = { after: null, upTo: 'm' };
  const found = (mode: RunEvidence['mode']) => ({ ...compared('expand', 700_000, false), mode, range: part });
  const again = (mode: RunEvidence['mode'], range: RunEvidence['range'] = null) => ({
    ...{ ...compared('expand', 800_000), mode, range },
  });
  const kind = async (...runs: readonly RunEvidence[]) =>
    (await decided('expand', 'settle', ofRuns(...runs))).kind;
  assert.equal(await kind(found('version'), whole), 'wait');
  assert.equal(await kind(again('version'), found('version'), whole), 'move');
  assert.equal(await kind(again('version'), found('count'), whole), 'move');
  assert.equal(await kind(again('count'), found('version'), whole), 'wait');
  assert.equal(await kind(again('version', part), found('version'), whole), 'wait');
});

test('letters and messages without one are told apart, with what an operator does about each', async () => {
  const told = (given: Partial<Evidence>) => toldOf('dead letters', ['seal', 'settle'], evidence(given));
  const [known, unread] = [
    '2: mend, then redrive or discard',
    'about 3 in the queue without a letter yet, of any collection: npx crossfade dead-letters list',
  ];
  assert.equal(await told({}), 'there are none');
  assert.equal(await told({ deadLetters: 2 }), known);
  assert.equal(await told({ deadLetters: 3, unread: 3 }), unread);
  assert.equal(await told({ deadLetters: 5, unread: 3 }), `${known}; ${unread}`);
});

test('receipts are told by where they are, and what settles those that wait for a store is told where it helps', async () => {
  const receipts = { delayed: 1, due: 2, hidden: 3, waiting: 4, since: null };
  const told = (since: number | null) =>
    toldOf('receipts', ['seal', 'settle'], evidence({ receipts: { ...receipts, since } }));
  const counts = 'about 1 on their way, 2 due, 3 in work; 4 waiting for a store';
  assert.equal(await told(null), counts);
  assert.equal(await told(7), `${counts}, the oldest of ${new Date(7).toISOString()}`);
  const command = async (since: number, more: Partial<Evidence> = {}) => {
    const given = evidence({ ...more, receipts: { ...receipts, since } });
    const { conditions } = await decided('seal', 'settle', given);
    return conditions.find(({ name }) => name === 'receipts')?.command;
  };
  assert.equal(await command(7), 'npx crossfade verify start orders --mode version');
  assert.equal(await command(2 * TIMES.bake), undefined);
  assert.equal(await command(7, all('seal')), undefined, 'a verification has proven it');
});

test('before all receipts of before the bake are delivered, those on their way delay a copy-back, wherever they are', async () => {
  const none = { delayed: 0, due: 0, hidden: 0, waiting: 0, since: null };
  const jobs = async (counts: Partial<Evidence['receipts']>, left: number) => {
    const given = evidence({ receipts: { ...none, ...counts } });
    const since = TIMES.now - 2 * TIMES.bake + left;
    return helpful((await decided('switch', 'expand', given, since)).conditions).map(({ job }) => job);
  };
  assert.deepEqual(await jobs({}, 1), ['copy']);
  for (const counts of [
    { delayed: 1 },
    { due: 1 },
    { hidden: 1 },
    { delayed: 1, due: 1 },
    { due: 1, hidden: 1 },
  ])
    assert.deepEqual(await jobs(counts, 1), [], JSON.stringify(counts));
  assert.deepEqual(await jobs({ delayed: 1 }, 0), ['copy'], 'none of these can be old any more');
});

test('a copy-back that a gate does not need moves no verification back', async () => {
  const runs = { ...runsFor('seal'), copyback: run('seal', 700_000) };
  assert.equal((await decided('seal', 'settle', evidence({ collection: collection(runs) }))).kind, 'move');
});

test('a verification may begin at the moment from which on all writes are durable', async () => {
  const jobs = async (notDurable: number) => {
    const given = { ...collection(runsFor('settle')), notDurable };
    const { conditions } = await decided('settle', 'contract', evidence({ collection: given }));
    return helpful(conditions).map(({ job }) => job);
  };
  // The clocks of two containers may be apart.
  const margin = unprovenUntil({ ...collection(), notDurable: 0 }) ?? assert.fail();
  assert.deepEqual(await jobs(TIMES.now - margin), ['verify']);
  assert.deepEqual(await jobs(TIMES.now - margin + 1), []);
});

test('an itinerary has the commands that help at each gate', () => {
  const [, seal] = itinerary('orders', 'legacy', 'settle');
  assert.deepEqual(seal?.commands, ['npx crossfade backfill start orders']);
  assert.deepEqual(itinerary('orders', 'expand', 'legacy')[0]?.commands, []);
});

test('runs under way are named beside the conditions, and hold no move', () => {
  assert.equal(underWay([]), null);
  assert.deepEqual(underWay([{ id: 'r', kind: 'verify', phase: 'seal' }]), {
    ...{ name: 'runs under way', holds: true },
    measured: 'verify r of seal: the move stops them, within a bake',
  });
});

test('only the move from contract to settle says that the stay follows contract', () => {
  const follows = (from: Phase, to: Phase) =>
    followsContract(marked({ from, to, by: 'me', why: '' }, 1, 10).by);
  assert.equal(follows('contract', 'settle'), true);
  assert.deepEqual([follows('switch', 'settle'), follows('contract', 'contract')], [false, false]);
});

test('the reason of a move is cut to what a parameter has room for, between two characters', () => {
  const claimed = (why: string) => marked({ from: 'settle', to: 'switch', by: 'me', why }, 1, 10);
  for (const [unit, most] of [
    ['x', 1],
    ['é', 2],
    ['"', 2],
    ['\u{1f600}', 6],
  ] as const) {
    const { why, ...rest } = claimed(unit.repeat(4100));
    const bytes = Buffer.byteLength(JSON.stringify({ ...rest, why }));
    assert.ok(bytes <= 4094 && bytes > 4094 - most, `${bytes} bytes of ${unit}`);
    assert.ok(why.isWellFormed());
    if (unit !== '\u{1f600}') assert.equal(why, unit.repeat(why.length));
  }
  assert.equal(claimed('short').why, 'short');
});
