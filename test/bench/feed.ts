/**
 * How late a change feed is under load: milliseconds from a mutation in Couchbase to the route of the API, as the metric `FeedLag` counts them, with the printed function,
 * the embedded Eventing service and its four workers. Writes come at their times, whether or not those before were told of.
 */
import { setTimeout } from 'node:timers/promises';
import { FeedWorld } from '../feed/feed_world.ts';

/** Writes a second, and seconds of each. */
const [RATES, SECONDS] = [[25, 50, 100, 200], 10];
/** Milliseconds until the feed has caught up, at most. */
const CATCHING_UP = 60_000;

const world = await FeedWorld.start();
await world.deploy();
console.log(`milliseconds from a mutation to the route, ${SECONDS} s at each rate`);
console.log('writes a second       p50       p99   longest   caught up after');
for (const rate of RATES) console.log(await measured(rate));
await world.stop();
process.exit(0);

async function measured(rate: number): Promise<string> {
  world.lags.length = 0;
  const began = performance.now();
  const writes: Promise<unknown>[] = [];
  for (let n = 0; n < rate * SECONDS; n++) {
    await setTimeout(Math.max(0, began + (n * 1000) / rate - performance.now()));
    writes.push(world.cluster.collection.upsert(`${rate}:${n}`, { n, note: 'x'.repeat(200) }));
  }
  await Promise.all(writes);
  const written = performance.now();
  while (world.lags.length < writes.length && performance.now() - written < CATCHING_UP) await setTimeout(10);
  const late = `${((performance.now() - written) / 1000).toFixed(1)} s`;
  const sorted = world.lags.toSorted((a, b) => a - b);
  const at = (share: number) => sorted[Math.floor((sorted.length - 1) * share)] ?? 0;
  const cells = [rate, ...[0.5, 0.99, 1].map(at)].map((value, n) =>
    String(Math.round(value)).padStart(n === 0 ? 15 : 10),
  );
  const missing = writes.length - sorted.length;
  return `${cells.join('')}${late.padStart(18)}${missing === 0 ? '' : `, ${missing} were not told of`}`;
}
