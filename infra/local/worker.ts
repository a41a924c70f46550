/** Event source mappings of a template: messages from a queue to a function, and back where it failed. */
import {
  DeleteMessageBatchCommand,
  GetQueueAttributesCommand,
  type Message,
  ReceiveMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import type { LocalFunction } from './lambda/function.ts';
import { longest } from './lambda/lineage.ts';
import { REGION } from './template.ts';

export interface Mapping {
  readonly target: LocalFunction;
  readonly queueUrl: string;
  readonly queueArn: string;
  readonly batchSize: number;
  /** Whether the function tells which messages of a batch failed: `ReportBatchItemFailures`. */
  readonly reportsFailures: boolean;
  /** Batches at the same time. */
  readonly concurrency: number;
}

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
    const { queueUrl, target, concurrency } = this.#mapping;
    const { Attributes } = await this.#client.send(
      new GetQueueAttributesCommand({ QueueUrl: queueUrl, AttributeNames: ['VisibilityTimeout'] }),
    );
    const visibility = Number(Attributes?.VisibilityTimeout);
    const timeout = target.settings.timeout / 1000;
    if (visibility < timeout)
      throw new Error(
        `Queue visibility timeout: ${visibility} seconds is less than Function timeout: ${timeout} seconds`,
      );
    this.#running = Promise.all(Array.from({ length: concurrency }, () => this.#work()));
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
  }

  async #work(): Promise<void> {
    const { queueUrl, batchSize } = this.#mapping;
    const receive = new ReceiveMessageCommand({
      QueueUrl: queueUrl,
      MaxNumberOfMessages: batchSize,
      WaitTimeSeconds: 20,
      MessageAttributeNames: ['All'],
      MessageSystemAttributeNames: ['All'],
    });
    while (!this.#stopping.signal.aborted)
      try {
        const { Messages = [] } = await this.#client.send(receive, { abortSignal: this.#stopping.signal });
        if (Messages.length > 0) await this.#handle(Messages);
      } catch (error) {
        if (!this.#stopping.signal.aborted) this.#failed(error);
      }
  }

  async #handle(messages: readonly Message[]): Promise<void> {
    const { target, queueUrl, reportsFailures } = this.#mapping;
    const headers = messages.map(({ Attributes }) => Attributes?.AWSTraceHeader);
    const event = { Records: messages.map((message) => this.#record(message)) };
    const result = await target.invoke(event, longest(headers, target.settings.arn));
    const { batchItemFailures = [] } = (result ?? {}) as { batchItemFailures?: { itemIdentifier: string }[] };
    const failed = new Set(
      reportsFailures ? batchItemFailures.map(({ itemIdentifier }) => itemIdentifier) : [],
    );
    const done = messages.filter(({ MessageId = '' }) => !failed.has(MessageId));
    if (done.length === 0) return;
    await this.#client.send(
      new DeleteMessageBatchCommand({
        QueueUrl: queueUrl,
        Entries: done.map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle })),
      }),
    );
  }

  #record({ MessageId, ReceiptHandle, Body, Attributes, MessageAttributes = {}, MD5OfBody }: Message) {
    const attributes = Object.entries(MessageAttributes).map(([name, { StringValue, DataType }]) => [
      name,
      { stringValue: StringValue, dataType: DataType, stringListValues: [], binaryListValues: [] },
    ]);
    return {
      ...{ messageId: MessageId, receiptHandle: ReceiptHandle, body: Body, attributes: Attributes },
      messageAttributes: Object.fromEntries(attributes),
      ...{ md5OfBody: MD5OfBody, eventSource: 'aws:sqs' },
      ...{ eventSourceARN: this.#mapping.queueArn, awsRegion: REGION },
    };
  }
}
