/** The phase controller: a state machine that looks whenever a flag has changed, and once a minute. */
import { type CfnElement, Duration, RemovalPolicy, Stack, Validations } from 'aws-cdk-lib';
import { Alarm, ComparisonOperator, type Metric, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { Rule, RuleTargetInput, Schedule } from 'aws-cdk-lib/aws-events';
import { SfnStateMachine } from 'aws-cdk-lib/aws-events-targets';
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
  Wait,
  WaitTime,
} from 'aws-cdk-lib/aws-stepfunctions';
import { LambdaInvoke } from 'aws-cdk-lib/aws-stepfunctions-tasks';
import { Construct } from 'constructs';
import { FLAGS, holdOf } from '../../functions/phases/parameters.ts';
import { moveTopicOf } from '../owner_settings.ts';
import type { CheckedSettings } from '../settings.ts';
import { AWS_KEY, acknowledge, INLINE_POLICY } from './acknowledge.ts';
import { allow, allowMeasurements } from './allow.ts';
import type { Parameters } from './parameters.ts';
import { retryThrottled } from './throttled.ts';
import { metric } from './watch.ts';

export interface ControllerProps {
  /** Makes one move of each collection, or tells what it waits for. */
  readonly control: LambdaFunction;
  readonly parameters: Parameters;
  readonly settings: CheckedSettings;
}

export class PhaseController extends Construct {
  readonly machine: StateMachine;

  constructor(scope: Construct, id: string, { control, parameters, settings }: ControllerProps) {
    super(scope, id);
    const { configuration, deployment } = settings;
    this.machine = new StateMachine(this, 'Machine', {
      queryLanguage: QueryLanguage.JSONATA,
      definitionBody: DefinitionBody.fromChainable(this.#definition(control)),
      logs: {
        level: LogLevel.ERROR,
        destination: new LogGroup(this, 'Log', {
          retention: deployment.logRetentionDays,
          removalPolicy: RemovalPolicy.RETAIN,
        }),
      },
    });
    this.#rules(parameters.prefix);
    this.#tells(control, moveTopicOf(deployment));
    if (configuration.guard !== null) {
      parameters.allowGuarding(control);
      allowMeasurements(control);
    }
    this.#alarms();
    this.#silence();
    // Its log group, its role, and the role of the rules that start it.
    acknowledge(this, { ...AWS_KEY, ...INLINE_POLICY });
    Validations.of(this.machine).acknowledge(
      {
        id: 'AwsSolutions-SF1',
        reason: 'It looks once a minute for months: errors are logged, and each move is in the audit log',
      },
      { id: 'AwsSolutions-SF2', reason: 'Traces would add nothing to the log of what was decided' },
      { id: 'AwsSolutions-IAM5[Resource::*]', reason: 'Log delivery knows no narrower resource' },
      {
        id: `AwsSolutions-IAM5[Resource::<${Stack.of(this).getLogicalId(control.node.defaultChild as CfnElement)}.Arn>:*]`,
        reason: 'The CDK adds the versions of the function that the machine may invoke; there are none',
      },
    );
  }

  #rules(prefix: string): void {
    // What has changed may not be read at once: the function asks for another look soon, where it is told that something has.
    const target = new SfnStateMachine(this.machine, {
      input: RuleTargetInput.fromObject({ changed: true }),
    });
    const changed = (id: string, description: string, names: readonly string[], operation: string[]) =>
      new Rule(this, id, {
        ...{ description, targets: [target] },
        eventPattern: {
          source: ['aws.ssm'],
          detailType: ['Parameter Store Change'],
          detail: { name: names.map((wildcard) => ({ wildcard })), operation },
        },
      });
    // Of all collections, and of each: there may be more of them than a pattern has room for.
    const flags = FLAGS.map((flag) => `${prefix}/*${flag}`);
    changed('Changed', 'A flag of the migration has changed', flags, ['Update']);
    // The first commit of a collection may make the parameter.
    const holds = [holdOf(prefix, '*')];
    changed('Committed', 'A move was held or committed', holds, ['Create', 'Update']);
    const again = new SfnStateMachine(this.machine);
    new Rule(this, 'Again', { schedule: Schedule.rate(Duration.minutes(1)), targets: [again] });
  }

  /** @param topic that operators are told of moves by; null for none. */
  #tells(control: LambdaFunction, topic: string | null): void {
    if (topic === null) return;
    control.addEnvironment('MOVE_TOPIC', topic);
    allow(control, ['sns:Publish'], [topic]);
  }

  /** One look, and a second one soon where a move is under way: the schedule does the rest. */
  #definition(control: LambdaFunction): LambdaInvoke {
    const look = (id: string) =>
      retryThrottled(
        LambdaInvoke.jsonata(this, id, { lambdaFunction: control, outputs: '{% $states.result.Payload %}' }),
      );
    const refused = Fail.jsonata(this, 'Refused', {
      error: 'FlagsRefused',
      cause: '{% $states.input.reason %}',
    });
    const isRefused = Condition.jsonata('{% $states.input.refused %}');
    const later = Wait.jsonata(this, 'Later', { time: WaitTime.seconds('{% $states.input.wait %}') });
    const ended = Succeed.jsonata(this, 'Looked');
    later
      .next(look('LookAgain'))
      .next(Choice.jsonata(this, 'StillRefused').when(isRefused, refused).otherwise(ended));
    return look('Look').next(
      Choice.jsonata(this, 'What')
        .when(isRefused, refused)
        .when(Condition.jsonata('{% $states.input.wait > 0 %}'), later)
        .otherwise(ended),
    ) as unknown as LambdaInvoke;
  }

  /** The only alarm that missing data set off: the controller looks each minute, and each look that comes to its end puts out the age. */
  #silence(): void {
    new Alarm(this, 'Silent', {
      alarmDescription:
        'The controller has not looked for a quarter of an hour: no move is made, and no other alarm of it can go off.',
      ...{ metric: metric('TransitAge', 'n'), threshold: 1, evaluationPeriods: 3 },
      comparisonOperator: ComparisonOperator.LESS_THAN_THRESHOLD,
      treatMissingData: TreatMissingData.BREACHING,
    });
  }

  #alarms(): void {
    const alarm = (id: string, alarmDescription: string, metric: Metric, threshold: number, hours = 0) =>
      new Alarm(this, id, {
        ...{ alarmDescription, threshold, evaluationPeriods: Math.max(1, hours) },
        metric: hours === 0 ? metric : metric.with({ period: Duration.hours(1) }),
        comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
        treatMissingData: TreatMissingData.NOT_BREACHING,
      });
    alarm(
      'Failed',
      'The flags ask for nothing that could be, or the controller fails. The service goes on as it was: see its last execution.',
      this.machine.metricFailed({ period: Duration.minutes(5), statistic: 'sum' }) as Metric,
      0,
    );
    alarm(
      'Stuck',
      'The service has been in seal or switch for hours: npx crossfade status tells what the next move waits for.',
      metric('TransitAge', 'max'),
      6 * 3600,
    );
    alarm(
      'Waiting',
      'A collection has been where the flags do not want it for a day: npx crossfade status tells what it waits for.',
      // Not by the age of the phase: where a collection has rested for weeks, the first look at a new wish would be a day late.
      metric('MoveWaiting', 'min'),
      0,
      24,
    );
    alarm(
      'Stalled',
      'A run is begun, and nothing has moved in it for a quarter of an hour: it was stopped, its pace is 0, or its workers fail.',
      metric('RunsStalled', 'max'),
      0,
    );
  }
}
