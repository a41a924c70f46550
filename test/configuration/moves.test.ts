import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseConfiguration, problemsOf } from '../../functions/configuration/configuration.ts';
import { moveSettings } from '../../functions/configuration/moves.ts';
import { collection, good } from './good.ts';
import './load_proof.ts';

test('moves wait for nobody unless it is said; what a collection does not say is that of all', () => {
  const settingsOf = (all?: unknown, own?: unknown) => {
    const collections = { orders: { ...collection, ...(own === undefined ? {} : { moves: own }) } };
    const { moves, collections: parsed } = parseConfiguration({ ...good, collections, moves: all }, 'here');
    return moveSettings(moves, parsed.orders?.moves);
  };
  const window = { opens: '0 2 * * SAT', zone: 'Europe/Berlin', minutes: 240 };
  assert.deepEqual(settingsOf(), { holds: [], windows: [], ramp: [] });
  assert.deepEqual(settingsOf({ hold: true, windows: [window] }), {
    ...{ holds: ['seal', 'switch'], ramp: [] },
    windows: [window],
  });
  assert.deepEqual(settingsOf({ hold: true, windows: [window] }, { hold: ['seal'] }), {
    ...{ holds: ['seal'], ramp: [] },
    windows: [window],
  });
  assert.deepEqual(settingsOf({ hold: true, windows: [window] }, { hold: false, windows: [] }), {
    ...{ holds: [], ramp: [] },
    windows: [],
  });
  const wrong = (moves: unknown) => problemsOf({ ...good, moves }).join();
  assert.match(
    wrong({ hold: 'yes' }),
    /^moves\.hold: it must be true, false, or a list of 'seal' and 'switch'/,
  );
  assert.match(wrong({ hold: ['expand'] }), /^moves\.hold/);
  assert.match(
    wrong({ windows: [{ ...window, minutes: 0 }] }),
    /moves\.windows\.0\.minutes: it must be 1 or more/,
  );
  assert.match(
    wrong({ windows: [{ opens: '0 2 * * SAT', minutes: 1 }] }),
    /moves\.windows\.0\.zone: it is missing/,
  );
});

test('the steps of a ramp rise up to all keys, and a collection may have its own, or none', () => {
  const ramp = [1, 10, 100].map((percent) => ({ percent, minutes: 30 }));
  const settingsOf = (own?: unknown) => {
    const collections = { orders: { ...collection, ...(own === undefined ? {} : { moves: own }) } };
    const { moves, collections: parsed } = parseConfiguration(
      { ...good, collections, moves: { ramp } },
      'here',
    );
    return moveSettings(moves, parsed.orders?.moves).ramp;
  };
  assert.deepEqual([settingsOf(), settingsOf({ ramp: [] }), settingsOf({ hold: true })], [ramp, [], ramp]);
  const step = (percent: number, minutes = 30) => ({ percent, minutes });
  for (const [given, problem] of [
    [[step(1), step(101)], /^moves\.ramp\.1\.percent: it must be 100 or less/],
    [[step(0), step(100)], /^moves\.ramp\.0\.percent: it must be 1 or more/],
    [[step(10), step(10), step(100)], /^moves\.ramp: RAMP_FALLS: each step must be of a greater share/],
    [[step(1), step(50)], /^moves\.ramp: RAMP_ENDS_EARLY: the last step must be of 100 percent/],
    [[step(100, 0)], /^moves\.ramp\.0\.minutes: it must be 1 or more/],
    [[step(0.5), step(100)], /^moves\.ramp\.0\.percent: it must be a whole number/],
    [[1, 10, 100], /^moves\.ramp\.0/],
    ['1 %', /^moves\.ramp/],
  ] as const)
    assert.match(problemsOf({ ...good, moves: { ramp: given } }).join(), problem, JSON.stringify(given));
});

test('nobody watches unless it is said, and bounds that say nothing are refused', () => {
  const { guard } = parseConfiguration({ ...good, guard: {} }, 'here');
  assert.deepEqual(guard, { minutes: 10, failed: 0.01, slower: 2, floor: 100, requests: 200 });
  const { guard: _, ...others } = good;
  assert.equal(parseConfiguration(others, 'here').guard, null);
  for (const [given, problem] of [
    [{ minutes: 0 }, /^guard\.minutes: it must be 1 or more/],
    [{ minutes: 2000 }, /^guard\.minutes: it must be 1440 or less/],
    [{ failed: 0 }, /^guard\.failed: it must be 0\.0001 or more/],
    [{ failed: 2 }, /^guard\.failed: it must be 1 or less/],
    [{ failed: '1 %' }, /^guard\.failed: it must be a number/],
    [{ slower: 1 }, /^guard\.slower: it must be 1\.1 or more/],
    [{ floor: 0 }, /^guard\.floor/],
    [{ requests: 5 }, /^guard\.requests: it must be 10 or more/],
    [{ minuets: 5 }, /^guard\.minuets/],
    [true, /^guard/],
  ] as const)
    assert.match(problemsOf({ ...good, guard: given }).join(), problem, JSON.stringify(given));
});
