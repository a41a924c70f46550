import assert from 'node:assert/strict';
import { test } from 'node:test';
import { writeAll } from '../../functions/routing/batch.ts';
import type { WriteRequest } from '../../functions/routing/request.ts';
import type { Router } from '../../functions/routing/router.ts';

test('each write of a batch has an outcome of its own, in the order of the requests, and few are under way at once', async () => {
  let [under, most] = [0, 0];
  const bug = new Error('bug');
  const router = {
    write: async ({ key }: { readonly key: string }) => {
      most = Math.max(most, ++under);
      await new Promise(setImmediate);
      under--;
      if (key === 'k1') throw bug;
      return { kind: 'written', version: BigInt(key.slice(1)) };
    },
  } as unknown as Router;
  const requests = Array.from({ length: 40 }, (_, n) => ({ key: `k${n}` }) as WriteRequest);
  const outcomes = await writeAll(router, requests, { phase: 'seal', timely: () => true });
  assert.deepEqual(
    outcomes.map((each) => (each.kind === 'written' ? each.version : each)),
    requests.map((_, n) => (n === 1 ? { kind: 'failed', error: bug } : BigInt(n))),
  );
  assert.equal(most, 16);
});
