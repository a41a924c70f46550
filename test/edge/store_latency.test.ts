import assert from 'node:assert/strict';
import { test } from 'node:test';
import { countedStore } from '../../functions/edge/counted.ts';
import { StoreLatency, seriesOf } from '../../functions/edge/store_latency.ts';
import { samplesIn } from '../gamedays/alarms.ts';

/** An hour ago: CloudWatch takes no time that is far away. */
const BEGIN = Date.now() - 3_600_000;

/** What it prints, with a clock that is set by hand. */
function watched(act: (latency: StoreLatency, at: (milliseconds: number) => void) => void) {
  const lines: string[] = [];
  let now = BEGIN;
  const { write } = process.stdout;
  process.stdout.write = ((line: string) => lines.push(line) > 0) as typeof write;
  try {
    act(new StoreLatency(seriesOf, () => now), (milliseconds) => {
      now = BEGIN + milliseconds;
    });
  } finally {
    process.stdout.write = write;
  }
  return lines.map((line) =>
    samplesIn(line.trim()).map(({ metric, dimensions, at, value }) => [
      `${metric} ${dimensions.service} ${dimensions.Store} ${dimensions.Phase}`,
      at - BEGIN,
      value,
    ]),
  );
}

test('one line has the values of a store and a phase, with the time at which the first of them was measured', () => {
  const lines = watched((latency, at) => {
    latency.note('couchbase', 'expand', 3);
    latency.note('oracle', 'expand', 7);
    latency.note('couchbase', 'expand', 4);
    at(5);
    latency.ended();
  });
  assert.deepEqual(lines, [
    [
      ['StoreLatency crossfade couchbase expand', 0, 3],
      ['StoreLatency crossfade couchbase expand', 0, 4],
    ],
    [['StoreLatency crossfade oracle expand', 0, 7]],
  ]);
});

test('invocations within ten seconds print one line together, and a sandbox that was frozen tells when it measured', () => {
  const lines = watched((latency, at) => {
    latency.note('oracle', 'contract', 1);
    latency.ended();
    at(4000);
    latency.note('oracle', 'contract', 2);
    latency.ended();
    at(9999);
    latency.note('oracle', 'contract', 3);
    latency.ended();
    at(600_000);
    latency.ended();
    at(700_000);
    latency.ended();
  });
  const name = 'StoreLatency crossfade oracle contract';
  assert.deepEqual(lines, [
    [[name, 0, 1]],
    [
      [name, 4000, 2],
      [name, 4000, 3],
    ],
  ]);
});

test('a thousand values of one invocation are all printed, 100 a line', () => {
  const lines = watched((latency) => {
    for (let n = 0; n < 1000; n++) latency.note('oracle', 'switch', n);
    latency.ended();
  });
  assert.equal(lines.flat().length, 1000);
  assert.ok(lines.every((samples) => samples.length <= 100));
});

test('a call counts with its time, also one that is rejected, and what calls no store does not', async () => {
  const times: number[] = [];
  const store = {
    read: () => new Promise((resolve) => setTimeout(resolve, 20, 'read')),
    apply: () => new Promise((_, reject) => setTimeout(reject, 20, new Error('away'))),
    require: () => 'required',
  };
  const counted = countedStore(
    store,
    () => {},
    (milliseconds) => times.push(milliseconds),
  );
  assert.equal(await counted.read(), 'read');
  await assert.rejects(counted.apply(), /away/);
  assert.equal(counted.require(), 'required');
  assert.equal(times.length, 2);
  assert.ok(
    times.every((each) => each >= 15),
    String(times),
  );
});
