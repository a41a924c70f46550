/** `forecast`: what is computed of a size and a pace, and what is refused. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { waitsFrom } from '../../infra/console/forecast/command.ts';
import { lasting, outlookLines, sessionsOf } from '../../infra/console/forecast/lines.ts';
import { type Facts, outlookOf } from '../../infra/console/forecast/outlook.ts';
import { run } from '../../infra/console/program.ts';

import { checkSettings } from '../../infra/settings.ts';
import settings from '../shop.config.ts';

const FACTS: Facts = {
  ...{ documents: 40_000_000, bytes: 32_000_000_000, pace: 500, bake: 50_000, request: 20_000 },
  ...{ workers: { copy: 8, verify: 4 }, reads: 0, writes: 0, days: 14 },
  ...{ ramp: 0, guard: 0, lists: false, shares: [] },
};

test('the way through seal and switch takes one verification, two moves and a bake more: the move into settle is free', () => {
  const { seconds } = outlookOf(FACTS);
  assert.equal(seconds.bothNeeded, 80_000 + 2 * 70 + 50);
  assert.equal(seconds.toOracle, 3 * 80_000 + 3 * 70 + 50);
  assert.equal(seconds.all, 4 * 80_000 + 4 * 70 + 50 + 14 * 86_400);
});

test('a pace that is twice as fast halves what runs take, and what their workers cost', () => {
  const [slow, fast] = [outlookOf(FACTS), outlookOf({ ...FACTS, pace: 1000 })];
  const runs = (outlook: typeof slow) =>
    outlook.stages.filter(({ what }) => what !== 'wait' && what !== 'stay').map(({ seconds }) => seconds);
  assert.deepEqual(runs(fast), Array(4).fill(40_000));
  assert.ok(Math.abs(slow.dollars.runs / fast.dollars.runs - 2) < 1e-9);
  assert.deepEqual(slow.bytes, fast.bytes);
});

test('a collection without documents takes moves alone', () => {
  const { seconds, bytes, dollars } = outlookOf({ ...FACTS, documents: 0, bytes: 0, days: 0 });
  assert.equal(seconds.all, 4 * 70 + 50);
  assert.deepEqual([bytes.table, bytes.redoOfBackfill, bytes.redoOfDay, dollars.runs], [0, 0, 0, 0]);
});

test('a move that waits for its load or for the guard takes the minutes that the runs of the phase have left', () => {
  const quick = { ...FACTS, documents: 0, bytes: 0, days: 0 };
  const told = (facts: Facts) =>
    outlookOf(facts).stages.flatMap(({ phase, what, seconds }) =>
      what === 'load proof' || what === 'guard' ? [`${phase} ${what} ${seconds}`] : [],
    );
  // The ramp begins with the phase, and the guard's minutes after its bake. In `seal` receipts take a bake more.
  assert.deepEqual(told({ ...quick, ramp: 60 }), ['expand load proof 3550']);
  const watched = ['expand guard 600', 'seal guard 550', 'switch guard 600', 'settle guard 600'];
  assert.deepEqual(told({ ...quick, guard: 10 }), watched);
  assert.deepEqual(told({ ...quick, ramp: 60, guard: 10 }), ['expand load proof 3550', ...watched.slice(1)]);
  assert.deepEqual(told({ ...FACTS, ramp: 60, guard: 10 }), ['switch guard 600']);
  const { seconds } = outlookOf({ ...quick, guard: 10 });
  assert.equal(seconds.bothNeeded, 2 * 70 + 50 + 550 + 600);
  const lines = outlookLines(quick, outlookOf({ ...quick, ramp: 60, guard: 10 }), { most: 1, left: 1 });
  assert.match(lines.join('\n'), /expand {3}until its load is proven {3}60 min\n {2}seal/);
});

test('shares of the keys take their minutes and a move each, before seal and before switch, and the last one its minutes in both', () => {
  const shares = [1, 10, 100].map((percent) => ({ percent, minutes: 20 }));
  const told = (facts: Facts) =>
    outlookOf(facts).stages.flatMap(({ phase, what, seconds }) =>
      what === 'ramp' ? [[phase, seconds]] : [],
    );
  // In `seal` receipts take a bake of the minutes.
  const quick = { ...FACTS, documents: 0, bytes: 0, days: 0, shares };
  const before = 2 * (70 + 1200);
  assert.deepEqual(told(quick), [
    ['expand', before],
    ['seal', before + 1150],
    ['switch', 1200],
  ]);
  assert.deepEqual(told({ ...FACTS, shares, guard: 30 }), [
    ['expand', 2 * (70 + 1800)],
    ['seal', 2 * (70 + 1800)],
  ]);
  const ramp = [{ percent: 100, minutes: 5 }];
  const given = checkSettings({ ...settings, moves: { ramp } }, 'test');
  assert.deepEqual(waitsFrom(given, 'orders').shares, ramp);
});

test('the minutes are those of the settings of the collection', () => {
  const limits = { reads: { p99: 25 } };
  const given = (more: object, own: object = {}) => {
    const { orders, ...others } = settings.collections;
    const collections = { ...others, orders: { ...orders, ...own } };
    const deployment = { ...settings.deployment, oracleSessions: 200 };
    return checkSettings({ ...settings, ...more, collections, deployment }, 'test');
  };
  assert.deepEqual(waitsFrom(given({}), 'orders'), { ramp: 0, guard: 0, shares: [] });
  const all = { loadProof: { limits }, guard: { minutes: 7 } };
  assert.deepEqual(waitsFrom(given(all), 'orders'), { ramp: 60, guard: 7, shares: [] });
  assert.deepEqual(waitsFrom(given(all), undefined), { ramp: 60, guard: 7, shares: [] });
  assert.deepEqual(waitsFrom(given(all, { loadProof: null }), 'orders'), { ramp: 0, guard: 7, shares: [] });
  // What has no limits is measured, and no move waits for it.
  assert.deepEqual(waitsFrom(given({ loadProof: {} }), 'orders'), { ramp: 0, guard: 0, shares: [] });
});

test('what apps ask for costs as long as the way lasts', () => {
  const { dollars, seconds, bytes } = outlookOf({ ...FACTS, reads: 100, writes: 10 });
  assert.ok(Math.abs(dollars.apps - seconds.all * (100 * 1.21e-6 + 10 * 1.75e-6)) < 1e-6);
  assert.equal(bytes.redoOfDay, 10 * 86_400 * (2 * 800 + 600));
});

test('it is told phase by phase, with sessions of the settings', () => {
  const sessions = sessionsOf(checkSettings(settings, 'test'));
  assert.deepEqual(sessions, { most: 100, left: 100 });
  const lines = outlookLines(FACTS, outlookOf(FACTS), sessions).join('\n');
  assert.match(lines, /^40000000 documents of 800 bytes on average, at a pace of 500 a second/);
  assert.match(lines, /seal {5}verification by version {4}22\.2 h/);
  assert.match(
    lines,
    /for 22\.3 h together, each write needs both stores; 5\.6 h at a pace of 2000; 87 min at a pace of 8000; 70 min with an index/,
  );
});

test('with an index of versions the verification of seal takes a twentieth, and nothing else is faster', () => {
  const [each, listed] = [outlookOf(FACTS), outlookOf({ ...FACTS, lists: true })];
  assert.equal(each.seconds.bothNeeded - listed.seconds.bothNeeded, 80_000 - 4000);
  assert.equal(each.seconds.all - listed.seconds.all, 80_000 - 4000);
  const lines = outlookLines(FACTS, listed, { most: 1, left: 1 });
  assert.match(lines.join('\n'), /seal {5}verification by version {4}67 min/);
  assert.doesNotMatch(
    outlookLines({ ...FACTS, lists: true }, listed, { most: 1, left: 1 }).join(),
    /with an index/,
  );
});

/** The rows of the manual's table. */
function calendar(): string[] {
  return [1, 10, 40, 400].flatMap((millions) =>
    [500, 4000, 32_000].map((pace) => {
      const documents = millions * 1e6;
      const facts = { ...FACTS, documents, bytes: documents * 1024, pace, days: 0 };
      const { seconds, dollars, bytes } = outlookOf(facts);
      const listed = outlookOf({ ...facts, lists: true }).seconds.bothNeeded;
      const times = [documents / pace, seconds.toOracle, seconds.bothNeeded, listed, seconds.all].map(
        lasting,
      );
      const cells = [
        `${millions} M`,
        pace,
        ...times,
        Math.ceil(bytes.table / 2 ** 30),
        Math.ceil(dollars.runs),
      ];
      return `| ${cells.join(' | ')} |`;
    }),
  );
}

test('the calendar of the manual is what is computed', () => {
  const manual = readFileSync(new URL('../../infra/README.md', import.meta.url), 'utf8');
  const rows = manual.split('\n').filter((line) => /^\| \d+ M \| \d+ \|/.test(line));
  assert.deepEqual(rows, calendar());
});

test('what does not belong together is refused, and nobody is asked', async () => {
  for (const [given, message] of [
    [[], /Name a collection, or say --documents and --bytes/],
    [['orders', '--documents', '5', '--bytes', '5'], /one of both/],
    [['--documents', '5'], /belong together/],
    [['--documents', '5', '--bytes', '-1'], /It must be a number, 0 or more/],
    [['--documents', '5', '--bytes', '1', '--pace', '0'], /runs that are paused never end/],
  ] as const) {
    let said = '';
    const error = (text: string) => {
      said += text;
    };
    const code = await run(['forecast', ...given], { out: () => {}, error });
    assert.deepEqual([code, message.test(said)], [2, true], said);
  }
});
