/** Whether the clients' view counts what it should, tells a phase's own losses apart, and notices what must not be. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PHASES } from '../../functions/protocol/phase.ts';
import { type Asked, Remembering } from './asked.ts';
import { type Row, rowsOf, verdictOf } from './figures.ts';
import { tableLines, verdictLines } from './lines.ts';
import { claimOf, neededIn, type Stretch } from './stretch.ts';

const stretch = (from: number, to: number, more: Partial<Stretch> = {}): Stretch => ({
  ...{ kind: 'calm', name: '', visit: 'expand', claim: 'must', from, to, struck: 0 },
  ...more,
});
const fault = (from: number, to: number, more: Partial<Stretch> = {}) =>
  stretch(from, to, { kind: 'fault', name: 'Oracle is silent', struck: 1, ...more });

/** One request each 100 ms. */
function steady(from: number, to: number, took: number, why: string | null = null): Asked[] {
  return Array.from({ length: (to - from) / 100 }, (_, n) => ({ at: from + n * 100, took, why }));
}

test('a request belongs to the stretch in which it was sent, however late it is answered', () => {
  const asked = [
    { at: 1900, took: 5000, why: '503 unavailable' },
    ...steady(0, 1900, 10),
    ...steady(2000, 4000, 10),
  ];
  const [calm, sick] = rowsOf(asked, [stretch(0, 2000), fault(2000, 4000)]) as [Row, Row];
  assert.deepEqual([calm.requests, calm.answered, calm.why], [20, 19, { '503 unavailable': 1 }]);
  assert.deepEqual([sick.requests, sick.answered, sick.why], [20, 20, {}]);
});

test('each second is compared with the median of the calm ones of its visit, and of no other', () => {
  const asked = [
    ...steady(0, 1000, 10),
    ...steady(1000, 2000, 20),
    ...steady(2000, 3000, 1000),
    ...steady(3000, 4000, 29),
    ...steady(4000, 5000, 31),
    ...steady(9000, 10_000, 100),
    ...steady(10_000, 11_000, 140),
  ];
  const rows = rowsOf(asked, [
    stretch(0, 3000),
    fault(3000, 5000),
    stretch(9000, 10_000, { visit: 'settle' }),
    fault(10_000, 11_000, { visit: 'settle' }),
    fault(11_000, 12_000, { visit: 'contract' }),
  ]);
  assert.deepEqual(
    rows.map(({ calm, seconds, slow, worst }) => [calm, seconds, slow, worst]),
    [
      [20, 3, 1, 50],
      [20, 2, 1, 1.55],
      [100, 1, 0, 1],
      [100, 1, 0, 1.4],
      [null, 0, 0, null],
    ],
  );
});

test('a silence is the longest time in which nobody was answered, beginning and end included', () => {
  const silence = (asked: readonly Asked[]) => rowsOf(asked, [fault(1000, 5000)])[0]?.silence;
  assert.equal(silence(steady(1000, 5000, 0)), 100);
  assert.equal(silence(steady(1000, 5000, 0, '503')), 4000);
  assert.equal(silence([{ at: 1000, took: 1500, why: null }]), 2500);
  assert.equal(silence([{ at: 1000, took: 9000, why: null }]), 4000);
});

test('a phase needs the stores without which it answers no write, and those alone', () => {
  const needed = Object.fromEntries(PHASES.map((phase) => [phase, neededIn(phase).join(' ')]));
  assert.deepEqual(needed, {
    ...{ legacy: 'couchbase', expand: 'couchbase', seal: 'couchbase oracle' },
    ...{ switch: 'couchbase oracle', settle: 'oracle', contract: 'oracle' },
  });
  assert.deepEqual(
    (['oracle', 'couchbase', 'queue', 'workers', 'api'] as const).map((patient) =>
      claimOf('settle', patient),
    ),
    ['needed', 'must', 'must', 'must', 'own'],
  );
  assert.deepEqual([claimOf('seal', 'queue'), claimOf('expand', 'queue')], ['needed', 'must']);
});

test('a store that is needed excuses its own stretch, and what must be answered is missed by one in 5,000', () => {
  const stretches = [
    stretch(0, 500_000),
    fault(500_000, 510_000, { claim: 'needed' }),
    fault(510_000, 520_000, { claim: 'own' }),
    fault(520_000, 530_000),
  ];
  const calm = steady(0, 500_000, 10);
  const away = steady(500_000, 510_000, 10, '503 unavailable');
  const killed = steady(510_000, 520_000, 10, '500');
  const verdict = (beside: Asked[]) => verdictOf(rowsOf([...calm, ...away, ...killed, ...beside], stretches));
  const well = verdict(steady(520_000, 530_000, 15));
  assert.deepEqual([well.isAnswered, well.isFast, well.idle], [true, true, []]);
  assert.deepEqual(
    [well.claims.must, well.claims.needed, well.claims.own, well.all].map(
      (total) => total.requests - total.answered,
    ),
    [0, 100, 100, 200],
  );
  const lost = (n: number) => [
    ...steady(520_000, 530_000, 15).slice(n),
    ...steady(520_000, 520_000 + n * 100, 10, '503'),
  ];
  assert.deepEqual(
    [0, 1].map((n) => verdict(lost(n)).isAnswered),
    [true, false],
  );
  assert.equal(verdict(steady(520_000, 530_000, 16)).isFast, false);
});

test('a fault that has struck nothing is told, and a way without requests has reached nothing', () => {
  const none = verdictOf(rowsOf([], [stretch(0, 1000), fault(1000, 2000, { struck: 0 })]));
  assert.deepEqual([none.isAnswered, none.isFast, none.idle], [false, false, ['expand: Oracle is silent']]);
  assert.match(
    verdictLines(none).join('\n'),
    /MISSED.*MISSED.*THESE HAVE STRUCK NOTHING.*expand: Oracle is silent/s,
  );
});

test('a table has a row for all calm seconds of a visit, and one for each fault, with what was lost', () => {
  const asked = [
    ...steady(0, 2000, 10),
    ...steady(2000, 4000, 40, '503 unavailable'),
    ...steady(4000, 5000, 10),
  ];
  const rows = rowsOf(asked, [stretch(0, 2000), fault(2000, 4000, { claim: 'needed' }), stretch(4000, 5000)]);
  const [, title, , calm, sick, ...more] = tableLines(rows);
  assert.deepEqual([title?.slice(0, 7), more], ['expand:', []]);
  assert.match(calm ?? '', /^none: calm seconds +- +30 +100.000 % +10 +10 +10 +1\.0 +0\/3 +100 {2}none$/);
  assert.match(
    sick ?? '',
    /^NEEDED Oracle is silent +1 +20 +0.000 % +40 +40 +10 +4\.0 +2\/2 +2000 {2}20 503 unavailable$/,
  );
});

test('a share is never rounded up to all', () => {
  const asked = [...steady(0, 10_000_000, 1).slice(1), { at: 0, took: 1, why: '503' }];
  assert.match(
    verdictLines(verdictOf(rowsOf(asked, [stretch(0, 10_000_000)]))).join('\n'),
    /: 99\.999 %, must be 99\.99 %: REACHED/,
  );
});

test('a tally that remembers knows when each request was sent', () => {
  let now = 500;
  const tally = new Remembering(() => now);
  tally.count('expand', 200, null);
  now = 900;
  tally.count('expand', 100, '503');
  assert.deepEqual(tally.asked, [
    { at: 300, took: 200, why: null },
    { at: 800, took: 100, why: '503' },
  ]);
  assert.equal(tally.total.requests, 2);
});
