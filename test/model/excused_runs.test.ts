/** What runs do with histories that are excused. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { BOUNDS } from './bounds.ts';
import { EXCUSES } from './excuse.ts';
import { explore } from './explore.ts';
import { failover, fallback, force, touched } from './focus.ts';
import { Memory } from './memory.ts';
import { sample } from './sample.ts';
import { System } from './step.ts';

const PAGE = new URL('../../functions/protocol/README.md', import.meta.url);

test('an exhaustive run excuses the histories of a scenario that has some, and goes on', () => {
  const bound = BOUNDS.find(({ name }) => name === 'failover');
  const scenarios = [...(bound?.scenarios() ?? [])].filter(
    ({ start, phase, walk, clients }) =>
      `${start} ${phase} ${walk}` === 'marker seal expand' && clients[1]?.[0]?.kind === 'put',
  );
  assert.equal(scenarios.length, 1);
  for (const scenario of scenarios) {
    const { finding, excused } = explore(new System(scenario, {}, new Memory({})));
    assert.equal(finding, null);
    assert.ok((excused['marker-brought-back'] ?? 0) > 0);
  }
});

/** Where the next schedule is that is excused so; a hint alone. */
const MET = [
  ['expand-beside-seal', 4_022_560, fallback],
  ['version-given-out-again', 10_020_116, fallback],
  ['refused-after-written', 67_405_921, force],
  ['seal-outrun', 5_103_074, force],
  ['outdated-copy-touched', 723_432, touched],
] as const;

for (const [name, hint, focus] of MET)
  test(`a random schedule that is excused as ${name} is no violation`, () => {
    const seeds = Array.from({ length: 300_000 }, (_, i) => hint + i);
    const seed = seeds.find((each) => sample(each, { focus }).excuse?.name === name);
    assert.notEqual(seed, undefined);
    assert.equal(sample(seed as number, { focus }).what, null);
  });

test('a write without an answer that a repair has read may take effect after a failover has lost it', () => {
  const { what, excuse } = sample(604_416_036, { focus: failover });
  assert.deepEqual([what, excuse], [null, null]);
});

test('a deletion that Oracle never had, and a failover has lost, need not come back, where a repair has read the write before it', () => {
  const { what, excuse } = sample(5_322_189, { focus: failover });
  assert.deepEqual([what, excuse], [null, null]);
});

test('the page names every history that is excused', () => {
  const page = readFileSync(PAGE, 'utf8');
  for (const { name } of EXCUSES) assert.ok(page.includes(`\`${name}\``), name);
});
