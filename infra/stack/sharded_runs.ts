/** Runs over shards: a state machine that sends a message per worker and waits until the workers have told it that no shard is left. */
import { type CfnElement, CfnOutput, Duration, RemovalPolicy, Stack, Validations } from 'aws-cdk-lib';
import { Alarm, ComparisonOperator, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { Rule, RuleTargetInput, Schedule } from 'aws-cdk-lib/aws-events';
import { SfnStateMachine } from 'aws-cdk-lib/aws-events-targets';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import {
  Choice,
  Condition,
  DefinitionBody,
  Fail,
  type IChainable,
  IntegrationPattern,
  LogLevel,
  Map as MapState,
  ProvideItems,
  QueryLanguage,
  StateMachine,
  Succeed,
  TaskInput,
  Timeout,
  Wait,
  WaitTime,
} from 'aws-cdk-lib/aws-stepfunctions';
import { LambdaInvoke } from 'aws-cdk-lib/aws-stepfunctions-tasks';
import { Construct } from 'constructs';
import type { Job } from '../../functions/runs/request.ts';
import type { Entry } from '../bundle.ts';
import { AWS_KEY, acknowledge, INLINE_POLICY } from './acknowledge.ts';
import { allow } from './allow.ts';
import { LaneMessage } from './lane_message.ts';
import { retryThrottled } from './throttled.ts';
import type { WorkQueue } from './work_queue.ts';

export interface ShardedRunsProps {
  readonly job: Job;
  /** Begins runs and sums them up. */
  readonly planner: LambdaFunction;
  readonly shards: WorkQueue;
  readonly logRetentionDays: number;
  /** Of which so many work at the same time. */
  readonly workers: number;
}

/** The function that works on the shards of a job, and what is around it. */
export interface ShardWorkerProps {
  readonly id: string;
  /** Names of its queue and of its state machine. */
  readonly queue: string;
  readonly machine: string;
  readonly job: Job;
  readonly entry: Entry;
  /** Containers at most. */
  readonly workers: number;
  readonly description: string;
}

/** How each job is told of. */
const TOLD = {
  copy: {
    ended: 'Copied',
    error: 'NotAllCopied',
    started: 'The state machine that operators start a backfill or a copy-back with',
    failed: 'A backfill or copy-back has set documents aside, or could not go on: see its last execution.',
  },
  verify: {
    ended: 'Equal',
    error: 'NotEqual',
    started: 'The state machine that operators start a verification with',
    failed: 'A verification has found differences, or could not go on: npx crossfade verified tells which.',
  },
} as const satisfies Record<Job, unknown>;

/** What fails a step that may be taken again: a store or a parameter that is away, and a container that has died. */
const PASSING = [
  ...['StoreUnavailable', 'PhaseUnknown'],
  ...['Lambda.Unknown', 'Runtime.ExitError', 'Sandbox.Timedout'],
];

/**
 * After so long without a sign of life the message of a lane counts as lost: it was purged, or is dead. A message that waits for its turn gives
 * no sign, and with 100 collections that run at once it waits less than two hours.
 */
const LOST = Duration.hours(3);
/** The most that the States Language allows. Each costs four events: 40 lanes of which nothing is heard have enough for 19 days. */
const WITHOUT_END = 99_999_999;

/** What EventBridge takes of one rule at most. */
const TARGETS = 5;

export class ShardedRuns extends Construct {
  readonly machine: StateMachine;

  constructor(scope: Construct, id: string, props: ShardedRunsProps) {
    super(scope, id);
    const { job, planner, logRetentionDays } = props;
    const shards = this.#lanes(props);
    const summarize = this.#step(planner, 'Summarize', { step: 'summarize', run: '{% $states.input.run %}' });
    const { error, ended } = TOLD[job];
    const worked =
      job === 'verify' ? shards.next(this.#rechecking(planner, summarize)) : shards.next(summarize);
    summarize.next(
      Choice.jsonata(this, 'Clean')
        .when(Condition.jsonata("{% $states.input.outcome = 'clean' %}"), Succeed.jsonata(this, ended))
        // A lane that has lost its message leaves its shard behind.
        .when(Condition.jsonata('{% $count($states.input.open) > 0 %}'), shards)
        .otherwise(Fail.jsonata(this, error, { error, cause: '{% $string($states.input) %}' })),
    );
    const begun = Choice.jsonata(this, 'Over')
      .when(Condition.jsonata('{% $states.input.over %}'), Succeed.jsonata(this, 'NothingToDo'))
      .otherwise(worked);
    const begin = this.#step(planner, 'Begin', {
      ...{ step: 'begin', job },
      run: '{% $states.context.Execution.Name %}',
      input: '{% $states.context.Execution.Input %}',
    });
    this.machine = new StateMachine(this, 'Machine', {
      queryLanguage: QueryLanguage.JSONATA,
      definitionBody: DefinitionBody.fromChainable(begin.next(begun)),
      logs: {
        level: LogLevel.ALL,
        destination: new LogGroup(this, 'Log', {
          retention: logRetentionDays,
          removalPolicy: RemovalPolicy.RETAIN,
        }),
      },
    });
    new CfnOutput(this, 'Name', {
      value: this.machine.stateMachineArn,
      description: TOLD[job].started,
    });
    new Alarm(this, 'Failed', {
      alarmDescription: TOLD[job].failed,
      metric: this.machine.metricFailed({ period: Duration.minutes(5), statistic: 'sum' }),
      comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
      ...{ threshold: 0, evaluationPeriods: 1, treatMissingData: TreatMissingData.NOT_BREACHING },
    });
    this.#acknowledge(planner);
  }

  #acknowledge(planner: LambdaFunction): void {
    // Its log group, its role, and the role of the rules that start it.
    acknowledge(this, { ...AWS_KEY, ...INLINE_POLICY });
    Validations.of(this.machine).acknowledge(
      { id: 'AwsSolutions-SF2', reason: 'Every event is logged; traces would add nothing to that' },
      { id: 'AwsSolutions-IAM5[Resource::*]', reason: 'Log delivery knows no narrower resource' },
      {
        id: `AwsSolutions-IAM5[Resource::<${Stack.of(this).getLogicalId(planner.node.defaultChild as CfnElement)}.Arn>:*]`,
        reason: 'The CDK adds the versions of the function that the machine may invoke; there are none',
      },
    );
  }

  /** Starts runs by itself, one an input. */
  every(hours: number, inputs: readonly object[]): void {
    for (let at = 0; at < inputs.length; at += TARGETS)
      // The first rule keeps the name that it had while there was only one.
      new Rule(this, at === 0 ? 'Schedule' : `Schedule${at / TARGETS + 1}`, {
        schedule: Schedule.rate(Duration.hours(hours)),
        targets: inputs
          .slice(at, at + TARGETS)
          .map((input) => new SfnStateMachine(this.machine, { input: RuleTargetInput.fromObject(input) })),
      });
  }

  /** Lets a function start runs. */
  allowStarting(starter: LambdaFunction): void {
    allow(starter, ['states:StartExecution'], [this.machine.stateMachineArn]);
  }

  /** Lets a worker tell how far it has come. */
  allowTelling(worker: LambdaFunction): void {
    allow(
      worker,
      ['states:SendTaskSuccess', 'states:SendTaskFailure', 'states:SendTaskHeartbeat'],
      [this.machine.stateMachineArn],
    );
  }

  /** What differed is looked at again, later and later, until all of it has passed or stands. */
  #rechecking(planner: LambdaFunction, then: IChainable): LambdaInvoke {
    const recheck = this.#step(planner, 'Recheck', { step: 'recheck', run: '{% $states.input.run %}' });
    const later = Wait.jsonata(this, 'Later', { time: WaitTime.seconds('{% $states.input.wait %}') });
    later.next(recheck);
    recheck.next(
      Choice.jsonata(this, 'Settled')
        .when(Condition.jsonata('{% $states.input.suspects > 0 %}'), later)
        .otherwise(then),
    );
    return recheck;
  }

  #step(planner: LambdaFunction, id: string, payload: Record<string, string>): LambdaInvoke {
    const step = LambdaInvoke.jsonata(this, id, {
      lambdaFunction: planner,
      payload: TaskInput.fromObject(payload),
      outputs: '{% $states.result.Payload %}',
    });
    step.addRetry({ errors: PASSING, interval: Duration.seconds(2), backoffRate: 2, maxAttempts: 7 });
    return retryThrottled(step);
  }

  /**
   * A lane per worker, each with one message. Its workers go from shard to shard, and SQS delivers the message again where one of them dies; a
   * lane of which nothing is heard for hours has lost its message, and gets another.
   */
  #lanes({ shards, workers }: ShardedRunsProps): MapState {
    const working = MapState.jsonata(this, 'Shards', {
      items: ProvideItems.jsonata('{% $states.input.open %}'),
      itemSelector: {
        run: '{% $states.input.run %}',
        shard: '{% $states.context.Map.Item.Value %}',
      },
      maxConcurrency: workers,
      outputs: '{% {"run": $states.input.run} %}',
    });
    const work = new LaneMessage(this, 'Work', {
      queue: shards.queue,
      queryLanguage: QueryLanguage.JSONATA,
      integrationPattern: IntegrationPattern.WAIT_FOR_TASK_TOKEN,
      messageBody: TaskInput.fromObject({
        run: '{% $states.input.run %}',
        collection: '{% $states.context.Execution.Input.collection %}',
        shard: '{% $states.input.shard %}',
        token: '{% $states.context.Task.Token %}',
      }),
      heartbeatTimeout: Timeout.duration(LOST),
    });
    work.addRetry({
      errors: ['States.HeartbeatTimeout'],
      interval: Duration.seconds(1),
      backoffRate: 1,
      maxAttempts: WITHOUT_END,
    });
    return working.itemProcessor(work);
  }
}
