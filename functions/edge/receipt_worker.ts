/** Workers on receipts, invoked by SQS: what they reach is SQS, SSM and both stores. */
import { setTimeout } from 'node:timers/promises';
import { MetricUnit } from '@aws-lambda-powertools/metrics';
import type { Context, SQSRecord } from 'aws-lambda';
import { letterId } from '../books/letters.ts';
import { bake, feedDelay, lastCall, type Timing } from '../configuration/configuration.ts';
import { type BatchPorts, BatchWorker } from '../reconciliation/batch.ts';
import {
  type Memory,
  type ReceiptPorts,
  ReceiptWorker,
  type Received,
} from '../reconciliation/receipt_worker.ts';
import { prefixOf } from '../records/feed.ts';
import { MOST_KEYS } from '../stores/oracle/statements.ts';
import { bulkReads } from './bulk_reads.ts';
import { CLOCK, type Container } from './container.ts';
import { copiedSince } from './copied.ts';
import { setterAside } from './dead_letters.ts';
import { gathered } from './gathered.ts';
import { hopsOf, loopIn } from './hops.ts';
import { isLeftOut, leftByChoice } from './left_out.ts';
import { noteDifferences } from './load_proof.ts';
import {
  callerIn,
  type Hidden,
  hide,
  isOfFeed,
  MOST_ENTRIES,
  parseReceipt,
  placeIn,
  shownBody,
} from './queue.ts';
import { batchWorker } from './worker.ts';

export interface Queues {
  readonly RECEIPTS_QUEUE: string;
  readonly DEAD_LETTERS_QUEUE: string;
}

/** Requests after which a message is visible again: as long as whatever a delivery has sent out may be on its way. */
const HIDDEN = 6;

/** The share of its time in which an invocation begins no call. A batch may take all the rest, and at 8 tenths the alarm `NearTimeout` goes off. */
const RESERVED = 0.3;

/** Milliseconds that must be left when a call begins. */
function forLastCalls(timing: Timing): number {
  return Math.max(RESERVED * timing.request, lastCall(timing));
}

/** The handler of a function that settles receipts. @param memory of its container. */
export function receiptWorker(container: Container, queues: Queues, memory: Memory) {
  const ports = portsOf(container, queues);
  const reads: BatchPorts['reads'] = (collection, timely) =>
    bulkReads(container.stores.of(collection), timely, CLOCK.wall);
  const suspects = suspectsOf(container, memory);
  const receipts = new BatchWorker({ ...ports, reads, suspects }, memory, new ReceiptWorker(ports, memory));
  const hidden = gathered<Hidden>(MOST_ENTRIES, (some) =>
    hide(container.queues, queues.RECEIPTS_QUEUE, some),
  );
  const { timing } = container.configuration;
  // However slow a store is, half of the time is for those that no bulk look settles.
  const forTheRest = Math.max(timing.request / 2, forLastCalls(timing));
  return batchWorker(container, (records, context) =>
    receipts.work(
      records.map((record) => receivedFrom(record, context, container, hidden)),
      () => context.getRemainingTimeInMillis() > forTheRest,
    ),
  );
}

function suspectsOf(
  { stores, configuration: { timing } }: Container,
  { breaker }: Memory,
): BatchPorts['suspects'] {
  return {
    idOf: (body) => letterId(body, placeIn(body)),
    marks: (ids) => stores.suspects.of(ids),
    mark: (ids, marked, alone) => stores.suspects.mark(ids, marked, alone, CLOCK.wall()),
    clear: (ids) => stores.suspects.clear(ids),
    now: CLOCK.wall,
    // The clocks of two containers differ by seconds; a message comes again after six requests.
    lasts: 2 * timing.request,
    may: () => breaker.isCalm,
  };
}

function receivedFrom(
  record: SQSRecord,
  context: Context,
  { configuration: { timing }, sendReceipt }: Container,
  hidden: (message: Hidden) => Promise<void>,
): Received {
  const { body, messageId, receiptHandle: handle, attributes } = record;
  const hops = hopsOf(record);
  return {
    ...{ body, messageId, invocation: context, loop: loopIn(hops, CLOCK.wall()) },
    deliveries: Number(attributes.ApproximateReceiveCount),
    sent: Number(attributes.SentTimestamp),
    caller: callerIn(record.messageAttributes?.caller?.stringValue),
    feed: isOfFeed(record.messageAttributes?.feed?.stringValue),
    timely: () => context.getRemainingTimeInMillis() > forLastCalls(timing),
    send: (next) => sendReceipt(next, hops),
    hide: (seconds) => hidden({ handle, seconds }),
  };
}

function portsOf(container: Container, { DEAD_LETTERS_QUEUE }: Queues): ReceiptPorts {
  const { stores, phases, metrics, logger, queues: client, keepLetter } = container;
  const { timing } = container.configuration;
  const setAside = setterAside(client, DEAD_LETTERS_QUEUE, keepLetter);
  const settled = gathered<string>(MOST_KEYS, (ids) => stores.letters.settled(ids, CLOCK.wall()));
  return {
    ...{ parse: parseReceipt, shown: shownBody, now: CLOCK.wall, bake: bake(timing) },
    ...{ underWay: feedDelay(timing), pause: (milliseconds) => setTimeout(milliseconds) },
    shortest: Math.ceil(timing.request / 1000) * HIDDEN,
    stores: (collection) => stores.of(collection),
    phase: (collection) => phases.current(collection),
    copiedSince: copiedSince(stores.ledger, CLOCK.wall),
    requireIdentity: (collection, phase) => stores.identity.require(collection, phase),
    setAside: async (body, why, caller) => {
      const place = placeIn(body);
      // It has its letter already, which was discarded.
      if (place !== null && (await isLeftOut(container, place.collection, place.key))) return;
      await setAside(body, why, caller);
    },
    leftByChoice: async (body, reason, caller) => {
      const place = placeIn(body);
      return place !== null && leftByChoice(container, { body, reason, place }, caller);
    },
    noteWaiting: (body, why, waits, caller) =>
      keepLetter(body, why, { waits, ...(caller === null ? {} : { caller }) }),
    noteSettled: (body) => settled(letterId(body, placeIn(body))),
    noteRepair: (repair) => stores.repairs.record(repair),
    noteForeign: ({ collection, key }, phase) =>
      stores.feeds.noteForeign({ collection, phase, prefix: prefixOf(key), writes: 1 }, CLOCK.wall()),
    noteDifference: noteDifferences(container),
    count: (metric) => metrics.addMetric(metric, MetricUnit.Count, 1),
    tellAge: (seconds) => metrics.addMetric('ReceiptAge', MetricUnit.Seconds, seconds),
    log: {
      info: (message, about) => logger.info(message, about),
      warn: (message, about) => logger.warn(message, about),
      error: (message, about) => logger.error(message, about),
    },
  };
}
