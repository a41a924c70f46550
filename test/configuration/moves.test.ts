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
