/** Event source mappings of a template: messages from a queue to a function, and back where it failed. */
import {
  DeleteMessageBatchCommand,
  GetQueueAttributesCommand,
  type Message,
  ReceiveMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import { Batches } from './batches.ts';
import type { LocalFunction } from './lambda/function.ts';
import { longest } from './lambda/lineage.ts';
import { SQS } from './limits.ts';
import { REGION } from './template.ts';

export interface Mapping {
  readonly target: LocalFunction;
  readonly queueUrl: string;
  readonly queueArn: string;
  readonly batchSize: number;
  /** Seconds that a batch waits for more messages than one call gives. */
  readonly window: number;
  /** Whether the function tells which messages of a batch failed: `ReportBatchItemFailures`. */
  readonly reportsFailures: boolean;
  /** Batches at the same time. */
  readonly concurrency: number;
}

type Received = ReturnType<typeof recordOf>;

/** Works a queue off until it is stopped. The client has the permissions of the function's role, as Lambda's own poller does. */
export class Worker {
  readonly #mapping: Mapping;
  readonly #client: SQSClient;
  readonly #failed: (error: unknown) => void;
  readonly #stopping = new AbortController();
  #running: Promise<unknown> = Promise.resolve();

  constructor(mapping: Mapping, client: SQSClient, failed: (error: unknown) => void) {
    this.#mapping = mapping;
    this.#client = client;
    this.#failed = failed;
  }

  /** Rejects where AWS would refuse the mapping: a message must stay invisible for longer than the function may take. */
  async start(): Promise<void> {
    const { queueUrl, target, concurrency, batchSize, window } = this.#mapping;
    const { Attributes } = await this.#client.send(
      new GetQueueAttributesCommand({ QueueUrl: queueUrl, AttributeNames: ['VisibilityTimeout'] }),
    );
    const visibility = Number(Attributes?.VisibilityTimeout);
    const timeout = target.settings.timeout / 1000;
    if (visibility < timeout)
      throw new Error(
        `Queue visibility timeout: ${visibility} seconds is less than Function timeout: ${timeout} seconds`,
      );
    if (batchSize > SQS.entries && window < 1)
      throw new Error(
        'Maximum batch window in seconds must be greater than 0 if maximum batch size is greater than 10',
      );
    this.#running = Promise.all(Array.from({ length: concurrency }, () => this.#work()));
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
  }

  async #work(): Promise<void> {
    const { batchSize, window } = this.#mapping;
    const batches = new Batches({
      size: batchSize,
      window: window * 1000,
      receive: (most, wait) => this.#receive(most, wait),
      failed: (error) => this.#tell(error),
    });
    while (!this.#stopping.signal.aborted)
      try {
        const received = await batches.next();
        if (received.length > 0) await this.#handle(received);
      } catch (error) {
        this.#tell(error);
      }
  }

  #tell(error: unknown): void {
    if (!this.#stopping.signal.aborted) this.#failed(error);
  }

  async #receive(most: number, wait: number): Promise<Received[]> {
    const receive = new ReceiveMessageCommand({
      ...{ QueueUrl: this.#mapping.queueUrl, MaxNumberOfMessages: most, WaitTimeSeconds: wait },
      MessageAttributeNames: ['All'],
      MessageSystemAttributeNames: ['All'],
    });
    const { Messages = [] } = await this.#client.send(receive, { abortSignal: this.#stopping.signal });
    return Messages.map((message) => recordOf(message, this.#mapping.queueArn));
  }

  async #handle(records: readonly Received[]): Promise<void> {
    const { target, reportsFailures } = this.#mapping;
    const headers = records.map(({ attributes }) => attributes?.AWSTraceHeader);
    const result = await target.invoke({ Records: records }, longest(headers, target.settings.arn));
    const { batchItemFailures = [] } = (result ?? {}) as { batchItemFailures?: { itemIdentifier: string }[] };
    const failed = new Set(
      reportsFailures ? batchItemFailures.map(({ itemIdentifier }) => itemIdentifier) : [],
    );
    const done = records.filter(({ messageId = '' }) => !failed.has(messageId));
    const starts = done.flatMap((_, at) => (at % SQS.entries === 0 ? [at] : []));
    await Promise.all(starts.map((at) => this.#delete(done.slice(at, at + SQS.entries))));
  }

  async #delete(done: readonly Received[]): Promise<void> {
    const Entries = done.map(({ receiptHandle }, index) => ({
      ...{ Id: String(index), ReceiptHandle: receiptHandle },
    }));
    await this.#client.send(new DeleteMessageBatchCommand({ QueueUrl: this.#mapping.queueUrl, Entries }));
  }
}

/** A message as Lambda shows it to functions. */
function recordOf(
  { MessageId, ReceiptHandle, Body, Attributes, MessageAttributes = {}, MD5OfBody }: Message,
  queueArn: string,
) {
  const attributes = Object.entries(MessageAttributes).map(([name, { StringValue, DataType }]) => [
    name,
    { stringValue: StringValue, dataType: DataType, stringListValues: [], binaryListValues: [] },
  ]);
  return {
    ...{ messageId: MessageId, receiptHandle: ReceiptHandle, body: Body, attributes: Attributes },
    messageAttributes: Object.fromEntries(attributes),
    ...{ md5OfBody: MD5OfBody, eventSource: 'aws:sqs' },
    ...{ eventSourceARN: queueArn, awsRegion: REGION },
  };
}
