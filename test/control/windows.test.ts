/** When windows are open: also on the days when clocks are changed. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openingsAt, type Window, zonedTime } from '../../functions/control/windows.ts';

const HOUR = 3_600_000;
const at = (text: string) => Date.parse(text);
const iso = (opening: { readonly from: number; readonly until: number } | null) =>
  opening === null
    ? null
    : [opening.from, opening.until].map((each) => new Date(each).toISOString().slice(0, 16));

const BERLIN: Window = { opens: '30 2 * * *', zone: 'Europe/Berlin', minutes: 120 };

test('it is open from its first moment on, up to and without its last', () => {
  const open = (now: string) => iso(openingsAt([BERLIN], at(now)).open);
  const hours = ['2026-12-05T01:30', '2026-12-05T03:30'];
  assert.equal(open('2026-12-05T01:29:59.999Z'), null);
  assert.deepEqual(open('2026-12-05T01:30:00.000Z'), hours);
  assert.deepEqual(open('2026-12-05T01:30:00.001Z'), hours);
  assert.deepEqual(open('2026-12-05T03:29:59.999Z'), hours);
  assert.equal(open('2026-12-05T03:30:00.000Z'), null);
  assert.deepEqual(iso(openingsAt([BERLIN], at('2026-12-05T01:30:00Z')).next), [
    '2026-12-06T01:30',
    '2026-12-06T03:30',
  ]);
});

test('an hour that does not exist opens it once on that day, and for as long as on any other', () => {
  // On 29 March 2026 clocks in Berlin go from 2 to 3 o'clock.
  const opened = openingsOf(BERLIN, '2026-03-28T12:00Z', '2026-03-30T12:00Z');
  assert.deepEqual(
    opened.map(([from]) => from?.slice(0, 10)),
    ['2026-03-29', '2026-03-30'],
  );
  for (const [from = '', until = ''] of opened) assert.equal(at(`${until}Z`) - at(`${from}Z`), 2 * HOUR);
  // At 3 o'clock, when the hour that is missing is over.
  assert.equal(opened[0]?.[0], '2026-03-29T01:00');
});

test('an hour that comes twice opens it once on that day', () => {
  // On 25 October 2026 clocks in Berlin go from 3 back to 2 o'clock.
  const opened = openingsOf(BERLIN, '2026-10-24T12:00Z', '2026-10-26T12:00Z');
  assert.deepEqual(
    opened.map(([from]) => from?.slice(0, 10)),
    ['2026-10-25', '2026-10-26'],
  );
  assert.equal(opened[0]?.[0], '2026-10-25T00:30', 'the first time');
});

/** All that open between two times. */
function openingsOf(window: Window, from: string, until: string): string[][] {
  const found: string[][] = [];
  for (let now = at(from); ; ) {
    const { next } = openingsAt([window], now);
    if (next === null || next.from >= at(until)) return found;
    found.push(iso(next) ?? []);
    now = next.from;
  }
}

test('of several windows the one counts that is open for the longest, and the next that opens', () => {
  const windows: Window[] = [
    { opens: '0 1 * * SAT', zone: 'UTC', minutes: 240 },
    { opens: '0 2 * * 6', zone: 'UTC', minutes: 60 },
    { opens: '2026-12-07T22:00', zone: 'America/New_York', minutes: 60 },
  ];
  const { open, next } = openingsAt(windows, at('2026-12-05T02:30Z'));
  assert.deepEqual(
    [iso(open), iso(next)],
    [
      ['2026-12-05T01:00', '2026-12-05T05:00'],
      ['2026-12-08T03:00', '2026-12-08T04:00'],
    ],
  );
  assert.equal(openingsAt(windows.slice(2), at('2026-12-08T03:00Z')).next, null, 'it opens once');
  assert.deepEqual(openingsAt([], 0), { open: null, next: null });
});

test('a window that opens again before it has closed is open until the last of its openings closes', () => {
  // Each minute from two to five o'clock, and an hour from each of them: who writes so means from two to six.
  const often: Window = { opens: '* 2-4 * * *', zone: 'UTC', minutes: 60 };
  const open = (window: Window, now: string) => iso(openingsAt([window], at(now)).open);
  assert.equal(open(often, '2026-12-05T01:59:59.999Z'), null);
  assert.deepEqual(open(often, '2026-12-05T02:00Z'), ['2026-12-05T02:00', '2026-12-05T03:00']);
  assert.deepEqual(open(often, '2026-12-05T03:30:30Z'), ['2026-12-05T03:30', '2026-12-05T04:30']);
  assert.deepEqual(open(often, '2026-12-05T05:58:59.999Z'), ['2026-12-05T04:59', '2026-12-05T05:59']);
  assert.equal(open(often, '2026-12-05T05:59Z'), null);
  const hourly: Window = { opens: '0 * * * *', zone: 'Asia/Kolkata', minutes: 120 };
  assert.deepEqual(open(hourly, '2026-12-05T10:25Z'), ['2026-12-05T09:30', '2026-12-05T11:30']);
  const twice: Window = { opens: '0 22,23 * * SAT', zone: 'UTC', minutes: 120 };
  assert.deepEqual(open(twice, '2026-12-05T23:59Z'), ['2026-12-05T23:00', '2026-12-06T01:00']);
});

test('a time is told in the zone of its window and in UTC', () => {
  assert.equal(
    zonedTime(at('2026-12-05T01:00Z'), 'Europe/Berlin'),
    '2026-12-05 02:00 Europe/Berlin (2026-12-05T01:00:00.000Z)',
  );
});
