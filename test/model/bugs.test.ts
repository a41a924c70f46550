import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BUGS } from './bugs.ts';
import { catching } from './sample.ts';

/** More than the rarest has ever needed, which was 37,000. */
const MOST = 150_000;

for (const bug of BUGS)
  test(`the model catches it when ${bug.what}`, () => {
    const caught = catching(bug, MOST);
    assert.ok(caught, `${bug.name} broke no promise in ${MOST} schedules`);
    // A scenario that is wrong by itself would catch any bug.
    const { focus } = bug;
    const same = catching(focus === undefined ? {} : { focus }, 1, caught.schedules);
    assert.equal(same, null, `schedule ${caught.schedules} goes wrong without ${bug.name}, too`);
  });
