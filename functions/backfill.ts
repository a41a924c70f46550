/** Lambda: copies shards, from their queue, and tells the state machine how far it has come. */
import { MetricUnit } from '@aws-lambda-powertools/metrics';
import { SFNClient } from '@aws-sdk/client-sfn';
import { SendMessageCommand } from '@aws-sdk/client-sqs';
import type { Context, SQSRecord } from 'aws-lambda';
import { copyShard, type Ports } from './backfill/copy_shard.ts';
import { Courtesy } from './backfill/courtesy.ts';
import { portsOver } from './backfill/ports.ts';
import { BadShardMessage, parseShardMessage, type ShardMessage } from './backfill/shard_message.ts';
import { beat, lastCall, silence } from './configuration/configuration.ts';
import { container, VARIABLES } from './edge/container.ts';
import { variables } from './edge/environment.ts';
import { Paused } from './edge/pace.ts';
import { bury, receiptText } from './edge/queue.ts';
import { Task } from './edge/task.ts';
import { worker } from './edge/worker.ts';
import { OperatorNeeded, StoreUnavailable } from './stores/failure.ts';
import { Overtaken } from './stores/oracle/ledger.ts';

const environment = variables(process.env, [
  ...VARIABLES,
  'PACE_PARAMETER',
  'SHARDS_QUEUE',
  'DEAD_LETTERS_QUEUE',
]);
const { logger, metrics, queues, stores, pace, configuration } = container(environment);
const { timing } = configuration;
/** Of this container: what it has seen of the stores. */
const courtesy = new Courtesy();
const states = new SFNClient();
/** A batch is several calls after each other. */
const LAST_BATCH = 3 * lastCall(timing);
/** Seconds until a paused backfill is looked at again: soon enough for nobody to take it for dead. */
const PAUSE = Math.floor(silence(timing) / 2000);
/** What one batch holds at most. */
const LIMITS = { documents: 250, bytes: 4_000_000 };
/** Seconds that a batch takes of the pace at most: a slow one goes in small steps, so that it can be changed soon. */
const STEP = 2;

/** Throws for what is to be delivered again: the shard stands where its last batch left it. */
async function work(message: ShardMessage, context: Context): Promise<void> {
  const { run, shard, collection, token } = message;
  const task = new Task(states, token, beat(timing), () => performance.now());
  const taken = (await stores.ledger.ended(run)) ? null : await stores.ledger.take(run, shard, Date.now());
  if (taken === null) return task.failed('NoSuchShard', `The run ${run} has ended, or has no shard ${shard}`);
  const left = () => context.getRemainingTimeInMillis() - LAST_BATCH;
  const both = stores.of(collection);
  const ports = portsOver(both, {
    ...{ hold: taken.hold, ledger: stores.ledger, now: Date.now, timeout: timing.call },
    timely: () => left() > 0,
    pace: (documents) => pace.wait(documents / courtesy.share, left()),
    alive: () => task.alive(),
    setAside: async ({ key, detail }) => {
      metrics.addMetric('DocumentsSetAside', MetricUnit.Count, 1);
      // As a receipt, so that a redrive looks at the key again once it has been mended.
      const receipt = receiptText({ collection, key, phase: 'expand', expired: 0n });
      await bury(queues, environment.DEAD_LETTERS_QUEUE, receipt, `${run}, shard ${shard}: ${detail}`);
    },
  });
  metrics.addMetric('ShardsTaken', MetricUnit.Count, 1);
  try {
    const documents = Math.max(1, Math.min(LIMITS.documents, STEP * (await pace.rate())));
    if ((await copyShard(taken.row, courteous(ports), { ...LIMITS, documents })) === 'done')
      await task.done({ shard });
    else await goOn(message, 0);
  } catch (error) {
    if (error instanceof Paused) {
      await task.alive();
      await goOn(message, PAUSE);
    } else if (error instanceof OperatorNeeded) await task.failed('OperatorNeeded', error.message);
    // Whoever has overtaken this worker does the rest, and tells of it.
    else if (!(error instanceof Overtaken)) {
      if (error instanceof StoreUnavailable) courtesy.failed();
      throw error;
    }
  }
}

/** Watches how long the stores take over a batch. */
function courteous(ports: Ports): Ports {
  let began = performance.now();
  return {
    ...ports,
    read: (keys) => {
      began = performance.now();
      return ports.read(keys);
    },
    apply: async (copies, step) => {
      await ports.apply(copies, step);
      courtesy.took(performance.now() - began, copies.length);
    },
  };
}

/** Somebody goes on from where the shard stands. @param delay seconds. */
async function goOn(message: ShardMessage, delay: number): Promise<void> {
  await queues.send(
    new SendMessageCommand({
      QueueUrl: environment.SHARDS_QUEUE,
      MessageBody: JSON.stringify(message),
      DelaySeconds: delay,
    }),
  );
}

async function handleRecord({ body, messageId }: SQSRecord, context: Context): Promise<void> {
  try {
    await work(parseShardMessage(body), context);
  } catch (error) {
    if (!(error instanceof BadShardMessage)) {
      logger.warn('A shard is to be delivered again', { messageId, body, cause: String(error) });
      throw error;
    }
    logger.error('A message names no shard', error);
    await bury(queues, environment.DEAD_LETTERS_QUEUE, body, error.message);
  }
}

export const handler = worker(logger, metrics, handleRecord);
