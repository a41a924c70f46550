/** Certifications: a function that checks both stores in scratch places, and a state machine that lets it go on turn by turn, since that takes longer than a function. */
import { type CfnElement, CfnOutput, Duration, RemovalPolicy, Stack, Validations } from 'aws-cdk-lib';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import {
  Choice,
  Condition,
  DefinitionBody,
  Fail,
  LogLevel,
  QueryLanguage,
  StateMachine,
  Succeed,
  TaskInput,
} from 'aws-cdk-lib/aws-stepfunctions';
import { LambdaInvoke } from 'aws-cdk-lib/aws-stepfunctions-tasks';
import { Construct } from 'constructs';
import { RETIRED } from '../../functions/edge/environment.ts';
import { oracleVariables } from '../oracle_logins.ts';
import type { Deployment } from '../settings.ts';
import { AWS_KEY, acknowledge, INLINE_POLICY } from './acknowledge.ts';
import type { Functions } from './functions.ts';
import type { Parameters } from './parameters.ts';
import { retryThrottled } from './throttled.ts';

export interface CertifyingProps {
  readonly functions: Functions;
  readonly parameters: Parameters;
  readonly deployment: Deployment;
}

/** The most that Lambda allows: the longest check, which waits for an operator twice, takes twelve minutes. */
const TURN = Duration.minutes(15);

/** What fails a turn that may be taken again: a store that is away, and a container that has died. The next turn finds the check that has ended it. */
const PASSING = [
  ...['StoreUnavailable', 'DurabilityImpossible'],
  ...['Lambda.Unknown', 'Runtime.ExitError', 'Sandbox.Timedout'],
];

export class Certifying extends Construct {
  readonly machine: StateMachine;
  readonly certifier: LambdaFunction;

  constructor(scope: Construct, id: string, props: CertifyingProps) {
    super(scope, id);
    this.certifier = this.#function(props);
    this.machine = new StateMachine(this, 'Machine', {
      queryLanguage: QueryLanguage.JSONATA,
      definitionBody: DefinitionBody.fromChainable(this.#definition()),
      logs: {
        level: LogLevel.ALL,
        destination: new LogGroup(this, 'Log', {
          retention: props.deployment.logRetentionDays,
          removalPolicy: RemovalPolicy.RETAIN,
        }),
      },
    });
    new CfnOutput(this, 'Name', {
      value: this.machine.stateMachineArn,
      description: 'The state machine that operators start a certification with',
    });
    this.#acknowledge();
  }

  /** It reads both secrets and notes its logins, and nothing else: it sends no message, and neither reads nor writes a phase. */
  #function({ functions, parameters, deployment }: CertifyingProps): LambdaFunction {
    const { couchbase } = deployment.secrets;
    const certifier = functions.create('Certify', {
      entry: 'certify',
      description: 'Certifies that both stores are as Crossfade needs them',
      ...{ timeout: TURN, memory: 2048, concurrency: null },
      environment: {
        ...{ PARAMETERS: parameters.prefix, COUCHBASE_SECRET: couchbase ?? RETIRED },
        ...oracleVariables(deployment.secrets, 'control', false),
      },
    });
    functions.allowStores(certifier, deployment.secrets, 'control');
    parameters.allowLogins(certifier);
    return certifier;
  }

  #definition(): LambdaInvoke {
    const run = '{% $states.context.Execution.Name %}';
    const begin = this.#step('Begin', {
      ...{ step: 'begin', run },
      input: '{% $states.context.Execution.Input %}',
    });
    const turn = this.#step('GoOn', { step: 'go on', run });
    // Without this another one could begin only a quarter of an hour later. What has failed goes through.
    const giveUp = this.#step('GiveUp', { step: 'give up', run }, '{% $states.input %}');
    giveUp.next(
      Fail.jsonata(this, 'NotCertified', {
        error: '{% $states.input.Error %}',
        cause: '{% $states.input.Cause %}',
      }),
    );
    for (const step of [begin, turn]) step.addCatch(giveUp, { errors: ['States.ALL'] });
    turn.next(
      Choice.jsonata(this, 'Over')
        .when(Condition.jsonata('{% $states.input.done %}'), Succeed.jsonata(this, 'Ended'))
        .otherwise(turn),
    );
    begin.next(turn);
    return begin;
  }

  #step(id: string, payload: Record<string, string>, outputs = '{% $states.result.Payload %}'): LambdaInvoke {
    const step = LambdaInvoke.jsonata(this, id, {
      lambdaFunction: this.certifier,
      payload: TaskInput.fromObject(payload),
      outputs,
      retryOnServiceExceptions: false,
    });
    const patience = { interval: Duration.seconds(2), backoffRate: 2, maxDelay: Duration.minutes(1) };
    step.addRetry({ errors: PASSING, ...patience, maxAttempts: 9 });
    return retryThrottled(step);
  }

  #acknowledge(): void {
    // Its log group, and its role.
    acknowledge(this, { ...AWS_KEY, ...INLINE_POLICY });
    const certifier = Stack.of(this).getLogicalId(this.certifier.node.defaultChild as CfnElement);
    Validations.of(this.machine).acknowledge(
      { id: 'AwsSolutions-SF2', reason: 'Every event is logged; traces would add nothing to that' },
      { id: 'AwsSolutions-IAM5[Resource::*]', reason: 'Log delivery knows no narrower resource' },
      {
        id: `AwsSolutions-IAM5[Resource::<${certifier}.Arn>:*]`,
        reason: 'The CDK adds the versions of the function that the machine may invoke; there are none',
      },
    );
  }
}
