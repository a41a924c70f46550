/** The state machines of runs by themselves: what the template says of them, without the rest of it. */
import { App, Duration, Stack } from 'aws-cdk-lib';
import { Code, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import type { CfnStateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import type { Job } from '../../functions/runs/request.ts';
import { ShardedRuns } from '../../infra/stack/sharded_runs.ts';
import { WorkQueue } from '../../infra/stack/work_queue.ts';

/** The definition, with X for whatever is only known in AWS. */
export function machineOf(job: Job, workers: number): string {
  const stack = new Stack(new App(), 'Runs');
  const runtime = Runtime.NODEJS_24_X;
  const planner = new LambdaFunction(stack, 'Plan', { code: Code.fromInline('0'), handler: 'x', runtime });
  const deliveries = { deliveries: 5, late: Duration.hours(2) };
  const { machine } = new ShardedRuns(stack, 'Runs', {
    ...{ job, planner, workers, logRetentionDays: 30 },
    shards: new WorkQueue(stack, 'Shards', { ...deliveries, timeout: Duration.minutes(5) }),
  });
  const { definitionString } = machine.node.defaultChild as CfnStateMachine;
  const parts: unknown[] = stack.resolve(definitionString)['Fn::Join'][1];
  return parts.map((part) => (typeof part === 'string' ? part : 'X')).join('');
}
