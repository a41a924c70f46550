import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Alarm, goesOff, isNamed, samplesIn } from './alarms.ts';

const NOW = 1_000_000_000;
const ALARM: Alarm = {
  ...{ id: 'WatchPhaseUnread0123ABCD', namespace: 'Crossfade', metric: 'PhaseUnread', statistic: 'Sum' },
  ...{ dimensions: { service: 'crossfade' }, period: 300, threshold: 5, periods: 1, breaching: 1 },
  ...{ isBelow: false, missingBreaches: false },
};
const sample = (ago: number, value: number, dimensions: Alarm['dimensions'] = { service: 'crossfade' }) => ({
  ...{ namespace: 'Crossfade', metric: 'PhaseUnread', dimensions, at: NOW - ago * 1000, value },
});
const off = (alarm: Partial<Alarm>, ...samples: ReturnType<typeof sample>[]) =>
  goesOff({ ...ALARM, ...alarm }, samples, NOW, 1);

test('a sum above the threshold within a period goes off, and one at the threshold, or of another time, does not', () => {
  assert.equal(off({}, sample(10, 3), sample(200, 3)), true);
  assert.equal(off({}, sample(10, 3), sample(200, 2)), false);
  assert.equal(off({}, sample(10, 3), sample(301, 3)), false);
  assert.equal(off({ statistic: 'Maximum' }, sample(10, 3), sample(20, 3)), false);
  assert.equal(off({ statistic: 'Maximum' }, sample(10, 6)), true);
});

test('without data nothing goes off, and a metric with other dimensions is another metric', () => {
  assert.equal(off({ threshold: -1 }), false);
  assert.equal(off({}, sample(10, 9, {})), false);
  assert.equal(off({}, sample(10, 9, { service: 'another' })), false);
  assert.equal(off({}, sample(10, 9, { service: 'crossfade', function: 'Api' })), false);
});

test('where missing data breach, an alarm goes off without any, and is silent with them', () => {
  const silent = {
    ...({ statistic: 'SampleCount', threshold: 1, isBelow: true, missingBreaches: true } as const),
    ...{ periods: 3, breaching: 3 },
  };
  assert.equal(off(silent), true);
  assert.equal(off(silent, sample(1000, 0)), true);
  assert.equal(off(silent, sample(800, 0)), false);
});

test('of several periods as many must breach as the alarm says', () => {
  const four = { periods: 4, breaching: 1 };
  assert.equal(off(four, sample(1100, 9)), true);
  assert.equal(off({ ...four, breaching: 2 }, sample(1100, 9)), false);
  assert.equal(off({ ...four, breaching: 2 }, sample(1100, 9), sample(10, 9)), true);
  assert.equal(off(four, sample(1300, 9)), false);
});

test('what functions print is read as CloudWatch reads it, and other lines are none of it', () => {
  const printed = {
    _aws: {
      Timestamp: 5,
      CloudWatchMetrics: [
        { Namespace: 'Crossfade', Dimensions: [['service']], Metrics: [{ Name: 'A' }, { Name: 'B' }] },
      ],
    },
    ...{ service: 'crossfade', A: 1, B: [2, 3] },
  };
  assert.deepEqual(
    samplesIn(JSON.stringify(printed)).map(({ metric, value, dimensions, at }) => [
      metric,
      value,
      dimensions.service,
      at,
    ]),
    [
      ['A', 1, 'crossfade', 5],
      ['B', 2, 'crossfade', 5],
      ['B', 3, 'crossfade', 5],
    ],
  );
  assert.deepEqual(samplesIn('{"level":"INFO"}'), []);
});

test('a name of the page stands for the alarms that it should', () => {
  assert.ok(isNamed(ALARM, 'PhaseUnread'));
  assert.ok(isNamed({ id: 'ShardsToCopyNotEmpty0123ABCD' }, 'ShardsTo…NotEmpty'));
  assert.ok(!isNamed({ id: 'ReceiptsNotEmpty0123ABCD' }, 'ShardsTo…NotEmpty'));
  assert.ok(!isNamed({ id: 'WatchPhaseUnread0123ABCD' }, 'Unread'));
});
