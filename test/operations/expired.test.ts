/** How a round of the controller sweeps what has expired, in a world whose time goes by with each batch. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ExpiredPorts, sweepExpired } from '../../functions/operations/expired.ts';
import { OutOfTime } from '../../functions/stores/reach.ts';

/** @param expired rows that each collection has. @param speed milliseconds of a batch. */
function world(expired: Record<string, number>, speed: (rows: number) => number = () => 10) {
  const found = {
    batches: [] as (readonly [string, number])[],
    metrics: {} as Record<string, number>,
    warned: [] as string[],
    left: 20_000,
    away: false,
  };
  const ports: ExpiredPorts = {
    collections: Object.keys(expired),
    sweepDocuments: async (collection, most) => {
      if (found.left < 1000) throw new OutOfTime('late');
      found.batches.push([collection, most]);
      found.left -= speed(most);
      const swept = Math.min(most, expired[collection] ?? 0);
      expired[collection] = (expired[collection] ?? 0) - swept;
      return swept;
    },
    oracleIsAway: () => found.away,
    remaining: () => found.left,
    count: (metric, value) => {
      found.metrics[metric] = value;
    },
    warn: (message) => void found.warned.push(message),
  };
  return { found, ports, expired };
}

test('batches grow while they are quick, and all that has expired is swept in one round', async () => {
  const { found, ports } = world({ carts: 100_000, orders: 10 });
  await sweepExpired(ports, new Set());
  const sizes = found.batches.filter(([name]) => name === 'carts').map(([, most]) => most);
  assert.deepEqual(sizes.slice(0, 5), [512, 1024, 2048, 4096, 4096]);
  assert.deepEqual(found.metrics, { DocumentsSwept: 100_010, SweepsUnfinished: 0 });
});

test('batches shrink while they are slow: a write that waits for one waits no longer than for a small one', async () => {
  const { found, ports } = world({ carts: 100_000 }, (rows) => rows * 3);
  await sweepExpired(ports, new Set());
  const sizes = found.batches.map(([, most]) => most);
  assert.deepEqual(sizes.slice(0, 6), [512, 256, 128, 128, 128, 128]);
});

test('collections are swept in turns, in half of the time that is left, and what is left is told', async () => {
  const { found, ports } = world({ carts: 1_000_000, orders: 1000 }, () => 300);
  await sweepExpired(ports, new Set());
  assert.deepEqual(
    found.batches.slice(0, 5).map(([name]) => name),
    ['carts', 'orders', 'carts', 'orders', 'carts'],
  );
  assert.ok(found.left <= 10_000 && found.left > 9000, `${found.left}`);
  assert.equal(found.metrics.SweepsUnfinished, 1);
});

test('every collection has one batch at least, however little time is left', async () => {
  const { found, ports } = world({ carts: 10_000, orders: 1000 }, () => 3000);
  found.left = 5000;
  await sweepExpired(ports, new Set());
  assert.deepEqual(
    found.batches.map(([name]) => name),
    ['carts', 'orders'],
  );
  assert.equal(found.metrics.SweepsUnfinished, 2);
});

test('where no time is left, or Oracle is away, or another store answers, nothing more is asked', async () => {
  const late = world({ carts: 10_000 });
  late.found.left = 500;
  await sweepExpired(late.ports, new Set());
  assert.deepEqual([late.found.batches, late.found.warned, late.found.metrics.SweepsUnfinished], [[], [], 1]);
  const away = world({ carts: 10_000 });
  away.found.away = true;
  await sweepExpired(away.ports, new Set());
  assert.deepEqual([away.found.batches, away.found.metrics.SweepsUnfinished], [[], 0]);
  const other = world({ carts: 10 });
  await sweepExpired(other.ports, new Set(['carts']));
  assert.deepEqual(other.found.batches, []);
});
