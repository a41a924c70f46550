/** Workers on shards, invoked by SQS: what they reach is Step Functions, SQS, SSM and both stores. */

import { MetricUnit } from '@aws-lambda-powertools/metrics';
import { SFNClient } from '@aws-sdk/client-sfn';
import { SendMessageCommand } from '@aws-sdk/client-sqs';
import type { Context, SQSRecord } from 'aws-lambda';
import { beat, lastCall, lastsAfterLook, silence } from '../configuration/configuration.ts';
import { Courtesy } from '../runs/courtesy.ts';
import { sample } from '../runs/ports.ts';
import { BadShardMessage, parseShardMessage } from '../runs/shard_message.ts';
import type { ShardPorts } from '../runs/shard_ports.ts';
import { type Delivery, type Job, ShardWorker } from '../runs/shard_worker.ts';
import type { Walked } from '../runs/walk_shard.ts';
import { bounded } from './bounded.ts';
import { CLOCK, type Container } from './container.ts';
import { setterAside } from './dead_letters.ts';
import { handedOn, hopsOf, LOOP, loopIn } from './hops.ts';
import { bury, receiptText } from './queue.ts';
import { Task } from './task.ts';
import { worker } from './worker.ts';

export interface Queues {
  readonly SHARDS_QUEUE: string;
  readonly DEAD_LETTERS_QUEUE: string;
}

/**
 * The handler of a function that works on shards.
 * @param patient whether it lets those go first who are not.
 * @param act works on a shard. Throws for what is to be delivered again: the shard stands where its last batch left it.
 */
export function shardWorker(
  container: Container,
  queues: Queues,
  patient: boolean,
  act: (job: Job) => Promise<Walked>,
) {
  const { logger, keepLetter } = container;
  const shards = new ShardWorker(portsOf(container, queues, patient), act, new Courtesy());
  const states = new SFNClient(bounded());
  const setAside = setterAside(container.queues, queues.DEAD_LETTERS_QUEUE, keepLetter);
  return worker(container, async (record, context) => {
    const { body, messageId } = record;
    try {
      await shards.work(deliveryOf(record, context, states, container, queues));
    } catch (error) {
      if (!(error instanceof BadShardMessage)) {
        logger.warn('A shard is to be delivered again', { messageId, body, cause: String(error) });
        throw error;
      }
      logger.error('A message names no shard', error);
      await setAside(body, error.message);
    }
  });
}

/** Throws `BadShardMessage`. */
function deliveryOf(
  record: SQSRecord,
  context: Context,
  states: SFNClient,
  { configuration: { timing }, queues: client }: Container,
  queues: Queues,
): Delivery {
  const message = parseShardMessage(record.body);
  const hops = hopsOf(record);
  return {
    message,
    deliveries: Number(record.attributes.ApproximateReceiveCount),
    task: new Task(states, message.token, beat(timing), CLOCK.steady),
    loop: () => {
      const cause = loopIn(hops, CLOCK.wall());
      return cause === null ? null : { error: LOOP, cause };
    },
    left: () => context.getRemainingTimeInMillis(),
    handOn: async (next, delay) => {
      await client.send(
        new SendMessageCommand({
          ...{ QueueUrl: queues.SHARDS_QUEUE, MessageBody: JSON.stringify(next), DelaySeconds: delay },
          MessageAttributes: handedOn(hops),
        }),
      );
    },
  };
}

function portsOf(
  { stores, phases, pace, load, metrics, logger, configuration, queues: client, ...rest }: Container,
  queues: Queues,
  patient: boolean,
): ShardPorts {
  const { timing } = configuration;
  const { sendReceipt, keepLetter, now } = rest;
  return {
    ...{ ledger: stores.ledger, pace, load, sendReceipt, now, clock: CLOCK, patient },
    stores: (collection) => stores.of(collection),
    sample: (both) => sample(both, timing.call),
    phase: (collection) => phases.current(collection),
    requireIdentity: (collection, phase) => stores.identity.require(collection, phase),
    bury: async (receipt, reason) => {
      const body = receiptText(receipt);
      const buried = CLOCK.wall();
      await bury(client, queues.DEAD_LETTERS_QUEUE, body, reason);
      return () => keepLetter(body, reason, { buried });
    },
    count: (metric, value) => metrics.addMetric(metric, MetricUnit.Count, value),
    warn: (message, about) => logger.warn(message, about),
    timing: {
      ...{ call: timing.call, lastCall: lastCall(timing), lasts: lastsAfterLook(timing) },
      silence: silence(timing),
    },
  };
}
