/** Lambda: settles receipts, from their queue. */
import { MetricUnit } from '@aws-lambda-powertools/metrics';
import type { Context, SQSRecord } from 'aws-lambda';
import { letterId } from './books/letters.ts';
import { bake, lastCall } from './configuration/configuration.ts';
import { container, VARIABLES } from './edge/container.ts';
import { setterAside } from './edge/dead_letters.ts';
import { variables } from './edge/environment.ts';
import { hopsOf, loopIn } from './edge/hops.ts';
import { hide, parseReceipt, placeIn, shownBody } from './edge/queue.ts';
import { worker } from './edge/worker.ts';
import { INITIAL_PHASE } from './phases/effective_phase.ts';
import { CallFailed } from './protocol/call.ts';
import type { StoreName } from './protocol/phase.ts';
import { Breaker } from './reconciliation/breaker.ts';
import { type Fate, mayHaveLetter, reconcile } from './reconciliation/reconciler.ts';
import { settle } from './reconciliation/settle.ts';
import { shadowRead } from './reconciliation/shadow_read.ts';

const environment = variables(process.env, [...VARIABLES, 'DEAD_LETTERS_QUEUE']);
const { logger, metrics, stores, sendReceipt, phases, configuration, queues, keepLetter } =
  container(environment);
const { timing } = configuration;
const setAside = setterAside(queues, environment.DEAD_LETTERS_QUEUE, keepLetter);
/** Of this container: what it has seen of the stores. */
const breaker = new Breaker();
/** What the same invocation has done about the same message already: a burst of writes of one key leaves many. */
const done = new WeakMap<Context, Map<string, Promise<Fate>>>();
/** Seconds that the queue hides a message for: as long as whatever a delivery has sent out may be on its way. */
const HIDDEN = Math.ceil(timing.request / 1000) * 6;

function fateOf(record: SQSRecord, context: Context): Promise<Fate> {
  const { body, attributes } = record;
  const delivery = {
    ...{ body, now: Date.now(), sent: Number(attributes.SentTimestamp) },
    deliveries: Number(attributes.ApproximateReceiveCount),
  };
  const timely = () => context.getRemainingTimeInMillis() > lastCall(timing);
  const ports = {
    ...{ breaker, parse: parseReceipt, bake: bake(timing) },
    settle: async (receipt, changed) => {
      const pair = stores.of(receipt.collection);
      const { phase } = await phases.current(receipt.collection).catch((error: unknown) => {
        throw new CallFailed('The phase is unknown', { cause: error });
      });
      // Another store's old state must not be carried over the newer one: the receipt waits.
      await stores.identity.require(receipt.collection, phase);
      return settle(receipt, phase, pair, (next) => sendReceipt(next, hopsOf(record)), timely, changed);
    },
  } satisfies Parameters<typeof reconcile>[1];
  return reconcile(delivery, ports, HIDDEN);
}

function onceOf(record: SQSRecord, context: Context): Promise<Fate> {
  const known = done.get(context) ?? new Map<string, Promise<Fate>>();
  done.set(context, known);
  const fate = known.get(record.body) ?? fateOf(record, context);
  known.set(record.body, fate);
  return fate;
}

/** Whoever waited for a store waits no more. Where Oracle cannot note it, the controller sends another receipt later. */
async function settleLetter(body: string): Promise<void> {
  await stores.letters
    .settled(letterId(body, placeIn(body)), Date.now())
    .catch((error: unknown) => logger.warn('It still counts as waiting', { cause: String(error) }));
}

/** @param changed the stores that were changed after the read. */
async function shadowReadOf(body: string, changed: readonly StoreName[]) {
  if (changed.length === 0) return shadowRead(changed, INITIAL_PHASE);
  // It was read just now. Where it is not known any more, a difference is one.
  const effective = await phases.current(parseReceipt(body).collection).catch(() => INITIAL_PHASE);
  return shadowRead(changed, effective);
}

/** Seconds since a receipt was sent. */
function ageOf({ attributes }: SQSRecord): number {
  return Math.max(0, Math.round((Date.now() - Number(attributes.SentTimestamp)) / 1000));
}

/** Throws for what is to be delivered again. */
async function handleRecord(record: SQSRecord, context: Context): Promise<void> {
  const { body, messageId, receiptHandle } = record;
  const count = (name: string) => metrics.addMetric(name, MetricUnit.Count, 1);
  const loop = loopIn(hopsOf(record), Date.now());
  if (loop !== null) count('MessageLoops');
  const fate: Fate = loop === null ? await onceOf(record, context) : { kind: 'bury', why: loop };
  switch (fate.kind) {
    case 'settled':
      count('ReceiptsSettled');
      if (mayHaveLetter(fate.cause, Number(record.attributes.ApproximateReceiveCount)))
        await settleLetter(body);
      if (fate.cause === 'read') count(await shadowReadOf(body, fate.stores));
      if (fate.repair === null) return;
      count('Repairs');
      logger.info('A document was repaired', { ...fate.repair });
      await stores.repairs
        .record(fate.repair)
        .catch((error: unknown) => logger.warn('It was not noted', { cause: String(error) }));
      return;
    case 'bury':
      count('ReceiptsBuried');
      logger.error('A receipt can never be settled as it is', {
        messageId,
        body: shownBody(body),
        cause: fate.why,
      });
      return setAside(body, fate.why);
    case 'again':
      count('ReceiptsDelayed');
      // The queue tells no age of a message that was received three times and is not deleted: so it is told here.
      metrics.addMetric('ReceiptAge', MetricUnit.Seconds, ageOf(record));
      logger.warn('A receipt is to be delivered again', {
        messageId,
        body: shownBody(body),
        cause: fate.why,
      });
      if (fate.asked) await keepLetter(body, fate.why, { waits: Number(record.attributes.SentTimestamp) });
      if (fate.seconds !== null) await hide(queues, environment.RECEIPTS_QUEUE, receiptHandle, fate.seconds);
      throw new Error(fate.why);
  }
}

export const handler = worker(logger, metrics, handleRecord);
