/** The parameters that operators and the phase controller write, and routers read. */
import { NestedStack, RemovalPolicy, Stack, Validations } from 'aws-cdk-lib';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { StringParameter } from 'aws-cdk-lib/aws-ssm';
import { Construct, type IConstruct } from 'constructs';
import { INITIAL_PHASE } from '../../functions/phases/effective_phase.ts';
import {
  anchorsOf,
  askedOf,
  awayOf,
  FLAGS,
  type FlagName,
  flagOf,
  flagOfAll,
  guardOf,
  heartbeatOf,
  holdOf,
  INHERIT,
  loginsOf,
  movesOf,
  phaseOf,
  toldOf,
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

/** Stands for all collections in the name of a parameter. IAM's `*` takes slashes too, but no other name ends as these do. */
const ANY = '*';

/** In an ARN. */
const PARAMETER = { service: 'ssm', resource: 'parameter' };

export interface ParametersProps {
  /** What the names begin with. */
  readonly prefix: string;
  readonly collections: readonly string[];
  /** How many of them, from the first on, have their parameters in the stack itself: the others' are in a nested stack. */
  readonly inStack: number;
}

export class Parameters extends Construct {
  /** What all names begin with. */
  readonly prefix: string;
  /** Documents a second that the backfill may copy, all workers together. */
  readonly pace: StringParameter;
  /** Of all collections. */
  readonly #flags: readonly StringParameter[];

  /**
   * The values are those of a new stack. CloudFormation writes a parameter only where its template changes, so none of these may:
   * a deployment in mid-migration would set back what operators have set. No parameter may go to another stack, either: the one stack
   * cannot create what the other one still has, and the deployment fails.
   */
  constructor(scope: Construct, id: string, { prefix, collections, inStack }: ParametersProps) {
    super(scope, id);
    this.prefix = prefix;
    this.#flags = FLAGS.map((flag) => {
      const allowed = `^(${VALUES[flag]})$`;
      return this.#flag(this, flag, flagOfAll(prefix, flag), INITIAL[flag], allowed);
    });
    const more = collections.length > inStack ? new NestedStack(this, 'More') : this;
    let before: Construct | null = null;
    for (const [index, collection] of collections.entries()) {
      const own = new Construct(index < inStack ? this : more, collection);
      for (const flag of FLAGS)
        this.#flag(own, flag, flagOf(prefix, collection, flag), INHERIT, `^(${INHERIT}|${VALUES[flag]})$`);
      this.#phase(own, phaseOf(prefix, collection));
      // One collection after the other: SSM throttles a deployment that puts hundreds at once, which then fails.
      if (before !== null) own.node.addDependency(before);
      before = own;
    }
    this.pace = new StringParameter(this, 'Pace', {
      parameterName: `${prefix}/backfill-pace`,
      description: 'Documents a second that the backfill may copy, all workers together; 0 pauses it',
      stringValue: '500',
      allowedPattern: '^\\d{1,7}$',
    });
  }

  /** Of what operators set: the flags of all collections, and of each. */
  flagArns(): string[] {
    const arnOf = (name: string) => Stack.of(this).formatArn({ ...PARAMETER, resourceName: name.slice(1) });
    return [...this.#flags.map(({ parameterArn }) => parameterArn), ...this.flagsOfEach().map(arnOf)];
  }

  /** Names of the flags of single collections, with `*` for their names. */
  flagsOfEach(): string[] {
    return FLAGS.map((flag) => flagOf(this.prefix, ANY, flag));
  }

  /** Lets a function read the pace. */
  allowPacing(reader: LambdaFunction): void {
    allow(reader, ['ssm:GetParameter'], [this.pace.parameterArn]);
  }

  /** Lets a function read in which phase collections are. */
  allowObeying(reader: LambdaFunction): void {
    this.#allowNamed(reader, ['ssm:GetParameters'], [phaseOf(this.prefix, ANY)]);
  }

  /**
   * Lets a function read the number by which a loss of commits in Oracle is noticed, and put it where it raises it. The controller makes that parameter, as it
   * makes claims of moves: it is no resource of the stack, so it stays when the stack is deleted, and no deployment meets one that is there already.
   */
  allowHeartbeat(user: LambdaFunction, raises = false): void {
    const name = heartbeatOf(this.prefix);
    const actions = ['ssm:GetParameters', ...(raises ? ['ssm:PutParameter'] : [])];
    allow(user, actions, [Stack.of(this).formatArn({ ...PARAMETER, resourceName: name.slice(1) })]);
  }

  /** Lets the controller raise that number, note what operators were told of moves, read who has changed flags, and when, and send the hashes of the audit log that wait. */
  allowControlling(controller: LambdaFunction): void {
    this.allowHeartbeat(controller, true);
    const waiting = anchorsOf(this.prefix);
    // IAM is asked about the path, which has no `*`.
    const path = Stack.of(this).formatArn({ ...PARAMETER, resourceName: waiting.slice(1) });
    allow(controller, ['ssm:GetParametersByPath'], [path]);
    this.#allowNamed(controller, ['ssm:DeleteParameters', 'ssm:GetParametersByPath'], [`${waiting}/${ANY}`]);
    this.#allowNamed(controller, ['ssm:GetParameters', 'ssm:PutParameter'], [toldOf(this.prefix, ANY)]);
    const history = ['ssm:GetParameterHistory'];
    const own = FLAGS.map((flag) => flagOf(this.prefix, ANY, flag));
    allow(
      controller,
      history,
      this.#flags.map(({ parameterArn }) => parameterArn),
    );
    this.#allowNamed(controller, history, own);
  }

  /** Lets the guard note what it has found, and set the flags of single collections back. */
  allowGuarding(controller: LambdaFunction): void {
    const own = FLAGS.map((flag) => flagOf(this.prefix, ANY, flag));
    this.#allowNamed(controller, ['ssm:GetParameters', 'ssm:PutParameter'], [guardOf(this.prefix, ANY)]);
    this.#allowNamed(controller, ['ssm:PutParameter'], own);
  }

  /** Lets a function see, or note, that writes go on without a store that follows. Functions make these parameters, as the heartbeat's. */
  allowAway(user: LambdaFunction, notes = false): void {
    const actions = ['ssm:GetParameters', ...(notes ? ['ssm:PutParameter'] : [])];
    const names = ['couchbase', 'oracle'].map((store) => awayOf(this.prefix, store));
    const arn = (name: string) => Stack.of(this).formatArn({ ...PARAMETER, resourceName: name.slice(1) });
    allow(user, actions, names.map(arn));
  }

  /**
   * Lets a function note which logins into Oracle are tried and which were refused, and nothing else: names have the version of a secret, which nobody
   * knows beforehand. As claims of moves, these parameters are made by functions, and stay when the stack is deleted.
   */
  allowLogins(user: LambdaFunction): void {
    const actions = ['GetParameters', 'PutParameter', 'DeleteParameter'].map((name) => `ssm:${name}`);
    this.#allowNamed(user, actions, [`${loginsOf(this.prefix)}/${ANY}`]);
  }

  /**
   * Lets a function keep what operators ask for until others confirm it, and which moves they hold and commit, and tell what the guard has found. It makes these parameters, as it makes
   * claims of moves.
   */
  allowAsking(operator: LambdaFunction): void {
    this.#allowNamed(operator, ['ssm:GetParameters', 'ssm:PutParameter'], [askedOf(this.prefix, ANY)]);
    this.#allowNamed(operator, ['ssm:PutParameter'], [holdOf(this.prefix, ANY)]);
    this.#allowNamed(operator, ['ssm:GetParameters'], [guardOf(this.prefix, ANY)]);
  }

  /** Lets a function read what operators want, claim moves, publish phases, and put off hashes of the audit log. */
  allowMoving(controller: LambdaFunction): void {
    const { prefix } = this;
    this.#allowNamed(controller, ['ssm:PutParameter'], [`${anchorsOf(prefix)}/${ANY}`]);
    allow(
      controller,
      ['ssm:GetParameters'],
      this.#flags.map(({ parameterArn }) => parameterArn),
    );
    this.#allowNamed(
      controller,
      ['ssm:GetParameters'],
      [...FLAGS.map((flag) => flagOf(prefix, ANY, flag)), holdOf(prefix, ANY)],
    );
    // A claim is named after the version that it leaves, which nobody knows beforehand.
    const [phases, moves] = [phaseOf(prefix, ANY), movesOf(prefix, ANY)];
    this.#allowNamed(controller, ['ssm:GetParameters'], [moves]);
    // Functions of the version before, which run on while this one is deployed, read one by one.
    this.#allowNamed(controller, ['ssm:GetParameter', 'ssm:PutParameter'], [phases, moves]);
  }

  /** By name and not one by one: a list of each collection's would pass what IAM takes of a policy from 18 collections on. */
  #allowNamed(user: LambdaFunction, actions: readonly string[], names: readonly string[]): void {
    const stack = Stack.of(this);
    allow(
      user,
      actions,
      names.map((name) => stack.formatArn({ ...PARAMETER, resourceName: name.slice(1) })),
    );
    for (const name of names)
      Validations.of(user.role as IConstruct).acknowledge({
        id: `AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:ssm:<AWS::Region>:<AWS::AccountId>:parameter${name}]`,
        reason:
          'The same of every collection, or of every version of a secret: a list would pass what IAM takes of a policy',
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
  #phase(scope: Construct, parameterName: string): void {
    const phase = new StringParameter(scope, 'Phase', {
      parameterName,
      description: 'What routers obey. Only the phase controller writes it',
      stringValue: JSON.stringify(INITIAL_PHASE),
      allowedPattern: `^\\{"phase":"(${PHASES.join('|')})","since":\\d+,"by":".{0,250}"(,"retired":true)?\\}$`,
    });
    phase.applyRemovalPolicy(RemovalPolicy.RETAIN);
  }
}
