import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BUGS } from './bugs.ts';
import { CAUGHT } from './caught.ts';
import { catching } from './sample.ts';

/** More than the rarest has ever needed, which was 114,000. */
const MOST = 150_000;

for (const bug of BUGS)
  test(`the model catches it when ${bug.what}`, (t) => {
    const first = CAUGHT[bug.name] ?? 1;
    const caught = catching(bug, MOST, first);
    assert.ok(caught, `${bug.name} broke no promise in ${MOST} schedules from ${first} on`);
    const seed = first + caught.schedules - 1;
    if (CAUGHT[bug.name] !== undefined && seed !== first)
      t.diagnostic(`${bug.name} is now caught by schedule ${seed}: say so in caught.ts`);
    // A scenario that is wrong by itself would catch any bug.
    const { focus } = bug;
    const same = catching(focus === undefined ? {} : { focus }, 1, seed);
    assert.equal(same, null, `schedule ${seed} goes wrong without ${bug.name}, too`);
  });

test('each hint is of a seeded bug', () => {
  const names = new Set(BUGS.map(({ name }) => name));
  assert.deepEqual(
    Object.keys(CAUGHT).filter((name) => !names.has(name)),
    [],
  );
});
