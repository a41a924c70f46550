/** A worker of a run whose service goes on to another phase while it waits, or while it acts. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { KEYS, World } from './shard_world.ts';

const acts = ({ did }: World) => did.filter((each) => each.startsWith('act '));
const ends = ({ did }: World) => did.filter((each) => /^(done|failed) /.test(each));
const acted = (...keys: readonly string[]) => keys.map((key) => `act ${key}`);

function assertChanged(world: World): void {
  assert.equal(ends(world).length, 1);
  assert.match(
    ends(world)[0] ?? '',
    /^failed PhaseChanged: c is in (legacy|seal), and the copyback r was begun/,
  );
}

test('a worker that has waited for its turn looks at the phase again, and acts on none that is over', async () => {
  const world = new World();
  world.pace = 200_000;
  world.onWait = () => {
    if (world.waited > 100_000) world.phase = 'legacy';
  };
  await world.walk(async () => {});
  assert.deepEqual(acts(world), []);
  assertChanged(world);
});

test('a batch that was prepared before a move is not acted on after it', async () => {
  const world = new World();
  await world.walk(async (key) => {
    // The next one has had its turn, and is prepared, while this one is acted on.
    await new Promise(setImmediate);
    if (key === 'b') world.phase = 'seal';
  });
  assert.deepEqual(acts(world), acted('a', 'b'));
  assertChanged(world);
});

test('while the phase lasts, all of a shard is worked on', async () => {
  const world = new World();
  world.pace = 10_000;
  await world.walk(async () => {});
  assert.deepEqual(acts(world), acted(...KEYS));
  assert.deepEqual(ends(world), ['done {"shard":0}']);
});

test('a message of a phase that is over takes its shard from no worker, and does nothing', async () => {
  for (const over of [{ phase: 'seal' as const }, { since: 1 }]) {
    const world = new World();
    Object.assign(world, over);
    await world.walk(async () => {});
    assert.equal(world.did.length, 1);
    assert.match(world.did[0] ?? '', /^failed PhaseChanged: /);
  }
});
