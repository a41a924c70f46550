import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { CallerLimits } from '../../functions/routing/caller_limits.ts';

const LIMIT = { perSecond: 10, burst: 20 };

class World {
  now = 0;
  readonly limits: CallerLimits;

  constructor(most?: number, limit = LIMIT) {
    this.limits = new CallerLimits(limit, () => this.now, most);
  }

  /** @returns how many of so many requests at once are taken. */
  send(caller: string, requests: number): number {
    return Array.from({ length: requests }, () => this.limits.refusal(caller)).filter((wait) => wait === null)
      .length;
  }
}

test('a caller may send a burst, and then as many a second as the limit says', () => {
  const world = new World();
  assert.equal(world.send('a', 100), 20);
  world.now = 1000;
  assert.equal(world.send('a', 100), 10);
  world.now = 61_000;
  assert.equal(world.send('a', 100), 20);
});

test('a clock that is set back takes nothing away, and gives nothing twice', () => {
  const world = new World();
  world.now = 100_000;
  world.send('a', 20);
  world.now = 0;
  assert.equal(world.send('a', 100), 0);
  world.now = 1000;
  assert.equal(world.send('a', 100), 10);
});

test('a refusal says after how long a request is taken, and so it is', () => {
  const world = new World();
  world.send('a', 20);
  const wait = world.limits.refusal('a') ?? 0;
  assert.equal(wait, 100);
  world.now += wait;
  assert.equal(world.limits.refusal('a'), null);
});

test('a batch counts its writes: its caller waits for as long as they would have taken one by one', () => {
  const world = new World();
  assert.equal(world.limits.refusal('a'), null);
  world.limits.owe('a', 99);
  assert.equal(world.limits.refusal('a'), 8100);
  world.now = 8100;
  assert.equal(world.limits.refusal('a'), null);
});

const GREEDY = fc.array(
  fc.record({
    gap: fc.integer({ min: 0, max: 300 }),
    requests: fc.integer({ min: 0, max: 200 }),
    batch: fc.nat(100),
  }),
  { maxLength: 60 },
);

test('whatever greedy callers send, one who keeps to the limit is never refused, and none of them gets more than the limit', () => {
  fc.assert(
    fc.property(GREEDY, fc.integer({ min: 1, max: 5 }), (sent, others) => {
      const world = new World();
      let polite = 0;
      let taken = 0;
      for (const [n, { gap, requests, batch }] of sent.entries()) {
        for (const end = world.now + gap; world.now < end; world.now = Math.min(end, polite)) {
          if (polite > world.now) continue;
          assert.equal(world.limits.refusal('polite'), null);
          polite = world.now + 100;
        }
        const some = world.send(`greedy ${n % others}`, requests);
        if (n % others === 0) taken += some;
        if (some > 0) world.limits.owe(`greedy ${n % others}`, batch);
      }
      assert.ok(taken <= LIMIT.burst + (LIMIT.perSecond * world.now) / 1000);
    }),
  );
});

test('memory has a bound: callers beyond it share one bucket, and those who have a bucket keep it', () => {
  const world = new World(100);
  for (let n = 0; n < 100; n++) world.send(`${n}`, 1);
  let taken = 0;
  for (let n = 100; n < 10_000; n++) taken += world.send(`${n}`, 1);
  assert.deepEqual([taken, world.limits.size], [20, 100]);
  assert.equal(world.send('0', 100), 19);
  // The buckets of callers who have sent nothing for a while are full, and nothing is lost with them.
  world.now = 60_000;
  assert.equal(world.send('new', 100), 20);
  assert.deepEqual([world.send('new', 1), world.limits.size], [0, 100]);
});
