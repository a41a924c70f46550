/**
 * Runs of any size: what their executions use up of what Step Functions limits (25,000 events, 262,144 bytes from state to state), and whether
 * they come to their end, whatever is away for however long. They are simulated in a process of their own, since the test runner follows each
 * promise.
 */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { LANES, TURN } from '../../functions/runs/lanes.ts';
import { MILLION, WORKERS } from './sized_books.ts';
import type { Outcome, Scenario } from './sized_scenarios.ts';

const HOUR = 3_600_000;
const told = new Map<string, readonly Outcome[]>();
before(async () => {
  const script = fileURLToPath(new URL('sized_scenarios.ts', import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, [script], { timeout: 120_000 });
  for (const line of stdout.trim().split('\n')) told.set(...(JSON.parse(line) as [string, Outcome[]]));
});

/** The last is that of the end, which is a good one. */
function endOf(scenario: Scenario, copied: number): Outcome {
  const end = told.get(scenario)?.at(-1) ?? assert.fail(`${scenario} was not simulated`);
  assert.deepEqual([end.statuses, end.copied], [['SUCCEEDED'], copied]);
  return end;
}

/** What an interruption has changed. */
function during(scenario: Scenario) {
  const [one, other] = (told.get(scenario) ?? []) as [Outcome, Outcome];
  assert.deepEqual(one.statuses, ['RUNNING']);
  return {
    events: other.events - one.events,
    invocations: other.invocations - one.invocations,
    dead: other.dead,
  };
}

test('a run of 2 billion documents, in shards that are cut on the way, takes as few events as one of 40 shards', () => {
  const { shards, tasks, events, largest, at } = endOf('billions', 2_000_000_000);
  assert.ok(shards > 1000, `${shards} shards`);
  // One task for each shard that the execution was told of, and eight events for each task.
  assert.equal(tasks, LANES);
  assert.ok(events < 400, `${events} events`);
  assert.ok(largest < 1000, `${largest} bytes`);
  // As fast as the pace allows, but for the end: all workers are busy until then.
  const ideal = 2_000_000_000 / 32_000 / 3600;
  assert.ok(at / HOUR < 1.02 * ideal, `${at / HOUR} hours of ${ideal}`);
});

test('50 collections that begin at once take turns: each is worked on within one round of all their lanes', () => {
  const { events, first, dead } = endOf('fifty', 25 * 200_000 + 25 * 1000);
  const round = (50 * WORKERS * TURN) / 4;
  assert.ok(first < round, `${first / HOUR} hours`);
  assert.ok(events < 400, `${events} events`);
  assert.equal(dead, 0);
});

test('a pause of a week costs an execution no event, and a lane some 2,000 messages', () => {
  const { events, invocations, dead } = during('paused');
  assert.deepEqual([events, dead], [0, 0]);
  assert.ok(invocations / WORKERS > 1500 && invocations / WORKERS < 2200, `${invocations} messages`);
  const { at } = endOf('paused', MILLION);
  // The rest of it at 500 a second, and 5 minutes at most until the lanes look again.
  const paused = told.get('paused')?.[1]?.at ?? 0;
  assert.ok(at - paused < 0.7 * HOUR, `${(at - paused) / HOUR} hours`);
});

test('a store that is away for a week ends no run, and makes no dead letters', () => {
  const { events, dead } = during('away');
  assert.deepEqual([events, dead], [0, 0]);
  endOf('away', MILLION);
});

test('a queue that nobody works off for a week ends no run', () => {
  const { events } = during('unserved');
  assert.ok(events < 3000, `${events} events`);
  endOf('unserved', MILLION);
});

test('messages that are lost hold a run up for hours, and end none: what they were about is worked on', () => {
  const { at } = endOf('purged', MILLION);
  assert.ok(at > 3 * HOUR && at < 4 * HOUR, `${at / HOUR} hours`);
});

test('an execution that the version before has begun comes to its end with these functions', () => {
  // A task for each of its shards.
  const { shards, tasks } = endOf('before', 3 * MILLION);
  assert.deepEqual([shards, tasks], [60, 60]);
});
