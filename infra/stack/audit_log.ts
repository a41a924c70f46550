/** Where the hashes of the audit log are kept, out of reach of whoever may change the database: a log group that functions may only add to. */
import { ArnFormat, RemovalPolicy, Stack } from 'aws-cdk-lib';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { LogGroup, LogStream } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { STREAM } from '../../functions/edge/anchor_log.ts';
import { AWS_KEY, acknowledge } from './acknowledge.ts';
import { allow } from './allow.ts';

export class AuditLog extends Construct {
  readonly #group: LogGroup;

  /** @param retention days. */
  constructor(scope: Construct, id: string, retention: number) {
    super(scope, id);
    this.#group = new LogGroup(this, 'Log', {
      retention,
      removalPolicy: RemovalPolicy.RETAIN,
      // Whoever may delete log groups has to take this off first, and CloudTrail has both.
      deletionProtectionEnabled: true,
    });
    new LogStream(this, 'Stream', {
      ...{ logGroup: this.#group, logStreamName: STREAM },
      removalPolicy: RemovalPolicy.RETAIN,
    });
    acknowledge(this.#group, AWS_KEY);
  }

  /** The ARN of what holds the hashes. */
  get stream(): string {
    const resourceName = `${this.#group.logGroupName}:log-stream:${STREAM}`;
    return Stack.of(this).formatArn({
      ...{ service: 'logs', resource: 'log-group', resourceName },
      arnFormat: ArnFormat.COLON_RESOURCE_NAME,
    });
  }

  /** Lets a function add hashes of entries to it, and tells it where. It can neither read nor delete any. */
  writtenBy(writer: LambdaFunction): void {
    allow(writer, ['logs:PutLogEvents'], [this.stream]);
    writer.addEnvironment('AUDIT_LOG', this.#group.logGroupName);
  }
}
