import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LATELY, type LatencyPorts, latencies } from '../../functions/operations/latencies.ts';
import { figuresOf, type Minute, type Subject } from '../../functions/records/latencies.ts';
import { latencyLines } from '../../infra/console/told/latencies.ts';

const NOW = 10_000_000;
const minute = (count: number, p99: number, failed = 0): Minute => ({ count, failed, p50: p99 / 2, p99 });

test('figures of some minutes are those of the one in the middle, where minutes count by what was measured in them', () => {
  assert.deepEqual(figuresOf([]), { count: 0, failed: 0, p50: null, p99: null });
  assert.deepEqual(figuresOf([minute(5, 10, 1)]), { count: 5, failed: 1, p50: 5, p99: 10 });
  // A bad minute of one request moves nothing; where most requests were slow, it is the rule.
  assert.equal(figuresOf([minute(100, 10), minute(1, 9000), minute(100, 12)]).p99, 12);
  assert.equal(figuresOf([minute(1, 10), minute(500, 9000), minute(1, 12)]).p99, 9000);
});

const ports = (asked: Subject[]): LatencyPorts => ({
  collections: ['orders', 'carts', 'items'],
  phase: async (collection) => ({ phase: collection === 'items' ? 'legacy' : 'seal' }),
  read: async (subjects, from, until) => {
    assert.deepEqual([from, until], [NOW - LATELY, NOW]);
    asked.push(...subjects);
    return subjects.map((subject) => {
      if (subject.of === 'store') return subject.store === 'oracle' ? [minute(50, 80, 5)] : [];
      return subject.collection === 'orders' && subject.operation === 'write' ? [minute(100, 40)] : [];
    });
  },
  now: () => NOW,
});

test('what was measured is told by operation, of the stores that the phase has, and asked for once', async () => {
  const asked: Subject[] = [];
  const [orders, carts, items] = await latencies(['orders', 'carts', 'items'], ports(asked));
  const figures = { count: 50, failed: 5, p50: 40, p99: 80 };
  assert.deepEqual(orders, {
    ...{ collection: 'orders', phase: 'seal', from: NOW - LATELY, until: NOW },
    requests: [{ operation: 'write', count: 100, failed: 0, p50: 20, p99: 40 }],
    calls: [
      { store: 'oracle', operation: 'read', ...figures },
      { store: 'oracle', operation: 'write', ...figures },
      { store: 'oracle', operation: 'delete', ...figures },
    ],
  });
  assert.deepEqual([carts?.requests, carts?.calls.length, items?.calls], [[], 3, []]);
  // Of five kinds of requests of three collections, and three of calls to both stores in seal and to one in legacy.
  assert.equal(asked.length, 5 * 3 + 3 * 2 + 3);
  const lines = latencyLines({ latency: orders as NonNullable<typeof orders> });
  assert.match(
    lines.join('\n'),
    /in seal, the last 15 minutes\n {2}write .*p50 +20\.0 ms {2}p99 +40\.0 ms {2}100\n/,
  );
  assert.match(lines.join('\n'), /oracle read .*50, 5 failed \(10\.00 %\)/);
});

test('a share of the keys that is a phase ahead is told beside the others', async () => {
  const asked: Subject[] = [];
  const ramp = { percent: 10, since: 0 };
  const [orders] = await latencies(['orders'], {
    ...ports(asked),
    phase: async () => ({ phase: 'seal', ramp }),
  });
  assert.deepEqual(
    [orders?.phase, orders?.ahead?.phase, orders?.ahead?.requests[0]?.count],
    ['seal', 'switch', 100],
  );
  assert.equal(asked.length, 2 * (5 + 3 * 2));
  const lines = latencyLines({ latency: orders as NonNullable<typeof orders> }).join('\n');
  assert.match(lines, /in seal, .*\n(.*\n)+latency {3}in switch, /);
});

test('a CloudWatch that does not answer, and a collection that there is not, are told', async () => {
  const away = { ...ports([]), read: () => Promise.reject(new Error('CloudWatch has answered 500')) };
  await assert.rejects(
    latencies(['orders'], away),
    /LATENCIES_UNREAD: .*answered 500.*cloudwatch:GetMetricData/,
  );
  await assert.rejects(latencies(['nobody'], ports([])), /There is no collection "nobody"/);
  assert.deepEqual(latencyLines({ latency: { unread: 'away' } }), ['latency   not told: away']);
  assert.deepEqual(latencyLines({}), []);
});
