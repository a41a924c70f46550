/** A healthy, busy service wakes nobody, and its gates open soon after what they ask for is true. `npm run healthy` goes on for 24 hours. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EMPTY } from '../model/world.ts';
import { wentOff } from './alarms.ts';
import { HealthyService } from './service.ts';
import { walked } from './way.ts';

const BUSY = { seed: 1, rate: 2, scale: 150, phase: 'legacy', days: 30 } as const;
const MINUTE = 60_000;

test('a busy service, the whole way there and back: no false alarm, and no gate is late', async () => {
  const service = new HealthyService(BUSY);
  const way = ['expand', 'settle', 'contract', 'settle', 'expand', 'legacy'] as const;
  const told = await walked(service, way, { rest: 2 * MINUTE });
  assert.deepEqual(told.alarms, [], told.repairs.join('\n'));
  assert.deepEqual(told.late, []);
  const there = ['expand', 'seal', 'switch', 'settle', 'contract'];
  assert.deepEqual(
    told.moves.map(({ to }) => to),
    [...there, 'settle', 'switch', 'seal', 'expand', 'legacy'],
  );
  assert.ok(told.shadowReads > 5 && told.requests > 3000, `${told.shadowReads} of ${told.requests}`);
});

test('reads in a settle that follows contract find Couchbase behind, and wake nobody', async () => {
  const service = new HealthyService({ ...BUSY, phase: 'contract', shadow: 0.2 });
  const told = await walked(service, ['contract', 'settle'], { rest: 4 * MINUTE });
  assert.ok(told.behind > 0);
  assert.deepEqual(told.alarms, [], told.repairs.join('\n'));
});

test('a collection that has rested for weeks is not late at the first look at a new wish', async () => {
  const service = new HealthyService({ ...BUSY, phase: 'settle' });
  const told = await walked(service, ['contract'], { hours: 0.2 });
  assert.equal(service.phase, 'contract');
  assert.ok(service.measured.of('Crossfade MoveWaitingAge').some(({ value }) => value > 86_400));
  assert.deepEqual(told.alarms, []);
});

test('what is wrong goes off: rows that Oracle loses, and receipts that nobody settles', async () => {
  const forgetful = new HealthyService({ ...BUSY, phase: 'expand', days: 1, shadow: 0.2 });
  for (let n = 0; n < 60; n++) {
    await forgetful.pass(MINUTE / 6);
    for (const key of forgetful.stores.keys)
      forgetful.stores.meddle(key, (world) => ({ ...world, row: EMPTY.row }));
  }
  const lost = wentOff(forgetful.measured, forgetful.started, forgetful.timeline.now + 5 * MINUTE);
  assert.deepEqual(new Set(lost.map(({ alarm }) => alarm)), new Set(['WatchShadowReadsDifferent']));
  const unsettled = new HealthyService({ ...BUSY, phase: 'settle', days: 1, rate: 0.2, reconciles: false });
  const { alarms } = await walked(unsettled, ['settle'], { hours: 0.5 });
  assert.deepEqual(new Set(alarms.map(({ alarm }) => alarm)), new Set(['ReceiptsLate']));
});
