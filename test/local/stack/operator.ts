/** What an operator does, for tests: to state machines, and with commands. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
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
import { eventually } from './running.ts';

export function operator({ deployment }: Local) {
  const credentials = { accessKeyId: OPERATOR, secretAccessKey: 'x' };
  const states = new SFNClient({ endpoint: deployment.endpoint.url, region: REGION, credentials });
  let runs = 0;

  const start = async (machine: Parameters<Deployment['machine']>[0], input: object): Promise<string> => {
    const stateMachineArn = deployment.machine(machine);
    const request = { stateMachineArn, name: `run-${runs++}`, input: JSON.stringify(input) };
    return (await states.send(new StartExecutionCommand(request))).executionArn ?? '';
  };
  const describe = (executionArn: string) => states.send(new DescribeExecutionCommand({ executionArn }));
  /** What has become of an execution, once it has ended. */
  const outcome = async (executionArn: string) => {
    const { status, output, error, cause } = await eventually(
      () => describe(executionArn),
      (execution) => execution.status !== 'RUNNING',
      60_000,
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

const CROSSFADE = fileURLToPath(new URL('../../../infra/console/main.ts', import.meta.url));

/** What a command of `npx crossfade` prints, as JSON. */
export async function crossfade({ deployment }: Local, ...given: string[]) {
  const { gateway, endpoint } = deployment;
  const env = {
    ...{ ...process.env, CROSSFADE_URL: gateway.url, AWS_ENDPOINT_URL: endpoint.url, AWS_REGION: REGION },
    ...{ AWS_ACCESS_KEY_ID: OPERATOR, AWS_SECRET_ACCESS_KEY: 'x' },
  };
  const ran = promisify(execFile)(process.execPath, [CROSSFADE, ...given, '--json'], { env });
  // It exits with 1 where something is to be done, and tells what.
  const { stdout } = await ran.catch((error: { stdout: string }) => {
    if (error.stdout === '') throw error;
    return error;
  });
  return JSON.parse(stdout);
}
