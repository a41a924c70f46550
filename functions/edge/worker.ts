/** What all functions that work off a queue have around them. */
import { BatchProcessor, EventType, processPartialResponse } from '@aws-lambda-powertools/batch';
import type { Logger } from '@aws-lambda-powertools/logger';
import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import type { Metrics } from '@aws-lambda-powertools/metrics';
import { logMetrics } from '@aws-lambda-powertools/metrics/middleware';
import middy from '@middy/core';
import type { Context, SQSRecord } from 'aws-lambda';
import { queueEvent } from './queue.ts';

/** @param handle throws for a message that is to be delivered again; the others of its batch are done. */
export function worker(
  logger: Logger,
  metrics: Metrics,
  handle: (record: SQSRecord, context: Context) => Promise<void>,
) {
  const processor = new BatchProcessor(EventType.SQS);
  return middy<unknown>()
    .use(injectLambdaContext(logger, { resetKeys: true }))
    .use(logMetrics(metrics))
    .handler((event: unknown, context: Context) =>
      processPartialResponse(queueEvent(event), (record: SQSRecord) => handle(record, context), processor, {
        context,
        throwOnFullBatchFailure: false,
      }),
    );
}
