/** The real use cases under seeded schedules, and bugs that are planted beside them. `npm run simulate` goes on from here. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { Apart } from './apart.ts';
import { BUGS, type Planted } from './bugs.ts';
import { shrink, storyOf } from './shrink.ts';
import { KEYS } from './system.ts';

const SCHEDULES = 12;
const FORGETFUL = 5;
const TOUCHED = 3;
/** In each of them verifications by version are made. */
const LISTED = [3, 12, 26];
/** Schedules that are searched for a bug where the one that caught it last does not any more: something else has changed since. */
const SEARCHED = 200;

const apart = new Apart();
const { simulate } = apart;
after(() => apart.end());

test('whatever order things happen in, and whatever fails, clients are never told what cannot be, and all comes to rest', async () => {
  let [operations, forced, forgotten] = [0, 0, 0];
  for (let seed = 1; seed <= SCHEDULES; seed++) {
    const outcome = await simulate(seed);
    operations += outcome.operations;
    forced += outcome.strikes.get('forced move') ?? 0;
    forgotten += outcome.strikes.get('key of a failover of Couchbase') ?? 0;
    const story = outcome.story.slice(-60).join('\n');
    assert.equal(outcome.wrong, null, `npm run simulate -- --seeds 1 --from ${seed}\n${story}`);
  }
  assert.ok(operations > 200 * SCHEDULES, String(operations));
  assert.ok(forced > 5, String(forced));
  assert.ok(forgotten > 0);
});

test('what a store has forgotten is in the other one, comes back or is set aside, whatever else goes wrong', async () => {
  let [failovers, fallbacks] = [0, 0];
  for (let seed = 1; seed <= FORGETFUL; seed++) {
    const { wrong, strikes, story } = await simulate(seed, { focus: 'forget' });
    const again = `npm run simulate -- --focus forget --seeds 1 --from ${seed}`;
    assert.equal(wrong, null, `${again}\n${story.slice(-60).join('\n')}`);
    failovers += strikes.get('key of a failover of Couchbase') ?? 0;
    fallbacks += strikes.get('key of a fallback of Oracle') ?? 0;
  }
  assert.ok(failovers > 5 && fallbacks > 0, `${failovers} and ${fallbacks}`);
});

test('whoever touches, writes and removes documents past the API, and whatever expiry the bucket gives, gates open, and all comes to rest', async () => {
  const struck = new Map<string, number>();
  for (let seed = 1; seed <= TOUCHED; seed++) {
    const { wrong, strikes, story } = await simulate(seed, { focus: 'hands' });
    const again = `npm run simulate -- --focus hands --seeds 1 --from ${seed}`;
    assert.equal(wrong, null, `${again}\n${story.slice(-60).join('\n')}`);
    for (const [kind, times] of strikes) struck.set(kind, (struck.get(kind) ?? 0) + times);
  }
  const past = [...struck.keys()].filter((kind) => kind.includes('past the API'));
  assert.ok((struck.get('touch') ?? 0) > 50, JSON.stringify([...struck]));
  assert.ok(
    (struck.get('touch with another expiry') ?? 0) > 10 && past.length > 3,
    JSON.stringify([...struck]),
  );
});

test('where verifications look only at what the lists of both stores show to differ, the same holds, and gates open', async () => {
  for (const seed of LISTED) {
    const { wrong, story } = await simulate(seed, { rules: { lists: true } });
    const again = `npm run simulate -- --lists --seeds 1 --from ${seed}`;
    assert.equal(wrong, null, `${again}\n${story.slice(-60).join('\n')}`);
    assert.ok(story.some((line) => line.includes('lists versions')));
  }
});

test('a seed is a schedule, and nothing else', async () => {
  const [once, again] = [await simulate(7), await simulate(7)];
  assert.deepEqual(once, again);
  assert.ok(once.steps > 1000);
});

test('a schedule that fails is shrunk to one that fails in the same way, again and again, with little in it', async () => {
  const { seed, bug } = BUGS['pretends-done'] as Planted;
  const failing = await simulate(seed, bug);
  const { outcome, calm } = await shrink(failing, bug, 40, simulate);
  assert.deepEqual(await simulate(seed, bug, calm), outcome);
  assert.notEqual(outcome.wrong, null);
  const calmed = calm.reduce((sum, [from, to]) => sum + to - from, 0);
  assert.ok(calmed > failing.draws / 3, `${calmed} of ${failing.draws}`);
  assert.ok(storyOf(outcome, KEYS).length < outcome.story.length);
});

for (const [name, { seed, bug }] of Object.entries(BUGS))
  test(`a bug is caught: ${name}`, async () => {
    const seeds = [seed, ...Array.from({ length: SEARCHED }, (_, n) => n + 1)];
    for (const each of seeds) {
      if ((await simulate(each, bug)).wrong === null) continue;
      const { rules: _, tampering: __, ...same } = bug;
      assert.equal((await simulate(each, same)).wrong, null, `schedule ${each} goes wrong without it, too`);
      return;
    }
    assert.fail(`None of ${SEARCHED} schedules has caught it`);
  });
