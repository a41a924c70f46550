/** A worker of a run whose service goes on to another phase while it waits, or while it acts. */
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, beforeEach, test } from 'node:test';
import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics } from '@aws-lambda-powertools/metrics';
import type { Context } from 'aws-lambda';
import type { Container } from '../../functions/edge/container.ts';
import { type Job, ShardWorker } from '../../functions/edge/shard_worker.ts';
import type { Phase } from '../../functions/protocol/phase.ts';
import { Pace } from '../../functions/runs/pace.ts';
import { walkShard } from '../../functions/runs/walk_shard.ts';

const KEYS = ['a', 'b', 'c', 'd'];
/** What Step Functions was sent, by operation. */
const sent: { readonly operation: string; readonly error?: string }[] = [];
const states = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    const operation = String(request.headers['x-amz-target']).split('.')[1] ?? '';
    sent.push({ operation, ...JSON.parse(Buffer.concat(chunks).toString()) });
    response.writeHead(200, { 'content-type': 'application/x-amz-json-1.0' }).end('{}');
  });
});

before(async () => {
  await new Promise<void>((resolve) => states.listen(0, '127.0.0.1', resolve));
  const { port } = states.address() as AddressInfo;
  const endpoint = { AWS_ENDPOINT_URL_SFN: `http://127.0.0.1:${port}`, AWS_REGION: 'test' };
  const keys = { AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test', POWERTOOLS_DEV: 'false' };
  Object.assign(process.env, endpoint, keys, {
    POWERTOOLS_LOG_LEVEL: 'SILENT',
    POWERTOOLS_METRICS_DISABLED: 'true',
  });
});
after(() => {
  states.closeAllConnections();
  states.close();
});

/** A service in `switch`, and a shard of four keys in batches of one. */
class World {
  phase: Phase = 'switch';
  now = 0;
  waited = 0;
  taken = 0;
  /** Milliseconds that each turn is waited for. */
  pace = 0;
  readonly acted: string[] = [];
  onWait = () => {};

  get container(): Container {
    const timing = { lease: 30_000, refresh: 5000, request: 20_000, call: 3000, backfill: 300_000 };
    const run = {
      id: 'r',
      kind: 'copyback',
      collection: 'c',
      options: {},
      stamp: '',
      phase: 'switch',
      started: 0,
    };
    const row = { shard: 0, after: null, upTo: null, doneKey: null, state: 'open', changed: 0, failed: 0 };
    return {
      ...{ configuration: { timing }, now: () => this.now },
      logger: new Logger({ serviceName: 'test' }),
      metrics: new Metrics({ namespace: 'test', serviceName: 'test' }),
      phases: { current: async () => ({ phase: this.phase, since: 0, by: 'test' }) },
      stores: {
        of: () => ({}),
        identity: { require: async () => {} },
        ledger: {
          running: async () => run,
          take: async () => {
            this.taken++;
            return { hold: { ...run, shard: 0, epoch: 1 }, row };
          },
        },
      },
      pace: new Pace({
        read: async () => ({ value: '1', version: 1 }),
        claim: async () => this.pace,
        clock: { wall: () => this.now, steady: () => this.now },
        sleep: async (milliseconds) => {
          this.now += milliseconds;
          this.waited += milliseconds;
          this.onWait();
        },
      }),
    } as unknown as Container;
  }

  async work(act: (key: string) => Promise<void>): Promise<void> {
    const queues = { SHARDS_QUEUE: 'shards', DEAD_LETTERS_QUEUE: 'dead' };
    const walk = (job: Job) =>
      walkShard(
        job.row,
        {
          ...job,
          keys: async ({ after }) => KEYS.filter((key) => after === null || key > after),
          sizes: async (keys) => keys.map(() => 1),
          finish: async () => {},
        },
        { documents: 1, bytes: 100 },
        {
          prepare: async ([each]) => each?.key ?? '',
          act: async (_, key) => {
            this.acted.push(key);
            await act(key);
          },
        },
      );
    const handler = new ShardWorker(this.container, queues, false, walk).handler();
    const body = JSON.stringify({ run: 'r', collection: 'c', shard: 0, token: 't' });
    const record = {
      messageId: 'm',
      body,
      attributes: { ApproximateReceiveCount: '1' },
      messageAttributes: {},
    };
    const context = { getRemainingTimeInMillis: () => 300_000 - this.now } as unknown as Context;
    await handler({ Records: [{ ...record, eventSource: 'aws:sqs' }] }, context);
  }
}

beforeEach(() => {
  sent.length = 0;
});
const told = () =>
  sent.flatMap(({ operation, error }) => (operation === 'SendTaskHeartbeat' ? [] : [[operation, error]]));

test('a worker that has waited for its turn looks at the phase again, and acts on none that is over', async () => {
  const world = new World();
  world.pace = 200_000;
  world.onWait = () => {
    if (world.waited > 100_000) world.phase = 'legacy';
  };
  await world.work(async () => {});
  assert.deepEqual(world.acted, []);
  assert.deepEqual(told(), [['SendTaskFailure', 'PhaseChanged']]);
});

test('a batch that was prepared before a move is not acted on after it', async () => {
  const world = new World();
  await world.work(async (key) => {
    // The next one has had its turn, and is prepared, while this one is acted on.
    await new Promise(setImmediate);
    if (key === 'b') world.phase = 'seal';
  });
  assert.deepEqual(world.acted, ['a', 'b']);
  assert.deepEqual(told(), [['SendTaskFailure', 'PhaseChanged']]);
});

test('while the phase lasts, all of a shard is worked on', async () => {
  const world = new World();
  world.pace = 10_000;
  await world.work(async () => {});
  assert.deepEqual(world.acted, KEYS);
  assert.deepEqual(told(), [['SendTaskSuccess', undefined]]);
});

test('a message of a phase that is over takes its shard from nobody, and does nothing', async () => {
  const world = new World();
  world.phase = 'seal';
  await world.work(async () => {});
  assert.deepEqual([world.taken, world.acted], [0, []]);
  assert.deepEqual(told(), [['SendTaskFailure', 'PhaseChanged']]);
});
