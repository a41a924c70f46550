/** How `npx crossfade doctor` prints what two sides have seen. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bad, doubtful, good } from '../../functions/diagnosis/line.ts';
import { diagnosisLines, endOf } from '../../infra/console/doctor/lines.ts';

const same = { code: 'ORACLE_TLS', ...doubtful('no TLS', 'use tcps') };

test('what both sides see alike is said once, and each side says what it alone sees', () => {
  const texts = diagnosisLines([
    { from: 'here', lines: [same, { code: 'ORACLE_CLOCK', ...bad('90 s off', 'use NTP') }] },
    { from: 'functions', lines: [same, { code: 'ORACLE_CLOCK', ...good('it agrees') }] },
  ]);
  assert.deepEqual(texts, [
    'From both sides alike:',
    'doubtful  ORACLE_TLS                    no TLS',
    `${' '.repeat(40)}→ use tcps`,
    '',
    'From this machine:',
    'bad       ORACLE_CLOCK                  90 s off',
    `${' '.repeat(40)}→ use NTP`,
    '',
    'From the functions:',
    'good      ORACLE_CLOCK                  it agrees',
    '',
    'From this machine: 0 good, 1 doubtful, 1 bad, 0 unknown',
    'From the functions: 1 good, 1 doubtful, 0 bad, 0 unknown',
  ]);
});

test('it ends well only where a store was reached and nothing is bad', () => {
  const unknown = { code: 'ORACLE', state: 'unknown', seen: 'silent', todo: null } as const;
  const [fine, wrong] = [
    { code: 'ORACLE', ...good('it answers') },
    { code: 'ORACLE_ROLE', ...bad('standby', 'x') },
  ];
  const ends = [
    [same, unknown],
    [same, unknown, fine],
    [same, unknown, fine, wrong],
  ].map((lines) => endOf([{ from: 'here', lines }]));
  assert.deepEqual(ends, ['nothing seen', 'well', 'bad']);
  assert.equal(
    endOf([
      { from: 'here', lines: [unknown] },
      { from: 'functions', lines: [fine] },
    ]),
    'well',
  );
});

test('of one side alone all is said under its name', () => {
  assert.deepEqual(diagnosisLines([{ from: 'here', lines: [same] }]).slice(0, 2), [
    'From this machine:',
    'doubtful  ORACLE_TLS                    no TLS',
  ]);
});
