/** What operators read of a share of the keys that is a phase ahead. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Overview } from '../../functions/operations/overview.ts';
import { overviewLines, planLines } from '../../infra/console/told/phases.ts';

const NOW = 10_000_000;
const effective = {
  ...({ phase: 'seal', since: NOW - 3_600_000, by: 'controller, ramp 10 since 1' } as const),
  ramp: { percent: 10, since: NOW - 60_000 },
};
const decision = {
  ...({ kind: 'wait', phase: 'seal', wanted: 'settle', to: 'switch', share: 50, forced: [] } as const),
  conditions: [],
};
const told = (given: Partial<Overview>) =>
  overviewLines(
    [
      {
        ...({ collection: 'orders', wish: null, runs: [], evidence: { missing: 'Oracle is away' } } as const),
        ...{ effective, decision, ...given },
      },
    ],
    NOW,
  );

test('status tells the share of the keys that is a phase ahead, and what comes next', () => {
  const lines = told({});
  assert.match(lines[0] ?? '', /\[seal\] → switch .* for 60 min, by controller$/);
  assert.equal(lines[1], '  ramp     10 % of the keys are in switch, since 1970-01-01T02:45:40.000Z');
  assert.equal(lines[2], '  next     switch, for 50 % of the keys, on the way to settle');
  const back = told({ decision: { ...decision, wanted: 'expand', to: 'seal', share: 0 } });
  assert.equal(back[2], '  next     seal again, for all keys, on the way to expand');
});

test('the plan begins with the share that goes back, also where nothing follows', () => {
  const plan = (phase: 'expand' | 'seal') =>
    planLines(
      [
        {
          ...({ collection: 'orders', wish: null, runs: [], evidence: { missing: 'away' } } as const),
          effective: { ...effective, phase },
          decision: {
            ...({ kind: 'wait', phase, wanted: 'expand', to: phase, share: 0, forced: [] } as const),
            conditions: [{ name: 'bake', holds: false, measured: '20 s are left' }],
          },
        },
      ],
      { bake: 60_000, request: 1000 },
    );
  const bake = '       WAITS  bake: 20 s are left; then the controller looks, once a minute or more often';
  assert.deepEqual(plan('expand').slice(0, -1), [
    'orders: from expand to expand, 1 move',
    '  1. expand again, for all keys',
    bake,
  ]);
  assert.deepEqual(plan('seal').slice(0, -1), [
    'orders: from seal to expand, 2 moves',
    '  1. seal again, for all keys',
    bake,
    '  2. seal → expand',
    '       will wait for: bake',
  ]);
});

test('where Oracle is away, status tells that the keys that are ahead need it', () => {
  const away = { store: 'oracle', since: NOW - 60_000, at: NOW - 5000 } as const;
  const line = (ramp: Overview['effective']['ramp']) =>
    told({ away, effective: { ...effective, phase: 'expand', ramp } }).find((each) =>
      each.startsWith('  AWAY'),
    );
  const well = line(undefined);
  assert.equal(
    line(effective.ramp),
    `${well}. The 10 % of the keys in seal need both stores: npx crossfade set expand --collection orders takes them back`,
  );
});

test('status tells of no share where all keys are in one phase', () => {
  for (const percent of [0, 100])
    assert.ok(
      !told({ effective: { ...effective, ramp: { percent, since: 0 } } }).some((line) =>
        line.startsWith('  ramp'),
      ),
    );
});
