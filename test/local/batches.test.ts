/** Batches of messages as Lambda's pollers gather them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Batches, type BatchSettings } from '../../infra/local/batches.ts';
import { LAMBDA } from '../../infra/local/limits.ts';

/** A queue of so many messages, and what was asked of it. */
function queueOf(count: number, bytes = 10) {
  let sent = 0;
  const asked: number[] = [];
  const failures: string[] = [];
  const receive = async (most: number) => {
    asked.push(most);
    const length = Math.min(most, count - sent);
    return Array.from({ length }, () => String(sent++).padEnd(bytes, 'x'));
  };
  const batches = (settings: Partial<BatchSettings<string>>) =>
    new Batches<string>({
      ...{ size: 100, window: 200, receive },
      failed: (error) => void failures.push(String(error)),
      ...settings,
    });
  return { asked, failures, receive, batches };
}

test('a batch is gathered by ten, up to its number of messages', async () => {
  const queue = queueOf(130);
  const batches = queue.batches({ size: 95, window: 60_000 });
  assert.equal((await batches.next()).length, 95);
  assert.deepEqual(queue.asked, [...Array<number>(9).fill(10), 5]);
});

test('a batch that does not fill is handed over when its window is over, and without a window at once', async () => {
  const began = performance.now();
  assert.equal((await queueOf(15).batches({}).next()).length, 15);
  const took = performance.now() - began;
  assert.ok(took >= 195, `after ${took} ms`);
  const queue = queueOf(15);
  assert.equal((await queue.batches({ size: 10, window: 0 }).next()).length, 10);
  assert.deepEqual(queue.asked, [10]);
});

test('no event is larger than Lambda takes: what has no room comes with the next batch', async () => {
  const queue = queueOf(60, 256 * 1024);
  const batches = queue.batches({ window: 60_000 });
  const sizes: number[] = [];
  const seen = new Set<string>();
  for (let all = 0; all < 60; all = seen.size) {
    const records = await batches.next();
    for (const record of records) seen.add(record);
    sizes.push(Buffer.byteLength(JSON.stringify({ Records: records })));
    if (all + records.length >= 30) break;
  }
  assert.ok(Math.max(...sizes) <= LAMBDA.event, `${sizes}`);
  assert.ok((sizes[0] as number) > LAMBDA.event - 256 * 1024 - 100, `${sizes}`);
});

test('a queue that gives no more holds back nothing that it has given, and nothing is no batch', async () => {
  const queue = queueOf(20);
  let calls = 0;
  const receive = async (most: number) => {
    if (++calls === 3) throw new Error('OverLimit');
    return queue.receive(most);
  };
  const batches = queue.batches({ receive, window: 60_000 });
  assert.equal((await batches.next()).length, 20);
  assert.deepEqual(queue.failures, ['Error: OverLimit']);
  assert.deepEqual(await batches.next(), []);
  const away = queue.batches({ receive: () => Promise.reject(new Error('away')) });
  await assert.rejects(away.next(), /away/);
});
