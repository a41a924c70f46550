/** Lambda: takes the phase one safe move towards what operators want, or tells what it waits for. */
import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import { MetricUnit } from '@aws-lambda-powertools/metrics';
import { logMetrics } from '@aws-lambda-powertools/metrics/middleware';
import { SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import middy from '@middy/core';
import { container, VARIABLES } from './edge/container.ts';
import { CONTROL_VARIABLES, Controller, told } from './edge/controller.ts';
import { variables } from './edge/environment.ts';

const environment = variables(process.env, [
  ...VARIABLES,
  ...CONTROL_VARIABLES,
  'COPY_MACHINE',
  'VERIFY_MACHINE',
]);
const parts = container(environment);
const { logger, metrics, stores } = parts;
const control = new Controller(parts, environment);
const states = new SFNClient();

/** What the state machine is told. `wait`: seconds until it is worth looking again. */
async function step() {
  const decided = await control.step();
  const { decision } = decided;
  logger.info('The controller has looked', { ...decision });
  if (decided.moved !== null) {
    metrics.addMetric('Moves', MetricUnit.Count, 1);
    const { from, to, by, why } = decided.moved;
    const entry = {
      at: Date.now(),
      actor: by,
      action: `phase ${from} to ${to}`,
      detail: why,
    };
    // The claim says it too: a store that is away holds no move up.
    await stores.audit
      .write(entry)
      .catch((error: unknown) => logger.warn('The move is in no audit log', error as Error));
  }
  for (const { job, input } of decided.start) {
    const stateMachineArn = job === 'copy' ? environment.COPY_MACHINE : environment.VERIFY_MACHINE;
    await states.send(new StartExecutionCommand({ stateMachineArn, input: JSON.stringify(input) }));
  }
  // Phases that are only passed through should not last.
  const transit = decision.phase === 'seal' || decision.phase === 'switch';
  metrics.addMetric('TransitAge', MetricUnit.Seconds, transit ? decided.age : 0);
  metrics.addMetric('MoveWaiting', MetricUnit.Count, decision.kind === 'wait' ? 1 : 0);
  return told(decision);
}

export const handler = middy<unknown>()
  .use(injectLambdaContext(logger, { resetKeys: true }))
  .use(logMetrics(metrics))
  .handler(() => step());
