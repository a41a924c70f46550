/** The parameters that operators and the phase controller write, and routers read. */

import { Stack, Validations } from 'aws-cdk-lib';
import { Effect, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { StringParameter } from 'aws-cdk-lib/aws-ssm';
import { Construct, type IConstruct } from 'constructs';
import { INITIAL_PHASE } from '../../functions/phases/effective_phase.ts';
import { PHASES, ROUTES } from '../../functions/protocol/phase.ts';

export class Parameters extends Construct {
  readonly phase: StringParameter;
  /** Documents a second that the backfill may copy, all workers together. */
  readonly pace: StringParameter;
  readonly flags: Readonly<Record<'couchbaseWrites' | 'oracleWrites' | 'reads', StringParameter>>;
  /** What the names of moves that were claimed begin with. */
  readonly moves: string;

  /**
   * The values are those of a new stack. CloudFormation writes a parameter only where its template changes, so none of these may:
   * a deployment in mid-migration would set back what operators have set.
   * @param prefix what the names begin with.
   */
  constructor(scope: Construct, id: string, prefix: string) {
    super(scope, id);
    const { couchbaseWrites, oracleWrites, reads } = ROUTES[INITIAL_PHASE.phase].flags;
    const either = '^(true|false)$';
    this.flags = {
      couchbaseWrites: this.#flag(
        `${prefix}/couchbase-writes`,
        'CouchbaseWrites',
        String(couchbaseWrites),
        either,
      ),
      oracleWrites: this.#flag(`${prefix}/oracle-writes`, 'OracleWrites', String(oracleWrites), either),
      reads: this.#flag(`${prefix}/reads`, 'Reads', reads, '^(couchbase|oracle)$'),
    };
    this.moves = `${prefix}/moves`;
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

  /** Lets a function read what operators want, claim moves, and publish phases. */
  allowMoving(controller: LambdaFunction): void {
    const { couchbaseWrites, oracleWrites, reads } = this.flags;
    const claims = Stack.of(this).formatArn({
      service: 'ssm',
      resource: 'parameter',
      resourceName: `${this.moves.slice(1)}/*`,
    });
    const statement = (actions: string[], resources: string[]) =>
      controller.addToRolePolicy(new PolicyStatement({ effect: Effect.ALLOW, actions, resources }));
    statement(
      ['ssm:GetParameters'],
      [couchbaseWrites.parameterArn, oracleWrites.parameterArn, reads.parameterArn],
    );
    statement(['ssm:PutParameter'], [this.phase.parameterArn]);
    statement(['ssm:GetParameter', 'ssm:PutParameter'], [claims]);
    Validations.of(controller.role as IConstruct).acknowledge({
      id: `AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:ssm:<AWS::Region>:<AWS::AccountId>:parameter${this.moves}/*]`,
      reason: 'A claim is named after the version that it leaves, which nobody knows beforehand',
    });
  }

  #flag(parameterName: string, id: string, stringValue: string, allowedPattern: string): StringParameter {
    const description = 'Set by operators; the phase controller walks to the phase that it asks for';
    return new StringParameter(this, id, { parameterName, description, stringValue, allowedPattern });
  }
}
