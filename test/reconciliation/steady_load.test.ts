/** Receipts under the heaviest load that the API of the shipped settings can take: they are settled as fast as they come. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { receiptBatch } from '../../infra/receipt_settings.ts';
import config from '../shop.config.ts';
import { Load } from './load.ts';

/** Milliseconds of the whole run. */
const RUN = 16_000;

async function under(batch: number, window: number): Promise<Load> {
  const load = new Load('expand');
  load.begin(batch, window);
  await load.scheduler.run(() => load.scheduler.now >= RUN, 10_000_000);
  return load;
}

test('with the shipped settings no receipt is late while all containers of the API write', async (t) => {
  const { batch, window } = receiptBatch({ ...config.deployment, receipts: {} });
  const load = await under(batch, window);
  t.diagnostic(`${load.sent} sent, ${load.settled} settled, at most ${load.longest} ms after they were due`);
  assert.ok(load.sent > 4000, `${load.sent} receipts`);
  assert.ok(load.longest <= 3000, `${load.longest} ms`);
  assert.equal(load.queue.filter(({ due }) => due < RUN - 3000).length, 0);
});

test('in batches of ten they would fall behind, and further with each second', async () => {
  const load = await under(10, 0);
  assert.ok(load.longest > 3000, `${load.longest} ms`);
});
