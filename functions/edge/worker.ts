/** What all functions that work off a queue have around them. */
import { BatchProcessor, EventType, processPartialResponse } from '@aws-lambda-powertools/batch';
import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import { logMetrics } from '@aws-lambda-powertools/metrics/middleware';
import middy from '@middy/core';
import type { Context, SQSRecord } from 'aws-lambda';
import type { Container } from './container.ts';
import { noteChanges } from './note_changes.ts';
import { queueEvent } from './queue.ts';

/** @param handle throws for a message that is to be delivered again; the others of its batch are done. */
export function worker(
  { logger, metrics, failovers }: Pick<Container, 'logger' | 'metrics' | 'failovers'>,
  handle: (record: SQSRecord, context: Context) => Promise<void>,
) {
  const processor = new BatchProcessor(EventType.SQS);
  return middy<unknown>()
    .use(injectLambdaContext(logger, { resetKeys: true }))
    .use(logMetrics(metrics))
    .use(noteChanges(failovers, 'rest'))
    .handler((event: unknown, context: Context) =>
      processPartialResponse(queueEvent(event), (record: SQSRecord) => handle(record, context), processor, {
        context,
        throwOnFullBatchFailure: false,
      }),
    );
}
