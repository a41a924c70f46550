/** The number that tells of lost commits tells of no others, whoever raises it at the same time. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { UNBROKEN } from '../../functions/records/heartbeat.ts';
import { seeded } from '../../infra/demo/seeded.ts';
import { looked } from './heartbeat_world.ts';

/** Controllers whose calls come one after another in any order, which may die at any of them, and an SSM that may answer with the value before. */
async function raced(seed: number, falls: boolean): Promise<{ noticed: boolean; lost: boolean }> {
  const random = seeded(seed);
  const world = await looked(2);
  const turns: (() => void)[] = [];
  const turn = () => new Promise<void>((resolve) => turns.push(resolve));
  const ports = world.ports();
  let isRacing = true;
  const slow = async <Answer>(call: () => Promise<Answer>): Promise<Answer> => {
    if (isRacing) await turn();
    return call();
  };
  const container = () =>
    world.container({
      reported: () => slow(async () => world.ssm.at(random() < 0.3 ? -2 : -1) ?? null),
      report: (number) => slow(() => ports.report(number)),
      read: () => slow(ports.read),
      write: (before, after) => slow(() => ports.write(before, after)),
    });
  const kept = [container(), container(), container()];
  const looks = [...kept, ...kept].map((each) => slow(() => world.look(each)));
  const then = world.oracle;
  let highest = 0;
  const end = falls ? 20 : 1000;
  for (let step = 0; step < end && turns.length > 0; step++) {
    const [next] = turns.splice(Math.floor(random() * turns.length), 1);
    // It dies instead, and nothing of it is heard any more.
    if (random() > 0.03) next?.();
    await new Promise(setImmediate);
    highest = Math.max(highest, world.oracle.beat?.number ?? 0);
  }
  if (falls) {
    // A database that falls back has cut off whoever was at work.
    turns.length = 0;
    world.oracle = then;
  }
  isRacing = false;
  void looks;
  const lost = falls && (world.ssm.at(-1)?.number ?? 0) > (then.beat?.number ?? 0);
  const histories = await Promise.all([...kept, world.container()].map((each) => each.history()));
  return { noticed: histories.some((each) => each !== UNBROKEN), lost };
}

test('no order of calls of several controllers, death or old answer of SSM is taken for a loss', async () => {
  for (let seed = 0; seed < 60; seed++)
    assert.deepEqual(await raced(seed, false), { noticed: false, lost: false }, `seed ${seed}`);
});

test('after such an order a loss is noticed, wherever SSM has a number that Oracle has not', async () => {
  let lost = 0;
  for (let seed = 0; seed < 60; seed++) {
    const raceOf = await raced(seed, true);
    if (raceOf.lost) lost++;
    assert.ok(raceOf.noticed || !raceOf.lost, `seed ${seed}`);
  }
  assert.ok(lost > 30, `${lost}`);
});
