import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BOUNDS } from './bounds.ts';
import { explore } from './explore.ts';
import { apart, close, failover, fallback, force, touched } from './focus.ts';
import { Memory } from './memory.ts';
import { ramp } from './ramp_focus.ts';
import { sample } from './sample.ts';
import { SANE_CLOCK, type Scenario } from './scenario.ts';
import { type Progress, runShare } from './share.ts';
import { type State, startingState } from './state.ts';
import { System } from './step.ts';
import { line } from './timeline.ts';
import { Visited } from './visited.ts';

test('thousands of random schedules with faults break no promise', () => {
  let [operations, late] = [0, 0];
  for (let seed = 1; seed <= 5000; seed++) {
    const run = sample(seed, {});
    operations += run.operations;
    late += run.lateShards > 0 ? 1 : 0;
    assert.equal(run.what, null, `npm run model -- --replay ${seed}`);
  }
  assert.ok(operations > 20_000);
  assert.ok(late > 1000, `a shard of an earlier phase was delivered in ${late} schedules alone`);
});

test('moves forced at every gate, back and round again, lose nothing that is acknowledged after them', () => {
  let struck = 0;
  for (let seed = 1; seed <= 1000; seed++) {
    const run = sample(seed, { focus: force });
    struck += run.struck > 0 ? 1 : 0;
    assert.equal(run.what, null, `npm run model -- --replay ${seed} --focus force`);
  }
  assert.ok(struck > 400, `force has struck in ${struck} schedules alone`);
});

for (const [name, focus] of Object.entries({ failover, fallback, close, apart, touched, ramp }))
  test(`hundreds of schedules of the focus ${name} break no promise`, () => {
    for (let seed = 1; seed <= 300; seed++)
      assert.equal(sample(seed, { focus }).what, null, `npm run model -- --replay ${seed} --focus ${name}`);
  });

test('no schedule of a small scenario breaks a promise: a sample of the exhaustive run', () => {
  const bound = BOUNDS.find(({ name }) => name === 'small');
  let states = 0;
  for (const [index, scenario] of [...(bound?.scenarios() ?? [])].entries()) {
    if (index % 11 !== 0) continue;
    const explored = explore(new System(scenario, {}, new Memory({})));
    states += explored.states;
    assert.equal(explored.finding, null, JSON.stringify({ ...scenario, clock: String(scenario.clock) }));
  }
  assert.ok(states > 100_000);
});

test('an exhaustive run begins with any scenario, and tells what it finds as it goes', () => {
  const of = { bound: 'small', bug: 'condition-one-side', focus: null, seed: 0, runs: 0, index: 0, of: 1 };
  const all = [...(BOUNDS.find(({ name }) => name === 'small')?.scenarios() ?? [])].length;
  const told: Progress[] = [];
  const { done, findings } = runShare({ ...of, from: all - 3 }, (progress) => told.push(progress));
  assert.equal(done, 3);
  assert.ok(findings.length > 0);
  assert.deepEqual(
    told.map(({ finding }) => finding),
    findings,
  );
  assert.ok(told.every(({ scenario, finding }) => finding?.startsWith(`scenario ${scenario}: `)));
});

test('a seed gives the same schedule every time, whatever was run before it', () => {
  const linesOf = (seed: number): string[] => {
    const lines: string[] = [];
    sample(seed, {}, (before, move, after) => lines.push(line(before, move, after)));
    return lines;
  };
  const first = linesOf(17);
  for (let seed = 1; seed < 40; seed++) linesOf(seed);
  assert.deepEqual(linesOf(17), first);
});

test('the path of a finding leads from the start to what went wrong', () => {
  const ifMatch = { kind: 'put', condition: 'seen' } as const;
  const scenario: Scenario = {
    start: 'document',
    phase: 'seal',
    walk: [],
    ...{ forced: [], outages: 0, failovers: 0, fallbacks: 0, close: false },
    clients: [[ifMatch], [ifMatch]],
    clock: SANE_CLOCK,
    faults: 0,
    repairs: 0,
    duplicates: false,
    verification: 'gates',
  };
  const broken = { tampering: { swapUnguarded: true } };
  const system = new System(scenario, broken, new Memory(broken.tampering));
  const { finding } = explore(system);
  assert.equal(finding?.what, 'not linearizable');
  const start: State = startingState(scenario, system.memory);
  const end = finding.path.reduce((state, move) => system.step(state, move), start);
  assert.ok(end.register.broken);
});

test('a state entered with more freedom than before is searched again, and with no more it is not', () => {
  const visited = new Visited();
  for (let n = 0; n < 200_000; n++) assert.equal(visited.enter([n, n * 7, 3], n % 3), true);
  for (let n = 0; n < 200_000; n++) assert.equal(visited.enter([n, n * 7, 3], n % 3), false);
  assert.equal(visited.enter([5, 35, 3], 3), true);
  assert.equal(visited.enter([5, 35, 3], 1), false);
  assert.equal(visited.size, 200_000);
});
