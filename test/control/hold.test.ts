/** Moves that wait for a commit or a window: which of them do, what lets them through, and what is never held. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Condition } from '../../functions/control/condition.ts';
import { isReady } from '../../functions/control/hold.ts';
import { itinerary } from '../../functions/control/itinerary.ts';
import { type Commit, HOLDABLE, type Hold, readHolding } from '../../functions/phases/hold.ts';
import type { Phase } from '../../functions/protocol/phase.ts';
import { BAKE, Desk, HOUR, REQUEST } from './desk.ts';
import { evidence } from './given.ts';

const HOLD: Hold = { before: [...HOLDABLE], by: 'ann', at: 5000, why: 'not yet' };
const COMMIT: Commit = {
  ...({ from: 'expand', to: 'seal', version: 1, by: 'ben', at: 6000, why: null } as const),
  ...{ until: null, outsideWindow: false, over: 1 },
};

/** On its way from one phase to another, with all that the move needs. */
function desk(from: Phase, wanted: Phase): Desk {
  const made = new Desk({ orders: from });
  made.wishes.set('orders', wanted);
  return made;
}

async function stepOf(made: Desk) {
  const [{ decision, moved, start } = assert.fail()] = await made.step();
  const conditions: readonly Condition[] = 'conditions' in decision ? decision.conditions : [];
  return { conditions, moved: moved?.to ?? null, start, ready: isReady(conditions) };
}

const named = (conditions: readonly Condition[], kind: Condition['kind']) =>
  conditions.find((each) => each.kind === kind) ?? assert.fail(`no ${kind}`);

for (const [from, to] of [
  ['expand', 'seal'],
  ['seal', 'switch'],
] as const)
  test(`the move into ${to} waits while it is held, says who holds it and why, and goes through once it is committed`, async () => {
    const made = desk(from, 'settle');
    made.holding = { hold: HOLD, commit: null, version: 1 };
    const held = await stepOf(made);
    assert.deepEqual([held.moved, held.ready, made.acts], [null, true, []]);
    const { measured, command } = named(held.conditions, 'hold');
    assert.equal(measured, 'held by ann since 1970-01-01T00:00:05.000Z, because not yet');
    assert.equal(command, 'npx crossfade commit orders');
    made.holding = { hold: HOLD, commit: { ...COMMIT, from, to }, version: 2 };
    assert.equal((await stepOf(made)).moved, to);
    // The claim says who has let it through.
    assert.match((await made.register('orders').claimed(1))?.text ?? '', /hold: committed by ben/);
  });

test('a commit lets one move through, and no other: the next one waits again, and so does the same one after it was gone back', async () => {
  const made = desk('expand', 'settle');
  made.holding = { hold: HOLD, commit: COMMIT, version: 2 };
  assert.equal((await stepOf(made)).moved, 'seal');
  made.now += HOUR;
  const next = await stepOf(made);
  assert.equal(next.moved, null);
  assert.match(named(next.conditions, 'hold').measured, /has committed was the move from expand to seal/);
  made.wishes.set('orders', 'expand');
  assert.equal((await stepOf(made)).moved, 'expand');
  made.now += HOUR;
  made.wishes.set('orders', 'settle');
  const again = await stepOf(made);
  assert.match(
    named(again.conditions, 'hold').measured,
    /as version 1 of the phase was, and this is another one/,
  );
});

test('a commit with an end counts until then', async () => {
  const made = desk('expand', 'settle');
  made.holding = { hold: HOLD, commit: { ...COMMIT, until: made.now }, version: 2 };
  made.now += 1;
  const late = await stepOf(made);
  assert.match(named(late.conditions, 'hold').measured, /what ben has committed was to be made until/);
  made.now -= 1;
  assert.equal((await stepOf(made)).moved, 'seal');
});

test('what the configuration holds waits too; an operator may hold one of both moves alone', async () => {
  const made = desk('expand', 'settle');
  made.settings = { holds: ['seal'], windows: [] };
  const held = await stepOf(made);
  assert.equal(named(held.conditions, 'hold').measured, 'held by the configuration (moves.hold)');
  made.settings = { holds: [], windows: [] };
  made.holding = { hold: { ...HOLD, before: ['switch'], why: null }, commit: null, version: 1 };
  assert.equal((await stepOf(made)).moved, 'seal');
});

test('moves back, those that are forced, and the move out of switch are never held, not by what nobody can read either', async () => {
  const unreadable = readHolding({ value: 'nonsense', version: 1 }, '/x/hold');
  for (const holding of [{ hold: HOLD, commit: null, version: 1 }, unreadable])
    for (const [from, wanted, to] of [
      ['expand', 'legacy', 'legacy'],
      ['seal', 'expand', 'expand'],
      ['switch', 'expand', 'seal'],
      ['settle', 'expand', 'switch'],
      ['switch', 'settle', 'settle'],
      ['settle', 'contract', 'contract'],
      ['legacy', 'settle', 'expand'],
    ] as const) {
      const made = desk(from, wanted);
      const settings = {
        holds: [...HOLDABLE],
        windows: [{ opens: '2000-01-01T00:00', zone: 'UTC', minutes: 1 }],
      };
      Object.assign(made, { holding, settings });
      assert.equal((await stepOf(made)).moved, to, `${from} to ${to}`);
    }
  const forced = desk('expand', 'settle');
  forced.holding = unreadable;
  assert.equal((await forced.control.force('orders', 'me', 'an emergency', async () => {})).to, 'seal');
});

test('a hold that says nothing that can be understood holds, and says how it is mended', async () => {
  for (const value of [
    'nonsense',
    '{}',
    '{"hold":null,"commit":null,"more":1}',
    '{"hold":{"before":[]},"commit":null}',
  ]) {
    const made = desk('expand', 'settle');
    made.holding = readHolding({ value, version: 1 }, '/x/hold');
    const held = await stepOf(made);
    assert.equal(held.moved, null);
    assert.match(
      named(held.conditions, 'hold').measured,
      /^HOLD_UNREADABLE: \/x\/hold holds .*hold --release ends it$/,
    );
  }
  assert.deepEqual(readHolding({ value: 'inherit', version: 3 }, '/x'), {
    hold: null,
    commit: null,
    version: 3,
  });
});

test('what a held move needs is gathered as before, and it is not ready before all of it is there', async () => {
  const made = desk('seal', 'settle');
  made.holding = { hold: HOLD, commit: null, version: 1 };
  made.evidence.set('orders', evidence());
  const { start, ready } = await stepOf(made);
  assert.deepEqual([start.map(({ job }) => job), ready], [['verify'], false]);
  // In its bake nothing is gathered, and it is not ready either.
  made.now = BAKE - 1;
  assert.equal((await stepOf(made)).ready, false);
});

const DAY = 86_400_000;
/** Opens each day at 2 o'clock UTC, for an hour. */
const DAILY = { opens: '0 2 * * *', zone: 'UTC', minutes: 60 };
const PASSAGE = 3 * (BAKE + REQUEST);

test('the way through seal and switch begins in a window, while all of it fits, and goes on outside of it', async () => {
  const at = async (from: Phase, now: number, committed = false) => {
    const made = desk(from, 'settle');
    made.settings = { holds: [], windows: [DAILY] };
    if (committed) made.holding = { hold: null, commit: { ...COMMIT, outsideWindow: true }, version: 2 };
    made.now = now;
    return stepOf(made);
  };
  const open = 20 * DAY + 2 * HOUR;
  const closed = await at('expand', open - 1);
  assert.deepEqual([closed.moved, closed.ready], [null, true]);
  assert.equal(
    named(closed.conditions, 'window').measured,
    'it is closed; it opens at 1970-01-21 02:00 UTC (1970-01-21T02:00:00.000Z)',
  );
  assert.equal((await at('expand', open)).moved, 'seal');
  assert.equal((await at('expand', open + HOUR - PASSAGE)).moved, 'seal');
  const late = await at('expand', open + HOUR - PASSAGE + 1);
  assert.equal(late.moved, null);
  assert.match(
    named(late.conditions, 'window').measured,
    /^it closes at 1970-01-21 03:00 UTC .*, and the way through seal and switch takes 210 s at the least; it opens at 1970-01-22 02:00/,
  );
  // Each write needs both stores there: to stand still for a day is worse than to go on.
  assert.equal((await at('seal', open + 3 * HOUR)).moved, 'switch');
  assert.equal((await at('expand', open + 3 * HOUR, true)).moved, 'seal', 'committed outside of the window');
});

test('a window that the functions cannot read holds the move alone: it is told why, and can be let through without one', async () => {
  const made = desk('expand', 'settle');
  made.settings = { holds: [], windows: [{ ...DAILY, zone: 'Mars/Base' }] };
  const waiting = await stepOf(made);
  assert.deepEqual([waiting.moved, waiting.ready], [null, true]);
  const { measured, command } = named(waiting.conditions, 'window');
  assert.match(measured, /^WINDOW_UNREADABLE: .*Mars\/Base.*change moves\.windows of the configuration$/);
  assert.equal(command, 'npx crossfade commit orders --outside-window');
  made.holding = { hold: null, commit: { ...COMMIT, outsideWindow: true }, version: 2 };
  assert.equal((await stepOf(made)).moved, 'seal');
});

test('a commit must be for the next move, and that one must wait for it', async () => {
  const committable = (made: Desk, outside = false) => made.control.committable('orders', outside);
  const refused = (code: string) => ({
    name: 'MoveRefused',
    message: new RegExp(`^${code}: .*Nothing was done`),
  });
  await assert.rejects(committable(desk('expand', 'expand')), refused('NOTHING_TO_COMMIT'));
  await assert.rejects(committable(desk('expand', 'settle')), refused('NOT_HELD'));
  await assert.rejects(committable(desk('expand', 'settle'), true), refused('NO_WINDOW'));
  const windowed = desk('expand', 'settle');
  windowed.settings = { holds: [], windows: [DAILY] };
  await assert.rejects(committable(windowed), /^MoveRefused: NOT_HELD: .*--outside-window lets it through/);
  const planned = { from: 'expand', to: 'seal', version: 1 };
  assert.deepEqual(await committable(windowed, true), { ...planned, holding: windowed.holding });
  const held = desk('expand', 'settle');
  held.holding = { hold: HOLD, commit: null, version: 9 };
  assert.deepEqual(await committable(held), { ...planned, holding: held.holding });
  held.wishes.set('orders', 'legacy');
  await assert.rejects(committable(held), refused('NOT_HELD'));
});

test('a plan says of later moves that they are held, and how they are committed', () => {
  const moves = {
    holds: ['switch' as const],
    windows: [DAILY],
    holding: { hold: null, commit: null, version: 0 },
  };
  const legs = itinerary('orders', 'legacy', 'settle', [], undefined, moves);
  const waits = legs.map(({ awaits }) => awaits.filter((name) => ['hold', 'window'].includes(name)));
  assert.deepEqual(waits, [[], ['window'], ['hold'], []]);
  assert.ok(legs[2]?.commands.includes('npx crossfade commit orders'));
});
