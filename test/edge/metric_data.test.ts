/** What functions have printed, as CloudWatch tells it to other functions: over a real request, signed, in its Query protocol. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { SSMClient } from '@aws-sdk/client-ssm';
import { latencyReader } from '../../functions/edge/metric_data.ts';
import type { Subject } from '../../functions/records/latencies.ts';
import { type Endpoint, type Services, serveAws } from '../../infra/local/aws/endpoint.ts';
import { Measures } from '../../infra/local/aws/measures.ts';

const MINUTE = 60_000;
const NOW = Math.floor(Date.now() / MINUTE) * MINUTE;
const writes: Subject = { of: 'request', collection: 'orders', phase: 'seal', operation: 'write' };
const reads: Subject = { ...writes, operation: 'read' };
const calls: Subject = { of: 'store', store: 'oracle', phase: 'seal', operation: 'write' };

const measures = new Measures();
const asked: string[][] = [];
let allowed = true;
let endpoint: Endpoint;
let client: SSMClient;

before(async () => {
  const allows = (...given: string[]) => asked.push(given) > 0 && allowed;
  endpoint = await serveAws({ measures, allows } as unknown as Services);
  const credentials = { accessKeyId: 'KEY', secretAccessKey: 's' };
  client = new SSMClient({ region: 'eu-central-1', endpoint: endpoint.url, credentials });
});
after(async () => {
  client.destroy();
  await endpoint.stop();
});

const read = (subjects: readonly Subject[], from = NOW - 10 * MINUTE) =>
  latencyReader(client, endpoint.url)(subjects, from, NOW);

/** A line as functions print it. */
function printed(
  at: number,
  dimensions: object,
  values: Readonly<Record<string, number | number[]>>,
): string {
  return JSON.stringify({
    _aws: {
      Timestamp: at,
      CloudWatchMetrics: [
        {
          Namespace: 'Crossfade',
          Dimensions: [['service', ...Object.keys(dimensions)]],
          Metrics: Object.keys(values).map((Name) => ({ Name })),
        },
      ],
    },
    ...{ service: 'crossfade', ...dimensions, ...values },
  });
}

test('minutes are told of each collection, phase and operation, and nothing where nothing was measured', async () => {
  const dimensions = { Collection: 'orders', Phase: 'seal', Operation: 'write' };
  const hundred = Array.from({ length: 100 }, (_, n) => n + 1);
  measures.take(printed(NOW - 3 * MINUTE, dimensions, { RequestLatency: hundred, RequestFailures: 2 }));
  measures.take(printed(NOW - 3 * MINUTE + 1, dimensions, { RequestFailures: 1, RequestLatency: [50] }));
  measures.take(printed(NOW - 2 * MINUTE, dimensions, { RequestLatency: [7] }));
  measures.take(printed(NOW - 30 * MINUTE, dimensions, { RequestLatency: [9000] }));
  measures.take('{"level":"INFO"}');
  const store = { Store: 'oracle', Phase: 'seal', Operation: 'write' };
  measures.take(printed(NOW - MINUTE, store, { StoreLatency: [3, 4] }));
  assert.deepEqual(await read([writes, reads, calls]), [
    [
      { count: 1, failed: 0, p50: 7, p99: 7 },
      { count: 101, failed: 3, p50: 50, p99: 99 },
    ],
    [],
    [{ count: 2, failed: 0, p50: 3, p99: 4 }],
  ]);
  assert.deepEqual(asked.at(-1), ['KEY', 'cloudwatch:GetMetricData', '*']);
  const [within = []] = await read([writes], NOW - 40 * MINUTE);
  assert.equal(within.length, 3);
});

test('more than five hundred metrics are asked for in several requests', async () => {
  asked.length = 0;
  const many = Array.from({ length: 126 }, (_, n) => ({ ...writes, collection: `c${n}` }));
  const found = await read([...many, writes]);
  assert.deepEqual([found.length, found.at(-1)?.length, asked.length], [127, 2, 2]);
});

test('a CloudWatch that refuses, or does not answer, says so after two attempts', async () => {
  asked.length = 0;
  allowed = false;
  await assert.rejects(read([writes]), /CloudWatch has answered 400: .*cloudwatch:GetMetricData/);
  assert.equal(asked.length, 2);
  allowed = true;
  measures.isAway = true;
  await assert.rejects(read([writes]), /CloudWatch has answered 500: /);
  measures.isAway = false;
});
