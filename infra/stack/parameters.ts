/** The parameters that operators and the phase controller write, and routers read. */
import { Effect, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { StringParameter } from 'aws-cdk-lib/aws-ssm';
import { Construct } from 'constructs';
import { INITIAL_PHASE } from '../../functions/phases/effective_phase.ts';
import { PHASES, ROUTES } from '../../functions/protocol/phase.ts';

export class Parameters extends Construct {
  readonly phase: StringParameter;
  /** Documents a second that the backfill may copy, all workers together. */
  readonly pace: StringParameter;

  /**
   * The values are those of a new stack. CloudFormation writes a parameter only where its template changes, so none of these may:
   * a deployment in mid-migration would set back what operators have set.
   * @param prefix what the names begin with.
   */
  constructor(scope: Construct, id: string, prefix: string) {
    super(scope, id);
    const { couchbaseWrites, oracleWrites, reads } = ROUTES[INITIAL_PHASE.phase].flags;
    this.#flag(`${prefix}/couchbase-writes`, 'CouchbaseWrites', String(couchbaseWrites), '^(true|false)$');
    this.#flag(`${prefix}/oracle-writes`, 'OracleWrites', String(oracleWrites), '^(true|false)$');
    this.#flag(`${prefix}/reads`, 'Reads', reads, '^(couchbase|oracle)$');
    this.phase = new StringParameter(this, 'Phase', {
      parameterName: `${prefix}/phase`,
      description: 'What routers obey. Only the phase controller writes it',
      stringValue: JSON.stringify(INITIAL_PHASE),
      allowedPattern: `^\\{"phase":"(${PHASES.join('|')})","since":\\d+,"by":".{0,250}"\\}$`,
    });
    this.pace = new StringParameter(this, 'Pace', {
      parameterName: `${prefix}/backfill-pace`,
      description: 'Documents a second that the backfill may copy, all workers together; 0 pauses it',
      stringValue: '500',
      allowedPattern: '^\\d{1,7}$',
    });
  }

  /** Lets a function read one parameter, and nothing else. */
  allowReading(reader: LambdaFunction, parameter: StringParameter): void {
    reader.addToRolePolicy(
      new PolicyStatement({
        effect: Effect.ALLOW,
        actions: ['ssm:GetParameter'],
        resources: [parameter.parameterArn],
      }),
    );
  }

  #flag(parameterName: string, id: string, stringValue: string, allowedPattern: string): void {
    const description = 'Set by operators; the phase controller walks to the phase that it asks for';
    new StringParameter(this, id, { parameterName, description, stringValue, allowedPattern });
  }
}
