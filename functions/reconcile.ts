/** Lambda: settles receipts, from their queue. */
import { MetricUnit } from '@aws-lambda-powertools/metrics';
import type { Context, SQSRecord } from 'aws-lambda';
import { lastCall } from './configuration/configuration.ts';
import { container, VARIABLES } from './edge/container.ts';
import { variables } from './edge/environment.ts';
import { BadReceipt, bury, parseReceipt } from './edge/queue.ts';
import { worker } from './edge/worker.ts';
import { settle } from './reconciliation/settle.ts';
import { PoisonDocument } from './stores/failure.ts';

const environment = variables(process.env, [...VARIABLES, 'DEAD_LETTERS_QUEUE']);
const { logger, metrics, stores, sendReceipt, phases, configuration, queues } = container(environment);
const last = lastCall(configuration.timing);

/** Throws for what is to be delivered again. */
async function handleRecord({ body, messageId }: SQSRecord, context: Context): Promise<void> {
  try {
    const receipt = parseReceipt(body);
    const { phase } = await phases.current();
    const timely = () => context.getRemainingTimeInMillis() > last;
    const settled = await settle(receipt, phase, stores.of(receipt.collection), sendReceipt, timely);
    metrics.addMetric(settled === 'settled' ? 'ReceiptsSettled' : 'ReceiptsBusy', MetricUnit.Count, 1);
    if (settled === 'busy') throw new Error('Others keep writing this key; it is looked at again later');
  } catch (error) {
    if (!(error instanceof BadReceipt) && !(error instanceof PoisonDocument)) {
      logger.warn('A receipt is to be delivered again', { messageId, body, cause: String(error) });
      throw error;
    }
    // What no redelivery can settle goes to the dead letters at once.
    metrics.addMetric('ReceiptsBuried', MetricUnit.Count, 1);
    logger.error('A receipt can never be settled as it is', error);
    await bury(queues, environment.DEAD_LETTERS_QUEUE, body, error.message);
  }
}

export const handler = worker(logger, metrics, handleRecord);
