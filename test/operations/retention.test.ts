/** What is kept for long enough goes in small steps, once an hour, and never where nobody has set a time. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { problemsOf } from '../../functions/configuration/configuration.ts';
import { type RetentionPorts, RetentionTurn } from '../../functions/operations/retention.ts';
import config from '../shop.config.ts';

const DAY = 86_400_000;
const HOUR = 3_600_000;

class World {
  now = 1000 * DAY;
  isAway = false;
  fails = false;
  left: Record<string, number> = { findings: 700, repairs: 3, letters: 9, conflicts: 9 };
  readonly asked: string[] = [];
  readonly said: string[] = [];
  readonly ports: RetentionPorts = {
    retention: { findings: 90, letters: null, repairs: 365, conflicts: null },
    removeOld: async (kind, before, most) => {
      if (this.fails) throw new Error('Oracle is away');
      this.asked.push(`${kind} ${(this.now - before) / DAY}`);
      const removed = Math.min(most, this.left[kind] ?? 0);
      this.left[kind] = (this.left[kind] ?? 0) - removed;
      return removed;
    },
    oracleIsAway: () => this.isAway,
    ...{ timely: () => true, now: () => this.now },
    info: (_, about) => void this.said.push(JSON.stringify(about)),
    warn: (_, { cause }) => void this.said.push(String(cause)),
  };
}

test('each kind goes after its own time, and a rest is removed at the next look', async () => {
  const [world, turn] = [new World(), new RetentionTurn()];
  await turn.take(world.ports);
  assert.deepEqual(world.asked, ['findings 90', 'repairs 365']);
  assert.deepEqual(world.left, { findings: 200, repairs: 0, letters: 9, conflicts: 9 });
  world.now += 60_000;
  await turn.take(world.ports);
  assert.equal(world.left.findings, 0);
  await turn.take(world.ports);
  assert.equal(world.asked.length, 4, 'there were few: an hour is waited for');
  world.now += HOUR;
  await turn.take(world.ports);
  assert.equal(world.asked.length, 6);
  assert.deepEqual(world.said, ['{"findings":500,"repairs":3}', '{"findings":200}']);
});

test('where Oracle is away or refuses, no look fails, and a later one removes it', async () => {
  const [world, turn] = [new World(), new RetentionTurn()];
  world.isAway = true;
  await turn.take(world.ports);
  world.isAway = false;
  world.fails = true;
  await turn.take(world.ports);
  assert.deepEqual([world.asked, world.said], [[], ['Error: Oracle is away']]);
  world.fails = false;
  world.now += HOUR;
  await turn.take(world.ports);
  assert.equal(world.asked.length, 2);
});

test('no time is shorter than the life of a message in the queue of dead letters', () => {
  const { deployment: _, ...configuration } = config;
  assert.deepEqual(problemsOf({ ...configuration, retention: { letters: 30, conflicts: 400 } }), []);
  assert.match(problemsOf({ ...configuration, retention: { letters: 14 } }).join(), /^retention\.letters: /);
  assert.match(
    problemsOf({ ...configuration, retention: { audit: 90 } }).join(),
    /retention\.audit: there is no such/,
  );
});
