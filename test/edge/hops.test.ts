import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SQSRecord } from 'aws-lambda';
import { bornAt, handedOn, hopsOf, loopIn, OLD_SHARD } from '../../functions/edge/hops.ts';

const DAY = 24 * 3_600_000;
const record = (attributes: Record<string, { StringValue?: string | undefined }>) =>
  ({
    attributes: { SentTimestamp: '1000' },
    messageAttributes: Object.fromEntries(
      Object.entries(attributes).map(([name, { StringValue: stringValue }]) => [name, { stringValue }]),
    ),
  }) as unknown as SQSRecord;

test('a message counts how often it was handed on, and keeps when its chain began', () => {
  const first = hopsOf(record({}));
  assert.deepEqual(first, { hops: 0, born: 1000 });
  const second = hopsOf({ ...record(handedOn(first)), attributes: { SentTimestamp: '5000' } as never });
  assert.deepEqual(second, { hops: 1, born: 1000 });
  assert.deepEqual(hopsOf(record(handedOn(second))), { hops: 2, born: 1000 });
});

test('attributes that are none of ours count as none, and so does their absence', () => {
  for (const StringValue of ['', '-1', '1e9', 'x', '1'.repeat(16), undefined])
    assert.deepEqual(hopsOf(record({ hops: { StringValue }, born: { StringValue } })), {
      hops: 0,
      born: 1000,
    });
  assert.deepEqual(hopsOf({ attributes: { SentTimestamp: '1000' } } as SQSRecord), { hops: 0, born: 1000 });
});

test('a chain that comes to no end is ended, and none that honest work makes', () => {
  const ends = (hops: number, age: number) => loopIn({ hops, born: 0 }, age) !== null;
  // Two weeks at a hop in 12 seconds.
  assert.equal(ends((14 * DAY) / 12_000, 14 * DAY), false);
  // A receipt that has waited for a store twice.
  assert.equal(ends(2, 20 * DAY), false);
  // Going round each second, each 12 seconds, and each bake of 50 seconds.
  for (const each of [1000, 12_000, 50_000]) {
    assert.equal(ends((10 * DAY) / each, 10 * DAY), false);
    assert.equal(ends((15 * DAY) / each, 15 * DAY), true);
  }
  assert.equal(ends(1_000_001, DAY), true);
  assert.match(loopIn({ hops: 20_000, born: 0 }, 15 * DAY) ?? '', /^MessageLoop: .* 20000 times in 15 days/);
});

test('a shard on which nobody works is handed on for two months, and one that was worked on begins another chain', () => {
  const ends = (hops: number, age: number) => loopIn({ hops, born: 0 }, age, OLD_SHARD) !== null;
  // A pause, one of a task of the version before, and a verification that waits for a backfill of 46 days.
  assert.equal(ends((60 * DAY) / 300_000, 60 * DAY), false);
  assert.equal(ends((60 * DAY) / 12_000, 60 * DAY), false);
  assert.equal(ends((46 * DAY) / 360_000, 46 * DAY), false);
  assert.equal(ends((61 * DAY) / 300_000, 61 * DAY), true);
  assert.equal(ends(1_000_001, DAY), true);
  assert.deepEqual(hopsOf(record(handedOn(bornAt(5000)))), { hops: 1, born: 5000 });
});
