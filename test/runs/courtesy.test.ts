import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Courtesy } from '../../functions/runs/courtesy.ts';

const after = (...batches: readonly number[]) => {
  const courtesy = new Courtesy();
  for (const milliseconds of batches) courtesy.took(milliseconds, 250);
  return courtesy;
};
const times = (count: number, milliseconds: number) => Array.from({ length: count }, () => milliseconds);

test('while the stores are as fast as ever, the whole pace is used', () => {
  assert.equal(after(...times(50, 100)).share, 1);
  assert.equal(after(100, 250, 120, 290, 100).share, 1);
});

test('a store that slows down is left half as much with each batch, but never nothing', () => {
  assert.equal(after(100, 500).share, 1 / 2);
  assert.equal(after(100, 500, 500, 500).share, 1 / 8);
  assert.equal(after(100, ...times(20, 500)).share, 1 / 32);
});

test('once it has recovered, the pace comes back step by step', () => {
  const courtesy = after(100, ...times(5, 500));
  const low = courtesy.share;
  courtesy.took(100, 250);
  assert.ok(courtesy.share > low && courtesy.share < 2 * low + 1 / 16);
  for (let n = 0; n < 40; n++) courtesy.took(100, 250);
  assert.equal(courtesy.share, 1);
});

test('what is slow for good becomes the measure in the end', () => {
  assert.equal(after(100, ...times(200, 500)).share, 1);
});

test('a failure counts as trouble, and the share stays within its bounds whatever happens', () => {
  const courtesy = after(100);
  courtesy.failed();
  assert.equal(courtesy.share, 1 / 2);
  fc.assert(
    fc.property(fc.array(fc.oneof(fc.nat(10_000), fc.constant('failed' as const))), (events) => {
      const any = new Courtesy();
      for (const event of events) event === 'failed' ? any.failed() : any.took(event, 10);
      assert.ok(any.share >= 1 / 32 && any.share <= 1);
    }),
  );
});

test('a batch of more documents may take longer, and three times as long for each is not slow yet', () => {
  const courtesy = new Courtesy();
  courtesy.took(100, 80);
  courtesy.took(300, 80);
  assert.equal(courtesy.share, 1);
  courtesy.took(600, 480);
  assert.equal(courtesy.share, 1);
  courtesy.took(301, 80);
  assert.equal(courtesy.share, 1 / 2);
});

test('good times are those of the last hundred batches', () => {
  assert.equal(after(100, ...times(99, 250), 400).share, 1 / 2);
  assert.equal(after(100, ...times(100, 250), 400).share, 1);
});
