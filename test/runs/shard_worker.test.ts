/** How the delivery of a shard ends, and what a worker does on the way. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PhaseUnknown } from '../../functions/phases/phase_cache.ts';
import { Overtaken } from '../../functions/records/run.ts';
import { Courtesy } from '../../functions/runs/courtesy.ts';
import { TURN } from '../../functions/runs/lanes.ts';
import { PER_SHARD } from '../../functions/runs/plan.ts';
import { TaskGone } from '../../functions/runs/shard_task.ts';
import { ShardWorker } from '../../functions/runs/shard_worker.ts';
import type { Walked } from '../../functions/runs/walk_shard.ts';
import { OperatorNeeded, StoreUnavailable } from '../../functions/stores/failure.ts';
import { MESSAGE, ROW, World } from './shard_world.ts';

const TARGET = { store: 'oracle', operation: 'apply', collection: 'c', key: null } as const;
const away = () => new StoreUnavailable(TARGET, true, new Error('it is away'));
const rests = async (): Promise<Walked> => 'rest';
const rested = { ...MESSAGE, rested: true };

test('a shard that is done ends its task with its number', async () => {
  const world = new World();
  await world.work(async () => 'done');
  assert.deepEqual(world.did, ['take', 'done {"shard":0}']);
  assert.deepEqual(world.handedOn, []);
  assert.deepEqual([...world.metrics], [['ShardsTaken', 1]]);
});

test('a message whose task is gone, or that was handed on without end, takes no shard', async () => {
  const gone = Object.assign(new World(), { goneFrom: 1 });
  await gone.work(rests);
  assert.deepEqual([gone.did, gone.handedOn], [[], []]);
  const world = new World();
  const loop = { error: 'MessageLoop', cause: 'it was handed on 1000001 times' };
  await world.deliver(world.worker(rests), { loop });
  assert.deepEqual(world.did, ['failed MessageLoop: it was handed on 1000001 times']);
  assert.deepEqual([[...world.metrics], world.handedOn], [[['MessageLoops', 1]], []]);
});

test('a run that has ended, and one without this shard, fail the task', async () => {
  const failed = 'failed NoSuchShard: The run r has ended, or has no shard 0';
  const ended = Object.assign(new World(), { run: null });
  await ended.work(rests);
  assert.deepEqual(ended.did, [failed]);
  const other = Object.assign(new World(), { row: null });
  await other.work(rests);
  assert.deepEqual([other.did, other.metrics.size], [['take', failed], 0]);
});

test('time that is up hands the shard on: at once, or a second later where it had no turn', async () => {
  for (const [turns, delay] of [
    [1, 0],
    [0, 1],
  ] as const) {
    const world = new World();
    await world.work(async ({ turn }) => {
      for (let n = 0; n < turns; n++) await turn(1);
      return 'rest';
    });
    assert.deepEqual(world.handedOn, [{ message: rested, delay }]);
    assert.deepEqual(world.did, ['take']);
  }
  // A turn that would come after the end of the function is none.
  const late = Object.assign(new World(), { now: 295_000, pace: 1 });
  await late.work(async ({ turn, timely }) => {
    assert.equal(timely(), false);
    assert.equal(await turn(1), null);
    return 'rest';
  });
  assert.deepEqual(late.handedOn, [{ message: rested, delay: 1 }]);
  // Three calls of 4.5 seconds must fit.
  for (const [left, timely] of [
    [13_501, true],
    [13_500, false],
  ] as const) {
    const world = Object.assign(new World(), { now: 300_000 - left });
    await world.work(async (job) => {
      assert.equal(job.timely(), timely);
      return 'rest';
    });
  }
});

test('a pause hands the shard on before its task is taken for dead, and not where the task is gone', async () => {
  const paused = Object.assign(new World(), { rate: '0' });
  const turn = async (world: World) =>
    world.work(async (job) => {
      await job.turn(1);
      return 'rest';
    });
  await turn(paused);
  assert.deepEqual(paused.handedOn, [{ message: rested, delay: 15 }]);
  assert.deepEqual(paused.did, ['take']);
  const gone = Object.assign(new World(), { rate: '0', goneFrom: 2 });
  await turn(gone);
  assert.deepEqual([gone.handedOn, gone.did], [[], ['take']]);
});

test('a lane goes on with the next shard that nobody has, and its task ends where there is none', async () => {
  const world = Object.assign(new World(), { lane: true, next: [7] });
  await world.work(async () => 'done');
  assert.deepEqual(world.handedOn, [{ message: { ...rested, shard: 7 }, delay: 0 }]);
  assert.deepEqual([world.did, world.progressed], [['take', 'give next'], [true]]);
  const last = Object.assign(new World(), { lane: true });
  await last.work(async () => 'done');
  assert.deepEqual([last.did, last.handedOn], [['take', 'give next', 'done {"shard":0}'], []]);
});

test('a lane is handed on after its turn, however much time is left, and a task of the version before is not', async () => {
  for (const [lane, at] of [
    [true, TURN],
    [false, 300_000 - 3 * 4500],
  ] as const) {
    const world = Object.assign(new World(), { lane });
    await world.work(async ({ timely }) => {
      world.now = at - 1;
      assert.equal(timely(), true);
      world.now = at;
      assert.equal(timely(), false);
      return 'rest';
    });
  }
});

test('a lane that cannot go on looks again the later the longer it has waited, and for a pause 5 minutes later at most', async () => {
  const paused = async (idle: number, lane = true) => {
    const world = Object.assign(new World(), { rate: '0', idle, lane });
    await world.work(async (job) => {
      await job.turn(1);
      return 'rest';
    });
    assert.deepEqual(world.progressed, [false]);
    return world.handedOn[0]?.delay;
  };
  assert.equal(await paused(0), 15);
  assert.equal(await paused(800_000), 100);
  assert.equal(await paused(604_800_000), 300);
  // Its task would be taken for dead.
  assert.equal(await paused(604_800_000, false), 15);
  const others = Object.assign(new World(), { lane: true, idle: 800_000 });
  await others.work(rests);
  assert.deepEqual(others.handedOn, [{ message: rested, delay: 100 }]);
});

test('a lane whose store or phase is away is handed on, however long that lasts, and measures bodies then', async () => {
  for (const error of [away(), new PhaseUnknown('it could not be read')]) {
    const world = Object.assign(new World(), { lane: true, idle: 800_000 });
    await world.deliver(
      world.worker(() => Promise.reject(error)),
      { message: rested },
    );
    assert.deepEqual([world.handedOn, world.progressed], [[{ message: MESSAGE, delay: 100 }], [false]]);
    assert.deepEqual(world.did, ['take']);
  }
  const oracle = Object.assign(new World(), { lane: true });
  const { ports } = oracle;
  const ledger = { ...ports.ledger, running: () => Promise.reject(away()) };
  const worker = new ShardWorker({ ...ports, ledger }, rests, new Courtesy());
  await oracle.deliver(worker);
  assert.deepEqual(oracle.handedOn, [{ message: MESSAGE, delay: 15 }]);
  const gone = Object.assign(new World(), { lane: true, goneFrom: 2 });
  await gone.work(() => Promise.reject(away()));
  assert.deepEqual(gone.handedOn, []);
  const unknown = Object.assign(new World(), { lane: true });
  await assert.rejects(unknown.work(() => Promise.reject(new Error('who knows'))));
  assert.deepEqual(unknown.handedOn, []);
});

test('what only an operator can mend fails the task by its name', async () => {
  const world = new World();
  await world.work(() => Promise.reject(new OperatorNeeded(TARGET, 'its grants are gone')));
  assert.deepEqual(world.did, ['take', 'failed OperatorNeeded: oracle apply in c: its grants are gone']);
  assert.deepEqual(world.handedOn, []);
});

test('a worker that was overtaken, or whose task is gone, stops without a word', async () => {
  for (const error of [new Overtaken({ run: 'r', shard: 0, epoch: 1 }), new TaskGone()]) {
    const world = new World();
    await world.work(() => Promise.reject(error));
    assert.deepEqual([world.did, world.handedOn], [['take'], []]);
  }
});

test('any other failure is delivered again, and neither ends the task nor hands the shard on', async () => {
  for (const error of [away(), new Error('who knows')]) {
    const world = new World();
    await assert.rejects(
      world.work(() => Promise.reject(error)),
      (thrown) => thrown === error,
    );
    assert.deepEqual([world.did, world.handedOn], [['take'], []]);
  }
});

test('bodies are measured first where an earlier worker may have died of one', async () => {
  const careful = async (epoch: number, deliveries: number, message: typeof MESSAGE, lane = false) => {
    const world = Object.assign(new World(), { epoch, lane });
    const seen: boolean[] = [];
    const worker = world.worker(async (job) => {
      seen.push(job.careful);
      return 'done';
    });
    await world.deliver(worker, { deliveries, message });
    return seen[0];
  };
  assert.equal(await careful(1, 1, MESSAGE), false);
  assert.equal(await careful(1, 2, MESSAGE), true);
  assert.equal(await careful(2, 1, MESSAGE), true);
  assert.equal(await careful(2, 1, rested), false);
  // The first epoch of a lane's shard is that in which it was given out.
  assert.equal(await careful(2, 1, MESSAGE, true), false);
  assert.equal(await careful(3, 1, MESSAGE, true), true);
});

test('a shard far above its size is cut before it is handed on, and where that fails it goes on whole', async () => {
  const large = { ...ROW, listed: 2 * PER_SHARD, doneKey: 'k0200', upTo: 'm' };
  const keys = Array.from({ length: 1000 }, (_, n) => `k${String(n).padStart(4, '0')}`);
  const world = Object.assign(new World(), { stands: large, sample: async () => keys, epoch: 3 });
  await world.work(rests);
  assert.match(world.did.at(-1) ?? '', /^split of epoch 3 at (k0[2-9]\d\d,){6}k0[2-9]\d\d, up to m$/);
  assert.equal(world.handedOn.length, 1);
  const failing = Object.assign(new World(), {
    stands: large,
    sample: () => Promise.reject(new Error('no sample')),
  });
  await failing.work(rests);
  assert.equal(
    failing.did.at(-1),
    'warn A shard could not be cut {"run":"r","shard":0,"cause":"Error: no sample"}',
  );
  assert.equal(failing.handedOn.length, 1);
  for (const stands of [
    { ...large, listed: 2 * PER_SHARD - 1 },
    { ...large, shard: 1 },
  ]) {
    const small = Object.assign(new World(), { stands, sample: async () => keys });
    await small.work(rests);
    assert.deepEqual(small.did, ['take']);
  }
});
