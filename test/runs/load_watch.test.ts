/** One worker reads Oracle's load for all, and bulk work pauses and goes on by it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PublishedLoad } from '../../functions/books/load.ts';
import { LoadWatch, PausedByLoad } from '../../functions/runs/load_watch.ts';
import { BULK_LIMITS, type BulkLimits, READINGS, type Readings } from '../../functions/stores/load.ts';
import { World } from './shard_world.ts';

const value = (number: number): Readings => ({ recoveryArea: { kind: 'value', value: number } });

/** The row that all share, and the views behind it. */
class Shared {
  now = 1_000_000;
  row: PublishedLoad = { next: null, load: null };
  looks = 0;
  reads = 0;
  look: () => Promise<Readings> = async () => value(10);
  /** Instead of the row. */
  broken: Error | null = null;
  /** Whether another worker takes each reading first. */
  beaten = false;
  readonly warned: string[] = [];

  watch(limits: BulkLimits = BULK_LIMITS, skew = 0): LoadWatch {
    return new LoadWatch({
      limits,
      published: async () => {
        this.reads++;
        if (this.broken !== null) throw this.broken;
        return this.row;
      },
      claim: async (seen, next) => {
        if (this.beaten || this.row.next !== seen) return false;
        this.row = { ...this.row, next };
        return true;
      },
      look: () => {
        this.looks++;
        return this.look();
      },
      publish: async (next, load) => {
        if (this.row.next === next) this.row = { next, load };
      },
      clock: { wall: () => this.now + skew, steady: () => this.now },
      warn: (message, { reading = '' }) => void this.warned.push(`${message} ${reading}`),
    });
  }
}

test('eight workers read once in half a minute together, and each looks into the row every five seconds', async () => {
  const shared = new Shared();
  const workers = Array.from({ length: 8 }, () => shared.watch());
  for (let second = 0; second < 60; second++) {
    for (const each of workers) assert.equal(await each.share(), 1);
    shared.now += 1000;
  }
  assert.equal(shared.looks, 2);
  assert.equal(shared.reads, 80);
});

test('what one has read pauses all, and all go on once it is below the limit', async () => {
  const shared = new Shared();
  const [reader, other] = [shared.watch(), shared.watch()];
  shared.look = async () => value(91);
  await assert.rejects(reader.share(), PausedByLoad);
  await assert.rejects(other.share(), /BULK_PAUSED: .* fast recovery area 91 % /);
  shared.look = async () => value(79);
  shared.now += 30_000;
  assert.ok((await other.share()) > 0.5);
  assert.ok((await reader.share()) > 0.5);
  assert.equal(shared.looks, 2);
  assert.deepEqual(
    shared.warned.filter((each) => each.startsWith('Bulk')),
    ['Bulk work pauses recoveryArea', 'Bulk work goes on recoveryArea'],
  );
});

test('without any reading that is wanted nothing is asked', async () => {
  const shared = new Shared();
  const none = Object.fromEntries(READINGS.map((name) => [name, null])) as unknown as BulkLimits;
  assert.equal(await shared.watch(none).share(), 1);
  assert.equal(shared.reads, 0);
});

test('a row that cannot be read stops nothing, and ends no pause that is known', async () => {
  const shared = new Shared();
  shared.broken = new Error('ORA-00942');
  const blind = shared.watch();
  assert.equal(await blind.share(), 1);
  assert.deepEqual(shared.warned, ['The load of Oracle could not be read ']);
  assert.equal(await blind.share(), 1);
  assert.equal(shared.reads, 1);
  shared.broken = null;
  shared.look = async () => value(91);
  shared.now += 6000;
  await assert.rejects(blind.share(), PausedByLoad);
  shared.broken = new Error('away');
  shared.now += 600_000;
  await assert.rejects(blind.share(), PausedByLoad);
  shared.now += 6000;
  assert.equal(await blind.share(), 1);
});

test('a reader that dies is followed half a minute later, and its late result is not published', async () => {
  const shared = new Shared();
  const [slow, next] = [shared.watch(), shared.watch()];
  const hangs = Promise.withResolvers<Readings>();
  shared.look = () => hangs.promise;
  const late = slow.share();
  await new Promise((resolve) => setImmediate(resolve));
  shared.look = async () => value(91);
  shared.now += 29_999;
  assert.equal(await next.share(), 1);
  shared.now += 5001;
  await assert.rejects(next.share(), PausedByLoad);
  hangs.resolve(value(10));
  assert.equal(await late, 1);
  assert.equal(shared.row.load?.watched.recoveryArea?.known?.value, 91);
});

test('a worker whose reading another one has taken uses what was published before', async () => {
  const shared = new Shared();
  shared.look = async () => value(91);
  await assert.rejects(shared.watch().share(), PausedByLoad);
  shared.beaten = true;
  shared.now += 31_000;
  await assert.rejects(shared.watch().share(), PausedByLoad);
  assert.equal(shared.looks, 1);
});

test('a container whose clock is an hour ahead keeps nobody from reading', async () => {
  const shared = new Shared();
  await shared.watch(BULK_LIMITS, 3_600_000).share();
  await shared.watch().share();
  assert.equal(shared.looks, 2);
});

test('a run rests while Oracle is under load, uses up no delivery, and goes on where it was', async () => {
  const world = new World();
  const shared = new Shared();
  const watch = shared.watch();
  world.load = () => {
    shared.now = 1_000_000 + world.now;
    return watch.share();
  };
  const step = (key: string) => {
    if (key === 'b') shared.look = async () => value(95);
    world.now += 31_000;
  };
  await world.walk(async (key) => step(key));
  // The batch that was granted before is done; nothing begins after it.
  assert.deepEqual(
    world.did.filter((each) => each.startsWith('act') || each.startsWith('failed')),
    ['act a', 'act b'],
  );
  assert.equal(world.metrics.get('BulkPaused'), 1);
  assert.deepEqual(world.handedOn.at(-1), {
    message: { run: 'r', collection: 'c', shard: 0, token: 't', rested: true },
    delay: 15,
  });
  // Those that come meanwhile are handed on before they list a key.
  await world.walk(async () => assert.fail('It acts during the pause'));
  assert.equal(world.metrics.get('BulkPaused'), 2);
  assert.ok(world.did.some((each) => each.includes('BULK_PAUSED')));
  shared.look = async () => value(20);
  world.now += 31_000;
  world.row = { ...(world.row as NonNullable<typeof world.row>), doneKey: 'b' };
  await world.walk(async () => {});
  assert.deepEqual(world.did.slice(-3), ['act c', 'act d', 'done {"shard":0}']);
});

test('near its limit a batch is smaller, and claims more time for each document', async () => {
  const world = new World();
  world.load = async () => 0.25;
  let most = 0;
  await world.work(async (job) => {
    most = job.limits.documents;
    await job.turn(10);
    return 'done';
  });
  assert.deepEqual([most, world.claims], [50, [40]]);
});

test('a worker that has no time left once the load is read begins no batch', async () => {
  const world = new World();
  let granted: unknown;
  await world.work(async (job) => {
    world.load = async () => {
      world.now = 299_000;
      return 1;
    };
    granted = await job.turn(10);
    return 'rest';
  });
  assert.deepEqual([granted, world.claims], [null, []]);
});
