/** What proves that Oracle bears the load of reads: a queue that the API sends to, and the function that asks Oracle. Both are there where a collection proves something. */
import { Duration, Validations } from 'aws-cdk-lib';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { provesLoad } from '../../functions/configuration/load_proof.ts';
import { RETIRED } from '../../functions/edge/environment.ts';
import { oracleSecrets } from '../oracle_logins.ts';
import type { CheckedSettings } from '../settings.ts';
import { allow } from './allow.ts';
import type { Functions } from './functions.ts';
import type { Parameters } from './parameters.ts';
import type { WorkQueue } from './work_queue.ts';

export interface LoadProofProps {
  readonly functions: Functions;
  readonly parameters: Parameters;
  readonly receipts: WorkQueue;
  readonly settings: CheckedSettings;
  readonly timeout: Duration;
  /** Of the functions that work. */
  readonly environment: Readonly<Record<string, string>>;
}

/** The shortest that SQS has: a read that is asked for later proves nothing, so nothing ever piles up. */
const KEPT = Duration.minutes(1);
/** Messages of one invocation: 250 reads. */
const BATCH = 10;

/** Nothing where no collection proves anything. @param router the function of the API. @returns the function that proves. */
export function loadProof(scope: Construct, router: LambdaFunction, props: LoadProofProps): LambdaFunction[] {
  return provesLoad(props.settings.configuration)
    ? [new LoadProof(scope, 'LoadProof', router, props).prover]
    : [];
}

class LoadProof extends Construct {
  readonly prover: LambdaFunction;

  constructor(scope: Construct, id: string, router: LambdaFunction, props: LoadProofProps) {
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
    this.prover = proverOf(props, prove);
    this.prover.addEventSource(
      new SqsEventSource(queue, { batchSize: BATCH, reportBatchItemFailures: true, maxConcurrency: prove }),
    );
    allow(router, ['sqs:SendMessage'], [queue.queueArn]);
    router.addEnvironment('PROOF_QUEUE', queue.queueUrl);
  }
}

/** It has no login of Couchbase: what that has answered the API has measured. */
function proverOf(
  { functions, parameters, receipts, settings, ...props }: LoadProofProps,
  containers: number,
) {
  const { secrets } = settings.deployment;
  const prover = functions.create('Prove', {
    entry: 'prove',
    description: 'Asks Oracle for reads that Couchbase has answered, and measures it',
    // As much as the API has, whose times it foretells.
    ...{ timeout: props.timeout, memory: 1024, concurrency: containers },
    environment: { ...props.environment, COUCHBASE_SECRET: RETIRED },
  });
  parameters.allowObeying(prover);
  parameters.allowLogins(prover);
  functions.allowReadingSecret(prover, oracleSecrets(secrets).work);
  if (secrets.keys !== null) functions.allowReadingSecret(prover, secrets.keys);
  receipts.allowSending(prover);
  return prover;
}
