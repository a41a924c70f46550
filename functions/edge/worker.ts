/** What all functions that work off a queue have around them. */
import { BatchProcessor, EventType, processPartialResponse } from '@aws-lambda-powertools/batch';
import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import { logMetrics } from '@aws-lambda-powertools/metrics/middleware';
import middy from '@middy/core';
import type { Context, SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import type { Container } from './container.ts';
import { failingPlainly } from './log_lines.ts';
import { noteChanges } from './note_changes.ts';
import { queueEvent } from './queue.ts';

type Parts = Pick<Container, 'logger' | 'metrics' | 'failovers' | 'keys'>;

/** @param handle throws for a message that is to be delivered again; the others of its batch are done. */
export function worker(parts: Parts, handle: (record: SQSRecord, context: Context) => Promise<void>) {
  const processor = new BatchProcessor(EventType.SQS);
  return around(parts, (event, context) =>
    processPartialResponse(event, (record: SQSRecord) => handle(record, context), processor, {
      context,
      throwOnFullBatchFailure: false,
    }),
  );
}

/** @param handle all messages of an invocation. It resolves to the ids of those that are to be delivered again. */
export function batchWorker(
  parts: Parts,
  handle: (records: readonly SQSRecord[], context: Context) => Promise<readonly string[]>,
) {
  return around(parts, async ({ Records }, context): Promise<SQSBatchResponse> => {
    const again = await handle(Records, context);
    return { batchItemFailures: again.map((itemIdentifier) => ({ itemIdentifier })) };
  });
}

function around(
  { logger, metrics, failovers, keys }: Parts,
  handle: (event: SQSEvent, context: Context) => Promise<SQSBatchResponse>,
) {
  return middy<unknown>()
    .use(injectLambdaContext(logger, { resetKeys: true }))
    .use(logMetrics(metrics))
    .use(noteChanges(failovers, 'rest'))
    .use(failingPlainly(keys))
    .handler((event: unknown, context: Context) => handle(queueEvent(event), context));
}
