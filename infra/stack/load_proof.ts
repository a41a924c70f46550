/** What proves that Oracle bears the load of reads: a queue that the API sends to, and the function that asks Oracle. Both are there where a collection proves something, until Couchbase is retired. */
import { Duration, Validations } from 'aws-cdk-lib';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { provers } from '../session_settings.ts';
import { allow } from './allow.ts';
import { type Surroundings, withoutCouchbase } from './without_couchbase.ts';

/** The shortest that SQS has: a read that is asked for later proves nothing, so nothing ever piles up. */
const KEPT = Duration.minutes(1);
/** Messages of one invocation: 250 reads. */
const BATCH = 10;

/** Nothing where no container proves anything. @param router the function of the API. @returns the function that proves. */
export function loadProof(scope: Construct, router: LambdaFunction, props: Surroundings): LambdaFunction[] {
  const { deployment, configuration } = props.settings;
  return provers(deployment, configuration) > 0
    ? [new LoadProof(scope, 'LoadProof', router, props).prover]
    : [];
}

class LoadProof extends Construct {
  readonly prover: LambdaFunction;

  constructor(scope: Construct, id: string, router: LambdaFunction, props: Surroundings) {
    super(scope, id);
    const { prove } = props.settings.deployment.concurrency;
    const queue = new Queue(this, 'Queue', {
      ...{ encryption: QueueEncryption.SQS_MANAGED, enforceSSL: true, retentionPeriod: KEPT },
      visibilityTimeout: Duration.seconds(props.timeout.toSeconds() * 6),
    });
    Validations.of(queue).acknowledge({
      id: 'AwsSolutions-SQS3',
      reason: 'What could not be proven at once is dropped: a dead letter of it would be of use to nobody',
    });
    // What Couchbase has answered the API has measured. As much memory as the API has, whose times it foretells.
    this.prover = withoutCouchbase(props, {
      ...{ id: 'Prove', entry: 'prove', login: 'work', memory: 1024, concurrency: prove },
      description: 'Asks Oracle for reads that Couchbase has answered, and measures it',
    });
    this.prover.addEventSource(
      new SqsEventSource(queue, { batchSize: BATCH, reportBatchItemFailures: true, maxConcurrency: prove }),
    );
    allow(router, ['sqs:SendMessage'], [queue.queueArn]);
    router.addEnvironment('PROOF_QUEUE', queue.queueUrl);
  }
}
