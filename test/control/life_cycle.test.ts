/**
 * The whole way there and back, as the controller walks it under live traffic, over routers that hold stale phases. No write that
 * was acknowledged is lost, no read goes back in time, no request fails.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { RampSteps } from '../../functions/control/ramp.ts';
import { PHASES, type Phase, ROUTES } from '../../functions/protocol/phase.ts';
import { Service } from './service.ts';

const KEYS = Array.from({ length: 12 }, (_, n) => `k${n}`);
const COLD = ['cold-1', 'cold-2'];
const [ROUTERS, SECONDS] = [5, 3];
/** Steps in which everything must be over. */
const MOST = 2000;

/** One moment of the service: some requests at the same time, receipts, and the controller, which may die. */
async function moment(service: Service, random: () => number): Promise<void> {
  service.now += SECONDS;
  const busy = new Set<string>();
  const requests = Array.from({ length: 6 }, () => {
    const [number, which] = [random(), random()];
    const key = KEYS[number % KEYS.length] as string;
    const fresh = which % 40 === 0;
    if (number % 3 === 0 || busy.has(key)) return service.read(which, fresh, key);
    // A key has one writer, which waits for its answers.
    busy.add(key);
    return service.write(which, fresh, key, number % 5 === 0);
  });
  await Promise.all([...requests, service.drain(), service.verify(), service.control(random() % 9)]);
}

async function walk(service: Service, wanted: Phase, random: () => number): Promise<void> {
  service.flags = ROUTES[wanted].flags;
  for (let turn = 0; service.visited.at(-1) !== wanted; turn++) {
    assert.ok(turn < MOST, `it stays in ${service.visited.at(-1)}`);
    await moment(service, random);
  }
  for (let turn = 0; turn < 30; turn++) await moment(service, random);
}

/** So that each key is ahead at some time, and is in the phase of the others again. */
const RAMP = [30, 70, 100].map((percent) => ({ percent, minutes: 1 }));

/** There and back again. */
const journey = (patient: boolean, ramp: RampSteps = []) =>
  fc.asyncProperty(fc.infiniteStream(fc.nat()), async (stream) => {
    const service = new Service(ROUTERS, patient);
    service.ramp = ramp;
    const random = () => stream.next().value as number;
    for (let turn = 0; turn < 20; turn++) await moment(service, random);
    await walk(service, 'contract', random);
    // Nobody writes these again, so no receipt gives them back to Couchbase.
    for (const key of COLD) await service.write(0, true, key, false);
    await walk(service, 'legacy', random);
    assert.deepEqual(service.visited, [...PHASES, ...[...PHASES].reverse().slice(1)]);
    assert.equal(service.failed, 0);
    // Before seal, and before switch.
    assert.ok(service.shares >= (ramp.length > 0 ? 4 : 0));
    assert.ok(service.requests > 500);
    for (const key of [...KEYS, ...COLD]) await service.read(0, true, key);
  });

test('there and back under live traffic, with controllers that die', () =>
  fc.assert(journey(true), { numRuns: 6 }));

test('there and back by a ramp, in which neighbours are in two phases for minutes', () =>
  fc.assert(journey(true, RAMP), { numRuns: 2 }));

test('a controller that waits for nobody is caught: reads go back in time', async () => {
  // The first journey of this seed is one that it breaks. If a change of the code makes that another journey, one in twelve is still.
  const search = { seed: 2, numRuns: 200, endOnFailure: true };
  const { failed, errorInstance } = await fc.check(journey(false), search);
  assert.equal(failed, true);
  assert.match(String(errorInstance), /was read after|is gone after/);
});

test('who changes their mind half-way is turned around, from any phase, and back again', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.infiniteStream(fc.nat()),
      fc.array(fc.constantFrom<Phase>('legacy', 'expand', 'settle', 'contract'), {
        minLength: 3,
        maxLength: 6,
      }),
      async (stream, wishes) => {
        const service = new Service(ROUTERS, true);
        const random = () => stream.next().value as number;
        service.ramp = random() % 2 === 0 ? RAMP : [];
        for (const wish of wishes) {
          service.flags = ROUTES[wish].flags;
          const patience = random() % 120;
          for (let turn = 0; turn < patience; turn++) await moment(service, random);
        }
        await walk(service, 'legacy', random);
        assert.equal(service.failed, 0);
        for (const [n, phase] of service.visited.entries())
          assert.ok(
            n === 0 ||
              Math.abs(PHASES.indexOf(phase) - PHASES.indexOf(service.visited[n - 1] as Phase)) === 1,
          );
      },
    ),
    { numRuns: 8 },
  );
});
