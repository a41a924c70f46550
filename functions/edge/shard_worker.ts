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
import { bornAt, handedOn, hopsOf, LOOP, loopIn, OLD_SHARD } from './hops.ts';
import { isLeftOut, leftByChoice } from './left_out.ts';
import { bury, hide, receiptText } from './queue.ts';
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
        await keepFor(record, untilAgain(record, container), container, queues).catch(() => {});
        throw error;
      }
      logger.error('A message names no shard', error);
      await setAside(body, error.message);
    }
  });
}

/**
 * The attribute of messages whose task is a lane. It is none of the body, which the version before reads strictly; a worker of the version
 * before drops it, and the lane then ends with that shard.
 */
const LANE = { lane: { DataType: 'Number', StringValue: '1' } } as const;

/** Throws `BadShardMessage`. */
function deliveryOf(
  record: SQSRecord,
  context: Context,
  states: SFNClient,
  container: Container,
  queues: Queues,
): Delivery {
  const { timing } = container.configuration;
  const message = parseShardMessage(record.body);
  const hops = hopsOf(record);
  const lane = record.messageAttributes?.lane !== undefined;
  const keep = () => keepFor(record, silence(timing) / 1000, container, queues);
  return {
    ...{ message, lane },
    deliveries: Number(record.attributes.ApproximateReceiveCount),
    handedOn: hops.hops > 0,
    task: new Task(states, message.token, beat(timing), CLOCK.steady, keep),
    loop: () => {
      const cause = loopIn(hops, CLOCK.wall(), OLD_SHARD);
      return cause === null ? null : { error: LOOP, cause };
    },
    left: () => context.getRemainingTimeInMillis(),
    waited: () => CLOCK.wall() - hops.born,
    handOn: async (next, delay, progressed) => {
      const chain = handedOn(progressed ? bornAt(CLOCK.wall()) : hops);
      await container.queues.send(
        new SendMessageCommand({
          ...{ QueueUrl: queues.SHARDS_QUEUE, MessageBody: JSON.stringify(next), DelaySeconds: delay },
          MessageAttributes: lane ? { ...chain, ...LANE } : chain,
        }),
      );
    },
  };
}

/**
 * Nobody else gets the message for so many seconds. A worker keeps it for as long as it may be silent, again and again: so the message of one
 * that dies comes back soon, and one that waits for a worker needs no sign of life.
 */
function keepFor(
  { receiptHandle }: SQSRecord,
  seconds: number,
  { queues: client }: Container,
  { SHARDS_QUEUE }: Queues,
): Promise<void> {
  return hide(client, SHARDS_QUEUE, [{ handle: receiptHandle, seconds }]);
}

/** Seconds until what has failed is tried again: each time longer, so that the last of its deliveries comes after half an hour or so. */
function untilAgain({ attributes }: SQSRecord, { configuration: { timing } }: Container): number {
  const failures = Number(attributes.ApproximateReceiveCount) - 1;
  return Math.min(900, (silence(timing) / 1000) * 4 ** failures);
}

function portsOf(
  { stores, phases, pace, load, metrics, logger, configuration, queues: client, ...rest }: Container,
  queues: Queues,
  patient: boolean,
): ShardPorts {
  const { timing } = configuration;
  const { sendReceipt, keepLetter, now } = rest;
  return {
    ...{ ledger: stores.ledger, attempts: stores.attempts, pace, load, sendReceipt, now },
    ...{ clock: CLOCK, patient },
    stores: (collection) => stores.of(collection),
    sample: (both) => sample(both, timing.call),
    phase: (collection) => phases.current(collection),
    requireIdentity: (collection, phase) => stores.identity.require(collection, phase),
    leftOut: (collection, key) => isLeftOut({ stores, phases, configuration, now }, collection, key),
    leftByChoice: ({ collection, key, ...receipt }, reason) => {
      const place = { collection, key };
      const body = receiptText({ ...place, ...receipt });
      return leftByChoice({ stores, phases, configuration, now }, { body, reason, place }, null);
    },
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
