/** Windows that say nothing, never open or never close are refused when the stack is synthesized. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { windowProblems } from '../../infra/move_settings.ts';
import { checkSettings, type Settings } from '../../infra/settings.ts';
import config from '../shop.config.ts';

const NOW = Date.parse('2026-11-28T12:00:00Z');
const GOOD = { opens: '0 2 * * SAT', zone: 'Europe/Berlin', minutes: 240 };
const timing = { lease: 30_000, refresh: 5000, request: 20_000, call: 3000, backfill: 300_000 };

const problems = (window: object, of: object = timing) =>
  windowProblems({ timing: of, collections: {}, moves: { windows: [{ ...GOOD, ...window }] } }, NOW);

test('windows that open and close are taken, by cron and once', () => {
  for (const window of [
    {},
    { opens: '*/30 * * * *', minutes: 29 },
    { opens: '0 2 1 * *', minutes: 10_080 },
    { opens: '0 2 * * 6#1' },
    { opens: '0 2 L * *', zone: 'UTC' },
    { opens: '2026-12-05T02:00', zone: 'America/New_York' },
    // A day, also on that which has an hour less.
    { opens: '0 2 * * *', minutes: 1440 },
    { opens: '0 0 29 2 *' },
  ])
    assert.deepEqual(problems(window), [], JSON.stringify(window));
});

test('what never opens, never closes or says nothing is refused, with the place', () => {
  for (const [window, message] of [
    [{ zone: 'Europe/Nowhere' }, /^moves\.windows\.0\.zone: there is no such time zone/],
    [{ zone: '+02:00' }, /^moves\.windows\.0\.zone: /],
    [{ opens: 'each Saturday' }, /^moves\.windows\.0\.opens: it must be five fields of cron/],
    [{ opens: '0 0 2 * * SAT' }, /^moves\.windows\.0\.opens: it must be five fields of cron/],
    [{ opens: '0 25 * * *' }, /^moves\.windows\.0\.opens: WINDOW_UNREADABLE/],
    [{ opens: '0 2 30 2 *' }, /^moves\.windows\.0\.opens: NEVER_OPEN/],
    [{ opens: '2026-11-28T12:00', zone: 'UTC' }, /^moves\.windows\.0\.opens: NEVER_OPEN/],
    [{ opens: '2026-13-05T02:00' }, /^moves\.windows\.0\.opens: (NEVER_OPEN|WINDOW_UNREADABLE)/],
    [
      { opens: '0 2 * * MON,TUE', minutes: 1501 },
      /^moves\.windows\.0\.minutes: NEVER_CLOSED: .* 1440 minutes/,
    ],
    [{ opens: '* * * * *', minutes: 62 }, /^moves\.windows\.0\.minutes: NEVER_CLOSED/],
    // An hour more is for days alone.
    [{ opens: '0 * * * *', minutes: 61 }, /^moves\.windows\.0\.minutes: NEVER_CLOSED: .* 60 minutes/],
    // Who writes this means three hours from two o'clock on.
    [{ opens: '* 2-4 * * *', minutes: 60 }, /NEVER_CLOSED: it opens again after 1 minutes, .*less often$/],
    [{ minutes: 3 }, /^moves\.windows\.0\.minutes: WINDOW_TOO_SHORT: seal and switch take 4 minutes/],
  ] as const) {
    const [problem = 'nothing', ...others] = problems(window);
    assert.match(problem, message, JSON.stringify(window));
    assert.deepEqual(others, []);
  }
});

test('the windows of a collection are looked at too, and a configuration that is wrong elsewhere is told of that alone', () => {
  const wrong = { ...GOOD, zone: 'Mars/Base' };
  const collections = { orders: { moves: { windows: [GOOD, wrong] } }, carts: {} };
  assert.match(
    windowProblems({ timing, collections }, NOW).join(),
    /^collections\.orders\.moves\.windows\.1\.zone/,
  );
  for (const nonsense of [undefined, null, 1, { moves: 1, collections: [], timing: null }])
    assert.deepEqual(windowProblems(nonsense, NOW), []);
  const settings = { ...config, moves: { windows: [wrong] } } as Settings;
  assert.throws(() => checkSettings(settings, 'here', {}, NOW), /here: moves\.windows\.0\.zone/);
});
