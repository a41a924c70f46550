/** What has to hold of the functions that no app reaches: they do what they are asked, or say in words of their own that they do not. */
import assert from 'node:assert/strict';
import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics } from '@aws-lambda-powertools/metrics';
import type { Context, SQSBatchResponse } from 'aws-lambda';
import { takeStep as takeCertifyStep } from '../../functions/certification/step.ts';
import { parseConfiguration } from '../../functions/configuration/configuration.ts';
import type { Container } from '../../functions/edge/container.ts';
import { resourceEvent } from '../../functions/edge/custom_resource.ts';
import { hopsOf, loopIn } from '../../functions/edge/hops.ts';
import { kafkaFeed } from '../../functions/edge/kafka_feed.ts';
import { KeyNames } from '../../functions/edge/key_names.ts';
import { serveOperation } from '../../functions/edge/operator_api.ts';
import { proofWorker } from '../../functions/edge/proof_worker.ts';
import { worker } from '../../functions/edge/worker.ts';
import type { OperationName } from '../../functions/operations/request.ts';
import { RIGHT_OF, type Right } from '../../functions/operations/rights.ts';
import { NO_ROW } from '../../functions/protocol/state.ts';
import { type ChangePorts, RecentReceipts } from '../../functions/routing/changes.ts';
import { parseRequest } from '../../functions/runs/request.ts';
import { BadShardMessage, parseShardMessage } from '../../functions/runs/shard_message.ts';
import { takeStep } from '../../functions/runs/step.ts';
import { World } from '../edge/receipt_container.ts';
import type { Json } from './mutations.ts';

const COLLECTIONS = ['orders', 'carts'];
process.env.POWERTOOLS_METRICS_DISABLED = 'true';
const logger = new Logger({ logLevel: 'SILENT' });
const parts = {
  ...{ logger, metrics: new Metrics({ namespace: 'Test', logger }) },
  keys: new KeyNames(null, () => 0),
  failovers: { rest: () => null } as unknown as Container['failovers'],
};

/** Resolves to how it ended. Rejects where something does not hold. */
export type Holds = (event: Json) => Promise<string>;

/** A failure of these kinds is one that nobody has thought of. */
const BUGS = ['TypeError', 'ReferenceError', 'RangeError', 'SyntaxError', 'AssertionError'];

/** Of the invocation as a whole. */
async function refusedBy(names: readonly string[], act: () => Promise<string>): Promise<string> {
  try {
    return await act();
  } catch (error) {
    const { name, message } = error as Error;
    if (BUGS.includes(name) || !names.includes(name)) throw error;
    assert.ok(message !== '' && message.length <= 1200, `a message of ${message.length} characters`);
    return name;
  }
}

/** Messages that are to be delivered again are some of those that came, each once. */
function requireOwn(event: Json, { batchItemFailures }: SQSBatchResponse): string {
  const { Records } = event as { Records: { messageId: string }[] };
  const ids = Records.map(({ messageId }) => messageId);
  for (const { itemIdentifier } of batchItemFailures) assert.ok(ids.includes(itemIdentifier), itemIdentifier);
  return batchItemFailures.length === 0 ? 'all done' : 'some again';
}

export const reconcile: Holds = (event) =>
  refusedBy(['NotQueue'], async () => {
    const world = new World();
    const ended = requireOwn(event, await world.invoke(event));
    // Both stores are there, so nothing is to be tried again but what has no end.
    for (const [, why] of world.letters) assert.doesNotMatch(String(why), new RegExp(BUGS.join('|')));
    return ended;
  });

/** Reads to be asked of Oracle, which holds nothing: a message comes once, whatever is in it. */
export const prove: Holds = (event) =>
  refusedBy(['NotQueue'], async () => {
    const rows: unknown[] = [];
    const container = {
      ...{ ...parts, now: () => 1000, sendReceipt: async () => true },
      configuration: { ...FED, collections: { orders: FED.collections.carts } },
      stores: {
        of: () => ({ oracle: { readUpTo: async () => NO_ROW } }),
        loadProofs: { put: async (...row: unknown[]) => void rows.push(row) },
      },
    } as unknown as Container;
    const context = { functionName: 'f', getRemainingTimeInMillis: () => 20_000 } as Context;
    const ended = requireOwn(event, await proofWorker(container)(event, context));
    assert.equal(ended, 'all done');
    return `${rows.length > 0 ? 'some' : 'no'} rows`;
  });

/** The messages of both kinds of shard workers. */
export const shards: Holds = (event) =>
  refusedBy(['NotQueue'], async () => {
    const failures: unknown[] = [];
    const handle = worker(parts, async (record) => {
      try {
        loopIn(hopsOf(record), 0);
        parseShardMessage(record.body);
      } catch (error) {
        if (!(error instanceof BadShardMessage)) failures.push(error);
      }
    });
    const ended = requireOwn(event, await handle(event, { functionName: 'f' } as Context));
    assert.deepEqual(failures, []);
    return ended;
  });

const FED = parseConfiguration(
  {
    collections: {
      carts: {
        couchbase: { bucket: 'shop', scope: 'sales', collection: 'carts' },
        ...{ oracle: { table: 'CARTS' }, feed: { kafka: { topic: 'carts' } } },
      },
    },
    timing: { lease: 30_000, refresh: 5_000, request: 20_000, call: 3_000, backfill: 300_000 },
    connections: 1,
  },
  'fuzz',
);

/** Topics of Kafka. */
export const feed: Holds = (event) =>
  refusedBy(['NotKafka', 'UnknownTopic'], async () => {
    let receipts = 0;
    const phases = { current: async () => ({ phase: 'expand' }) } as unknown as Container['phases'];
    const ports: ChangePorts = {
      versions: async (_, keys) =>
        keys.map(() => ({ version: 0n, handoff: null, handback: 0n, gone: true, expired: false })),
      send: async () => Boolean(++receipts),
      ...{ cameBack: async () => {}, lost: async () => {}, taking: () => 'taken' },
      recent: new RecentReceipts(1, () => 0),
    };
    const around = { ...parts, phases, configuration: FED };
    const handler = kafkaFeed(around, { ports, took: () => {}, now: () => 0 });
    await handler(event, { functionName: 'f', getRemainingTimeInMillis: () => 20_000 } as Context);
    return `${receipts > 0 ? 'some' : 'no'} receipts`;
  });

export const plan: Holds = (event) =>
  refusedBy(['RunRefused'], () =>
    takeStep<string>(event, {
      run: async () => null,
      begin: async (_id, job, input) => parseRequest(input, job, COLLECTIONS).kind,
      recheck: async () => 'recheck',
      summarize: async () => 'summarize',
    }),
  );

export const certify: Holds = (event) =>
  refusedBy(['CertificationRefused'], async () => {
    const nothing = async () => {};
    const ports = {
      places: [],
      begin: nothing,
      requireSystem: nothing,
      goOn: async () => true,
      giveUp: nothing,
    };
    return `done ${(await takeCertifyStep(event, ports)).done}`;
  });

/** That of the operation that is asked for, where there is one: so what it is asked for with is looked at, too. */
function rightFor(event: Json): Right {
  const { pathParameters } = (event ?? {}) as { pathParameters?: { operation?: unknown } | null };
  // An object whose toString is none cannot be made a text.
  const { operation: name } = pathParameters ?? {};
  return typeof name === 'string' && Object.hasOwn(RIGHT_OF, name) ? RIGHT_OF[name as OperationName] : 'read';
}

export const operate: Holds = (event) =>
  refusedBy(['NotHttp'], async () => {
    const errors: Error[] = [];
    const told = { info: () => {}, error: (_: string, error: Error) => void errors.push(error) };
    const perform = async () => ({});
    const ports = { collections: COLLECTIONS, right: rightFor(event), logger: told, perform };
    const answer = await serveOperation(event, ports);
    assert.deepEqual(errors, []);
    assert.ok([200, 400, 403].includes(answer.statusCode), answer.body.slice(0, 300));
    // The instance is the gateway's own name of the request.
    const { detail = '' } = JSON.parse(answer.body) as { detail?: string };
    assert.ok(detail.length <= 1200, `a detail of ${detail.length} characters`);
    return String(answer.statusCode);
  });

export const schema: Holds = async (event) => {
  try {
    return resourceEvent(event).RequestType;
  } catch (error) {
    const { name, message } = error as Error;
    assert.ok(
      name === 'Error' && message.startsWith('The event is none of a custom resource'),
      String(error),
    );
    return 'refused';
  }
};
