/** The worker of an event source mapping of the template: it takes messages from a queue for a function. */
import { SQSClient } from '@aws-sdk/client-sqs';
import type { LocalFunction } from './lambda/function.ts';
import { accessKeyOf } from './policy.ts';
import { ACCOUNT, REGION, type Resource, type Template, UnknownInTemplate } from './template.ts';
import { Worker } from './worker.ts';

interface Mapped {
  /** Of the function, at most. */
  readonly containers: number;
  readonly log: (source: string, line: string) => void;
}

export function workerOf(
  template: Template,
  { id, properties }: Resource,
  functions: ReadonlyMap<string, LocalFunction>,
  endpoint: string,
  { log, containers }: Mapped,
): Worker {
  const { EventSourceArn, FunctionName, BatchSize, FunctionResponseTypes, ScalingConfig, ...mapped } =
    template.resolve(properties) as {
      EventSourceArn: string;
      FunctionName: string;
      BatchSize?: number;
      MaximumBatchingWindowInSeconds?: number;
      FunctionResponseTypes?: string[];
      ScalingConfig?: { MaximumConcurrency: number };
    };
  const target = [...functions.values()].find(({ settings }) => settings.name === FunctionName);
  if (target === undefined)
    throw new UnknownInTemplate(`${id} leads to ${FunctionName}, which is no function`);
  const client = new SQSClient({
    ...{ endpoint, region: REGION },
    credentials: { accessKeyId: accessKeyOf(target.settings.name), secretAccessKey: 'local' },
  });
  const mapping = {
    target,
    queueUrl: `${endpoint}/${ACCOUNT}/${EventSourceArn.split(':').at(-1)}`,
    queueArn: EventSourceArn,
    batchSize: BatchSize ?? 10,
    window: mapped.MaximumBatchingWindowInSeconds ?? 0,
    reportsFailures: FunctionResponseTypes?.includes('ReportBatchItemFailures') ?? false,
    // Not what the function has reserved: where that is less, Lambda refuses what is too much.
    concurrency: Math.min(containers, ScalingConfig?.MaximumConcurrency ?? containers),
  };
  return new Worker(mapping, client, (error) => log(id, String(error)));
}
