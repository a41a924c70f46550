/** A queue whose messages a function works off, and all that belongs to it: dead letters, time-outs, alarms. */
import { Duration } from 'aws-cdk-lib';
import { Alarm, ComparisonOperator, type IMetric, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { allow } from './allow.ts';

export interface WorkQueueProps {
  /** Time-out of the function that works it off. */
  readonly timeout: Duration;
  /** How often a message is delivered before it counts as dead. */
  readonly deliveries: number;
  /** From what age on the oldest message is a reason to look. */
  readonly late: Duration;
}

/** The longest that SQS keeps anything. Dead letters keep their first day: both queues together have no longer. */
const RETENTION = Duration.days(14);

export class WorkQueue extends Construct {
  readonly queue: Queue;
  readonly deadLetters: Queue;

  constructor(scope: Construct, id: string, { timeout, deliveries, late }: WorkQueueProps) {
    super(scope, id);
    const kept = { encryption: QueueEncryption.SQS_MANAGED, enforceSSL: true, retentionPeriod: RETENTION };
    this.deadLetters = new Queue(this, 'DeadLetters', kept);
    this.queue = new Queue(this, 'Queue', {
      ...kept,
      // A message comes again only after everything that its last delivery has sent out has arrived or died.
      visibilityTimeout: Duration.seconds(timeout.toSeconds() * 6),
      deadLetterQueue: { queue: this.deadLetters, maxReceiveCount: deliveries },
    });
    this.#alarm('NotEmpty', 'Dead letters: keys that no redelivery can settle. Read their reasons.', {
      metric: this.deadLetters.metricApproximateNumberOfMessagesVisible({
        period: Duration.minutes(1),
        statistic: 'max',
      }),
      threshold: 0,
    });
    // A message that was received three times counts no more: what is tried again and again shows elsewhere.
    this.#alarm(
      'Late',
      'Messages are not received: the function takes none, or fails before it looks at them.',
      {
        metric: this.queue.metricApproximateAgeOfOldestMessage({
          period: Duration.minutes(1),
          statistic: 'max',
        }),
        threshold: late.toSeconds(),
      },
    );
  }

  /**
   * Lets a function work off the queue, with so many containers at most.
   * @param batch messages of one invocation at most. @param window seconds that Lambda waits for them; 0 for not at all.
   */
  workedOffBy(
    worker: LambdaFunction,
    containers: number,
    { batch, window }: { readonly batch: number; readonly window: number },
  ): void {
    worker.addEventSource(
      new SqsEventSource(this.queue, {
        batchSize: batch,
        ...(window === 0 ? {} : { maxBatchingWindow: Duration.seconds(window) }),
        reportBatchItemFailures: true,
        maxConcurrency: containers,
      }),
    );
  }

  /** Lets a function see how many messages there are, dead or alive. */
  allowCounting(user: LambdaFunction): void {
    allow(user, ['sqs:GetQueueAttributes'], [this.queue.queueArn, this.deadLetters.queueArn]);
  }

  /** Lets a function look through the dead letters, and take them out. */
  allowClearing(user: LambdaFunction): void {
    allow(
      user,
      ['sqs:ChangeMessageVisibility', 'sqs:DeleteMessage', 'sqs:ReceiveMessage'],
      [this.deadLetters.queueArn],
    );
  }

  /** Lets a function send, and nothing else. */
  allowSending(sender: LambdaFunction, queue: Queue = this.queue): void {
    allow(sender, ['sqs:SendMessage'], [queue.queueArn]);
  }

  #alarm(
    id: string,
    alarmDescription: string,
    { metric, threshold }: { metric: IMetric; threshold: number },
  ): void {
    new Alarm(this, id, {
      ...{ alarmDescription, metric, threshold },
      evaluationPeriods: 1,
      comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
      treatMissingData: TreatMissingData.NOT_BREACHING,
    });
  }
}
