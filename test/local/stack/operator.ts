/** What an operator does, for tests: to state machines, and with commands. */
import { randomUUID } from 'node:crypto';
import {
  DescribeExecutionCommand,
  SFNClient,
  StartExecutionCommand,
  StopExecutionCommand,
} from '@aws-sdk/client-sfn';
import type { Deployment } from '../../../infra/local/deploy.ts';
import { OPERATOR } from '../../../infra/local/policy.ts';
import type { Local } from '../../../infra/local/start.ts';
import { REGION } from '../../../infra/local/template.ts';
import { commanded, type Printed } from './commands.ts';
import { eventually } from './running.ts';

export function operator({ deployment }: Local) {
  const credentials = { accessKeyId: OPERATOR, secretAccessKey: 'x' };
  const states = new SFNClient({ endpoint: deployment.endpoint.url, region: REGION, credentials });
  const start = async (machine: Parameters<Deployment['machine']>[0], input: object): Promise<string> => {
    const stateMachineArn = deployment.machine(machine);
    // As long as EventBridge's are, which begins the daily ones.
    const name = `${randomUUID()}_${randomUUID()}`;
    const request = { stateMachineArn, name, input: JSON.stringify(input) };
    return (await states.send(new StartExecutionCommand(request))).executionArn ?? '';
  };
  const describe = (executionArn: string) => states.send(new DescribeExecutionCommand({ executionArn }));
  /** What has become of an execution, once it has ended. */
  const outcome = async (executionArn: string) => {
    const { status, output, error, cause } = await eventually(
      () => describe(executionArn),
      (execution) => execution.status !== 'RUNNING',
      // A verification waits for a bake and seven requests before it tells of a difference.
      120_000,
    );
    return { status, error, cause, output: JSON.parse(output ?? 'null') };
  };
  return {
    ...{ start, describe, outcome },
    abort: (executionArn: string) => states.send(new StopExecutionCommand({ executionArn })),
    ended: async (machine: Parameters<Deployment['machine']>[0], input: object) =>
      outcome(await start(machine, input)),
    stop: () => states.destroy(),
  };
}

/** What a command of `npx crossfade` prints, and how it exits. */
export function crossfadeText({ deployment }: Local, ...given: string[]): Promise<Printed> {
  const { gateway, endpoint } = deployment;
  const env = {
    ...{ ...process.env, CROSSFADE_URL: gateway.url, AWS_ENDPOINT_URL: endpoint.url, AWS_REGION: REGION },
    ...{ AWS_ACCESS_KEY_ID: OPERATOR, AWS_SECRET_ACCESS_KEY: 'x' },
  };
  return commanded(given, env);
}

/** What it prints as JSON, whether all is well or not. Throws where it could not be done. */
export async function crossfade(local: Local, ...given: string[]) {
  const { output, error } = await crossfadeText(local, ...given, '--json');
  if (output === '') throw new Error(error);
  return JSON.parse(output);
}
