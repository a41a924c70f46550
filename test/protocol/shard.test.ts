import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { byUtf8 } from '../../functions/protocol/order.ts';
import { contains, shardsFrom } from '../../functions/protocol/shard.ts';

const anyKey = fc.string({ unit: 'binary', maxLength: 8 });

test('keys are ordered as their UTF-8 bytes are', () => {
  fc.assert(
    fc.property(anyKey, anyKey, (a, b) => {
      assert.equal(Math.sign(byUtf8(a, b)), Math.sign(Buffer.compare(Buffer.from(a), Buffer.from(b))));
    }),
    {
      numRuns: 2000,
      examples: [
        ['\u{10000}', '\uffff'],
        ['\ud7ff', '\ue000'],
        ['\ue000', '\u{1f600}'],
        ['a', 'ab'],
        ['', ''],
      ],
    },
  );
});

test('every key is in exactly one shard, whatever was sampled', () => {
  fc.assert(
    fc.property(
      fc.array(anyKey),
      fc.integer({ min: 1, max: 40 }),
      fc.array(anyKey),
      (sample, count, keys) => {
        const shards = shardsFrom(sample, count);
        assert.ok(shards.length >= 1 && shards.length <= count);
        for (const key of [...keys, ...sample, ''])
          assert.equal(shards.filter((shard) => contains(shard, key)).length, 1, JSON.stringify(key));
      },
    ),
  );
});

test('shards cut a fair sample into pieces whose sizes differ by two keys at most', () => {
  const keys = Array.from({ length: 1003 }, (_, i) => `key-${i}`);
  const sizes = shardsFrom(keys, 10).map((shard) => keys.filter((key) => contains(shard, key)).length);
  assert.equal(sizes.length, 10);
  assert.ok(Math.max(...sizes) - Math.min(...sizes) <= 2, sizes.join());
});

test('so many keys cut the key space into one shard more, where as many are wanted', () => {
  assert.deepEqual(shardsFrom(['b', 'a', 'b'], 10), [
    { after: null, upTo: 'a' },
    { after: 'a', upTo: 'b' },
    { after: 'b', upTo: null },
  ]);
});

test('an empty sample gives one shard, and a senseless count is refused', () => {
  assert.deepEqual(shardsFrom([], 8), [{ after: null, upTo: null }]);
  for (const count of [0, -1, 1.5, Number.NaN]) assert.throws(() => shardsFrom(['a'], count), /whole number/);
});
