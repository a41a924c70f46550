/** The guard over SSM and CloudWatch as they are on this machine: what it writes, what another container reads of it, and what was measured, over real requests. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { SSMClient } from '@aws-sdk/client-ssm';
import type { Container } from '../../functions/edge/container.ts';
import { controllerPorts } from '../../functions/edge/controller.ts';
import { guardPorts } from '../../functions/edge/guard.ts';
import { latencyReader } from '../../functions/edge/metric_data.ts';
import { PacedWrites } from '../../functions/edge/paced_writes.ts';
import { AskedLatencies } from '../../functions/operations/guard.ts';
import type { NoticePorts } from '../../functions/operations/notices.ts';
import { changesToPhase } from '../../functions/phases/flags.ts';
import { type GuardNote, isTurnedBack } from '../../functions/phases/guard_note.ts';
import { FLAGS } from '../../functions/phases/parameters.ts';
import { wantedPhase } from '../../functions/protocol/phase.ts';
import type { Subject } from '../../functions/records/latencies.ts';
import { type Endpoint, type Services, serveAws } from '../../infra/local/aws/endpoint.ts';
import { Measures } from '../../infra/local/aws/measures.ts';
import { ParameterStore } from '../../infra/local/aws/parameters.ts';

const TIMING = { lease: 30_000, refresh: 5000, request: 20_000, call: 3000, backfill: 300_000 };
const SETTINGS = { minutes: 10, failed: 0.01, slower: 2, floor: 100, requests: 200 };

const MINUTE = 60_000;
const NOW = Math.floor(Date.now() / MINUTE) * MINUTE;
const writes: Subject = { of: 'request', collection: 'orders', phase: 'seal', operation: 'write' };
const reads: Subject = { ...writes, operation: 'read' };
const calls: Subject = { of: 'store', store: 'oracle', phase: 'seal', operation: 'write' };

const measures = new Measures();
const asked: string[][] = [];
let allowed = true;
const parameters = new ParameterStore(null, Date.now);
parameters.eventual = false;
let endpoint: Endpoint;
let client: SSMClient;

before(async () => {
  const allows = (...given: string[]) => asked.push(given) > 0 && allowed;
  const put = (name: string, value: string) => parameters.declare(`/x/${name}`, value, '', null);
  for (const [flag, value] of Object.entries({
    'couchbase-writes': 'true',
    'oracle-writes': 'true',
    reads: 'oracle',
  }))
    put(flag, value);
  for (const flag of FLAGS) put(`collections/orders/${flag}`, 'inherit');
  put('collections/orders/phase', JSON.stringify({ phase: 'seal', since: 0, by: 'controller' }));
  endpoint = await serveAws({ parameters, measures, allows } as unknown as Services);
  const credentials = { accessKeyId: 'KEY', secretAccessKey: 's' };
  client = new SSMClient({ region: 'eu-central-1', endpoint: endpoint.url, credentials });
});
after(async () => {
  client.destroy();
  await endpoint.stop();
});

function container() {
  const writes = new PacedWrites(
    () => 0,
    async () => {},
  );
  const configuration = {
    ...{ timing: TIMING, moves: { hold: false, windows: [] }, guard: SETTINGS },
    collections: { orders: {} },
  };
  const parts = { parameters: client, configuration } as unknown as Container;
  const environment = { PARAMETERS: '/x', RECEIPTS_QUEUE: 'r', DEAD_LETTERS_QUEUE: 'd' };
  const controls = controllerPorts(parts, environment, writes, () => {});
  const kept = { writes, controls, asked: new AskedLatencies() };
  const round = { audit: async () => {}, timely: () => true } as unknown as NoticePorts;
  return guardPorts(parts, '/x', kept, round as Parameters<typeof guardPorts>[3]);
}

test('flags that are set back are the collection’s own, and their versions tell the guard from an operator', async () => {
  const first = container();
  const [before] = await first.guarded(['orders']);
  assert.deepEqual([before?.own, before?.note, before?.move], [[1, 1, 1], null, null]);
  const own = await first.setFlags('orders', changesToPhase('expand'));
  const note: GuardNote = {
    ...({ from: 'expand', to: 'seal', version: 1, kind: 'turned' } as const),
    ...{ told: 'write: p99 900 ms, 50 ms before {{x}}', at: 7, own: [...own] },
  };
  await first.keep('orders', note);
  const look = async () => (await container().guarded(['orders']))[0] ?? assert.fail();
  const seen = await look();
  assert.deepEqual([seen.note, seen.own], [note, [2, 2, 2]]);
  assert.ok('flags' in seen.wish);
  assert.deepEqual([wantedPhase(seen.wish.flags), seen.wish.own], [{ phase: 'expand' }, [...FLAGS]]);
  assert.equal(isTurnedBack(seen.note, seen.own), true);
  const put = { Name: '/x/collections/orders/reads', Value: 'couchbase', Overwrite: true };
  parameters.call('PutParameter', put, 'ann');
  const later = await look();
  assert.equal(isTurnedBack(later.note, later.own), false);
});

test('a move that has led to the phase is known by its claim', async () => {
  const claim = { from: 'expand', to: 'seal', by: 'controller', at: 7, why: 'x' };
  const put = { Name: '/x/moves/orders/1', Value: JSON.stringify(claim), Type: 'String' };
  parameters.call('PutParameter', put, 'control');
  const phase = JSON.stringify({ phase: 'seal', since: 9, by: 'controller' });
  parameters.call(
    'PutParameter',
    { Name: '/x/collections/orders/phase', Value: phase, Overwrite: true },
    'control',
  );
  const [{ move, standing } = assert.fail()] = await container().guarded(['orders']);
  assert.deepEqual([move, standing.version], [claim, 2]);
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
