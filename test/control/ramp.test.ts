/** A collection whose keys go into `seal`, and into `switch`, a share after the other, and back. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { itinerary, wayBack } from '../../functions/control/itinerary.ts';
import { withMark, withoutMark } from '../../functions/phases/forced_mark.ts';
import { NO_HOLDING } from '../../functions/phases/hold.ts';
import { phaseOfKey } from '../../functions/phases/ramp.ts';
import { REQUEST } from './desk.ts';
import { collection, compared, evidence } from './given.ts';
import { MINUTE, RampDesk, ramped, SETTLED, STEPS } from './ramp_desk.ts';

test('shares go into switch one after the other, each a bake and its minutes after the one before, on the evidence of one stay in seal', async () => {
  const desk = await ramped();
  const { since } = desk.effective;
  assert.equal(since, 0, 'it is still the same stay');
  assert.equal(await desk.after(SETTLED + 5 * MINUTE - 1), 'seal 10');
  assert.equal(await desk.after(1), 'seal 50');
  assert.equal(await desk.after(SETTLED + 7 * MINUTE - 1), 'seal 50');
  assert.equal(await desk.after(1), 'switch 100');
  assert.equal(desk.effective.since, desk.now + REQUEST);
  // The last step has its minutes, too, before a phase from which there is no fast way back.
  assert.equal(await desk.after(SETTLED + 20 * MINUTE - 1), 'switch 100');
  assert.equal(await desk.after(1), 'settle');
});

test('each share waits for the whole gate: a difference that is found meanwhile stops it', async () => {
  const desk = await ramped();
  const clean = compared('seal', 200_000);
  const found = { ...compared('seal', desk.now + 1000, false), mode: 'version' as const };
  desk.evidence.set(
    'orders',
    evidence({ deadLetters: 1, collection: { ...collection(), verifications: [found, clean] } }),
  );
  desk.now += SETTLED + 5 * MINUTE;
  assert.deepEqual(await desk.waits(), ['dead letters', 'verification of orders by version']);
  assert.equal(desk.place, 'seal 10');
});

test('a share waits for a commit where the move into switch is held, each by itself', async () => {
  const desk = new RampDesk('seal');
  desk.prove('seal', 0);
  desk.settings = { ...desk.settings, holds: ['switch'] };
  assert.deepEqual(await desk.waits(), ['hold']);
  const commit = { from: 'seal', to: 'switch', by: 'ann', at: 1, why: null, until: null } as const;
  const committed = (version: number) => ({
    ...NO_HOLDING,
    ...{ commit: { ...commit, version, outsideWindow: false, over: 0 }, version: 1 },
  });
  desk.holding = committed(1);
  assert.equal(await desk.after(0), 'seal 10');
  desk.now += SETTLED + 5 * MINUTE;
  assert.deepEqual(await desk.waits(), ['hold']);
  desk.holding = committed(2);
  assert.equal(await desk.after(0), 'seal 50');
});

test('a window has to be open for the first share of the way into seal, and for no other', async () => {
  const desk = new RampDesk('expand');
  desk.prove('expand', 0);
  const window = { opens: '1970-01-01T00:16', zone: 'UTC', minutes: 30 };
  desk.settings = { ...desk.settings, windows: [window] };
  assert.equal(await desk.after(0), 'expand 10');
  desk.settings = { ...desk.settings, windows: [{ ...window, opens: '1970-02-01T00:16' }] };
  assert.equal(await desk.after(SETTLED + 5 * MINUTE), 'expand 50');
  assert.equal(await desk.after(SETTLED + 7 * MINUTE), 'seal 100');
  // From seal on the shares begin anew.
  desk.prove('seal');
  assert.equal(await desk.after(SETTLED + 20 * MINUTE), 'seal 10');
  const other = new RampDesk('expand');
  other.prove('expand', 0);
  other.settings = desk.settings;
  assert.deepEqual(await other.waits(), ['window']);
});

for (const [from, back] of [
  ['seal', 'expand'],
  ['expand', 'expand'],
  ['expand', 'legacy'],
] as const)
  test(`a share in front of ${from} goes back after its bake, without a store, before anything else on the way to ${back}`, async () => {
    const desk = new RampDesk(from);
    desk.prove(from, 0);
    assert.equal(await desk.after(0), `${from} 10`);
    desk.wishes.set('orders', back);
    desk.evidence.set('orders', { missing: 'Oracle is away' });
    desk.gathered.length = 0;
    assert.equal(await desk.after(SETTLED - 1), `${from} 10`);
    assert.deepEqual(await desk.waits(), ['bake']);
    await assert.rejects(
      desk.control.force('orders', 'ann', 'now', async () => {}),
      /goes back by itself|bake/,
    );
    assert.equal(await desk.after(1), `${from} 0`);
    assert.deepEqual(desk.gathered, []);
    assert.match(desk.register('orders').claims.get(2)?.text ?? '', new RegExp(`"to":"${from}","share":0`));
    // From its bake on, nobody acts a phase ahead.
    await desk.after(SETTLED - 1);
    assert.equal(desk.place, `${from} 0`);
    await desk.after(1);
    assert.equal(desk.place, back === from ? `${from} 0` : from === 'seal' ? 'expand' : 'legacy');
  });

test('a share that was set back goes forward again on the same evidence, from the first step on', async () => {
  const desk = await ramped();
  desk.wishes.set('orders', 'expand');
  assert.equal(await desk.after(SETTLED), 'seal 0');
  desk.wishes.set('orders', 'settle');
  assert.equal(await desk.after(SETTLED), 'seal 10');
});

test('all keys come back from switch after a bake, as long as the ramp has led there and nothing was forced', async () => {
  const desk = await ramped();
  await desk.after(SETTLED + 5 * MINUTE);
  assert.equal(await desk.after(SETTLED + 7 * MINUTE), 'switch 100');
  desk.wishes.set('orders', 'expand');
  desk.evidence.set('orders', { missing: 'Oracle is away' });
  assert.equal(await desk.after(SETTLED - 1), 'switch 100');
  assert.equal(await desk.after(1), 'seal');
  assert.equal(await desk.after(SETTLED), 'expand');
  // Whoever has been in settle since has keys that Oracle orders.
  const other = new RampDesk('switch');
  other.wishes.set('orders', 'expand');
  other.evidence.set('orders', evidence());
  assert.deepEqual(await other.waits(), ['copy-back of orders', 'verification of orders by version']);
  const { register } = other;
  register.call(other, 'orders').value = JSON.stringify({
    ...{ phase: 'switch', since: 0 },
    by: withMark('x', [{ from: 'seal', to: 'switch', at: 1, claim: 1 }], { percent: 100, stay: 1 }),
  });
  assert.deepEqual(await other.waits(), ['copy-back of orders', 'verification of orders by version']);
});

test('a forced move takes all keys at once, and leaves no mark of a ramp', async () => {
  const desk = await ramped();
  desk.now += SETTLED;
  desk.evidence.set('orders', { missing: 'Oracle is away' });
  const made = await desk.control.force('orders', 'ann', 'for a test', async () => {});
  assert.deepEqual([made.from, made.to, desk.place], ['seal', 'switch', 'switch']);
  assert.equal(desk.effective.forced?.length, 1);
});

test('steps that are configured anew are gone on with from the share that there is', async () => {
  const desk = await ramped();
  desk.settings = {
    ...desk.settings,
    ramp: [
      { percent: 40, minutes: 1 },
      { percent: 100, minutes: 1 },
    ],
  };
  assert.equal(await desk.after(SETTLED + MINUTE), 'seal 40');
  desk.settings = { ...desk.settings, ramp: [] };
  assert.equal(await desk.after(SETTLED), 'switch');
});

test('a ramp of one step takes all keys at once, and keeps the fast way back for its minutes', async () => {
  const desk = new RampDesk('seal', [{ percent: 100, minutes: 20 }]);
  desk.prove('seal', 0);
  assert.equal(await desk.after(0), 'switch 100');
  assert.equal(await desk.after(SETTLED + 20 * MINUTE - 1), 'switch 100');
  desk.wishes.set('orders', 'expand');
  desk.evidence.set('orders', { missing: 'Oracle is away' });
  assert.equal(await desk.after(1), 'seal');
});

test('a share is entered in the audit log, claimed with its share, and told apart from a move of all keys', async () => {
  const desk = new RampDesk('seal');
  desk.prove('seal', 0);
  const [{ moved } = assert.fail()] = await desk.step();
  assert.deepEqual(
    [moved?.from, moved?.to, moved?.share, withoutMark(moved?.by ?? '')],
    ['seal', 'seal', 10, 'controller'],
  );
  await desk.control.audited('orders', moved ?? assert.fail(), 'controller', desk.ports);
  assert.match(
    desk.audit?.[0] ?? '',
    /^controller: orders: phase seal, with 10 % of the keys in switch: bake: it is over/,
  );
  assert.deepEqual(
    ['foo', 'bar', 'qux'].map((key) => phaseOfKey({ phase: 'seal', ramp: { percent: 15 } }, key)),
    ['seal', 'seal', 'switch'],
  );
});

test('the plan names the shares, and how fast the way back is', () => {
  const legs = itinerary(
    'orders',
    'expand',
    'settle',
    [],
    {},
    {
      ...{ holds: [], windows: [], ramp: STEPS, holding: NO_HOLDING },
    },
  );
  assert.deepEqual(
    legs.map(({ awaits }) => awaits.includes('ramp')),
    [true, true, false],
  );
  assert.deepEqual(wayBack('orders', 'switch', true), { to: 'seal', awaits: [] });
  assert.notDeepEqual(wayBack('orders', 'switch').awaits, []);
});
