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
  assert.deepEqual(settingsOf(), { holds: [], windows: [] });
  assert.deepEqual(settingsOf({ hold: true, windows: [window] }), {
    holds: ['seal', 'switch'],
    windows: [window],
  });
  assert.deepEqual(settingsOf({ hold: true, windows: [window] }, { hold: ['seal'] }), {
    holds: ['seal'],
    windows: [window],
  });
  assert.deepEqual(settingsOf({ hold: true, windows: [window] }, { hold: false, windows: [] }), {
    holds: [],
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
