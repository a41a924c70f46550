/** The parameters that operators and the phase controller write, and routers read. */
import { RemovalPolicy, Stack, Validations } from 'aws-cdk-lib';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { StringParameter } from 'aws-cdk-lib/aws-ssm';
import { Construct, type IConstruct } from 'constructs';
import { INITIAL_PHASE } from '../../functions/phases/effective_phase.ts';
import {
  FLAGS,
  type FlagName,
  flagOf,
  flagOfAll,
  INHERIT,
  movesOf,
  phaseOf,
} from '../../functions/phases/parameters.ts';
import { PHASES, ROUTES } from '../../functions/protocol/phase.ts';
import { allow } from './allow.ts';

const { couchbaseWrites, oracleWrites, reads } = ROUTES[INITIAL_PHASE.phase].flags;
/** Of a new stack. */
const INITIAL: Readonly<Record<FlagName, string>> = {
  'couchbase-writes': String(couchbaseWrites),
  'oracle-writes': String(oracleWrites),
  reads,
};
const VALUES: Readonly<Record<FlagName, string>> = {
  'couchbase-writes': 'true|false',
  'oracle-writes': 'true|false',
  reads: 'couchbase|oracle',
};

export class Parameters extends Construct {
  /** What all names begin with. */
  readonly prefix: string;
  /** Documents a second that the backfill may copy, all workers together. */
  readonly pace: StringParameter;
  /** Of all collections, and of each. */
  readonly #flags: readonly StringParameter[];
  /** Of each collection. */
  readonly #phases: readonly StringParameter[];
  readonly #collections: readonly string[];

  /**
   * The values are those of a new stack. CloudFormation writes a parameter only where its template changes, so none of these may:
   * a deployment in mid-migration would set back what operators have set.
   * @param prefix what the names begin with.
   */
  constructor(scope: Construct, id: string, prefix: string, collections: readonly string[]) {
    super(scope, id);
    this.prefix = prefix;
    this.#collections = collections;
    const common = FLAGS.map((flag) => {
      const allowed = `^(${VALUES[flag]})$`;
      return this.#flag(this, flag, flagOfAll(prefix, flag), INITIAL[flag], allowed);
    });
    const each = collections.map((collection) => {
      const own = new Construct(this, collection);
      const flags = FLAGS.map((flag) =>
        this.#flag(own, flag, flagOf(prefix, collection, flag), INHERIT, `^(${INHERIT}|${VALUES[flag]})$`),
      );
      return { flags, phase: this.#phase(own, phaseOf(prefix, collection)) };
    });
    this.#flags = [...common, ...each.flatMap(({ flags }) => flags)];
    this.#phases = each.map(({ phase }) => phase);
    this.pace = new StringParameter(this, 'Pace', {
      parameterName: `${prefix}/backfill-pace`,
      description: 'Documents a second that the backfill may copy, all workers together; 0 pauses it',
      stringValue: '500',
      allowedPattern: '^\\d{1,7}$',
    });
  }

  /** Lets a function read the pace. */
  allowPacing(reader: LambdaFunction): void {
    allow(reader, ['ssm:GetParameter'], [this.pace.parameterArn]);
  }

  /** Lets a function read in which phase collections are. */
  allowObeying(reader: LambdaFunction): void {
    allow(reader, ['ssm:GetParameters'], arnsOf(this.#phases));
  }

  /** Lets a function read what operators want, claim moves, and publish phases. */
  allowMoving(controller: LambdaFunction): void {
    const claims = this.#collections.map((collection) =>
      Stack.of(this).formatArn({
        ...{ service: 'ssm', resource: 'parameter' },
        resourceName: `${movesOf(this.prefix, collection).slice(1)}/*`,
      }),
    );
    allow(controller, ['ssm:GetParameters'], arnsOf(this.#flags));
    allow(controller, ['ssm:GetParameter', 'ssm:PutParameter'], [...arnsOf(this.#phases), ...claims]);
    const reason = 'A claim is named after the version that it leaves, which nobody knows beforehand';
    for (const collection of this.#collections)
      Validations.of(controller.role as IConstruct).acknowledge({
        id: `AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:ssm:<AWS::Region>:<AWS::AccountId>:parameter${movesOf(this.prefix, collection)}/*]`,
        reason,
      });
  }

  #flag(
    scope: Construct,
    id: string,
    parameterName: string,
    stringValue: string,
    allowedPattern: string,
  ): StringParameter {
    const description = 'Set by operators; the phase controller walks to the phase that it asks for';
    return new StringParameter(scope, id, { parameterName, description, stringValue, allowedPattern });
  }

  /** It outlives its stack: a collection that is taken out and put in again would be believed to be in its first phase. */
  #phase(scope: Construct, parameterName: string): StringParameter {
    const phase = new StringParameter(scope, 'Phase', {
      parameterName,
      description: 'What routers obey. Only the phase controller writes it',
      stringValue: JSON.stringify(INITIAL_PHASE),
      allowedPattern: `^\\{"phase":"(${PHASES.join('|')})","since":\\d+,"by":".{0,250}"(,"retired":true)?\\}$`,
    });
    phase.applyRemovalPolicy(RemovalPolicy.RETAIN);
    return phase;
  }
}

function arnsOf(parameters: readonly StringParameter[]): string[] {
  return parameters.map(({ parameterArn }) => parameterArn);
}
