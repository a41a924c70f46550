import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { batchesOf, keysOf } from '../../functions/runs/batches.ts';

const LIMITS = { documents: 5, bytes: 100 };
const sized = fc.array(
  fc.record({ key: fc.string(), size: fc.option(fc.oneof(fc.nat(40), fc.nat(300)), { nil: null }) }),
);

test('batches are the keys in their order, within both limits, but for a document that is too large by itself', () => {
  fc.assert(
    fc.property(sized, (keys) => {
      const batches = [...batchesOf(keys, LIMITS)];
      assert.deepEqual(batches.flat(), keys);
      for (const batch of batches) {
        const bytes = batch.reduce((sum, { size }) => sum + (size ?? 0), 0);
        assert.ok(batch.length > 0 && batch.length <= LIMITS.documents);
        assert.ok(bytes <= LIMITS.bytes || batch.length === 1);
      }
    }),
  );
});

test('a batch is as full as its limits allow', () => {
  const of = (...sizes: readonly number[]) =>
    [
      ...batchesOf(
        sizes.map((size, n) => ({ key: `k${n}`, size })),
        LIMITS,
      ),
    ].map(keysOf);
  assert.deepEqual(of(50, 50, 1), [['k0', 'k1'], ['k2']]);
  assert.deepEqual(of(1, 1, 1, 1, 1, 1), [['k0', 'k1', 'k2', 'k3', 'k4'], ['k5']]);
});
