/** Lambda: takes each collection's phase one safe move towards what operators want, or tells what it waits for. */
import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import { MetricUnit } from '@aws-lambda-powertools/metrics';
import { logMetrics } from '@aws-lambda-powertools/metrics/middleware';
import { SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import middy from '@middy/core';
import { summed } from './control/decide.ts';
import type { Move } from './control/publish.ts';
import { container, VARIABLES } from './edge/container.ts';
import { CONTROL_VARIABLES, Controller } from './edge/controller.ts';
import { variables } from './edge/environment.ts';
import type { Phase } from './protocol/phase.ts';
import { RUN_KINDS } from './runs/request.ts';

const environment = variables(process.env, [
  ...VARIABLES,
  ...CONTROL_VARIABLES,
  'COPY_MACHINE',
  'VERIFY_MACHINE',
]);
const parts = container(environment);
const { logger, metrics, stores, configuration } = parts;
const control = new Controller(parts, environment);
const states = new SFNClient();

/** Documents of one collection, at most. */
const SWEPT = 500;
/** Milliseconds. */
const STALLED = 900_000;

/** A phase that is only passed through should not last. */
const TRANSIT: readonly Phase[] = ['seal', 'switch'];

async function noted(collection: string, { from, to, by, why }: Move): Promise<void> {
  metrics.addMetric('Moves', MetricUnit.Count, 1);
  const entry = { at: Date.now(), actor: by, action: `${collection}: phase ${from} to ${to}`, detail: why };
  // The claim says it too: a store that is away holds no move up.
  await stores.audit
    .write(entry)
    .catch((error: unknown) => logger.warn('The move is in no audit log', error as Error));
}

/** Documents that have expired lose their bodies in Oracle: nobody reads them any more. What is left is for the next time. */
async function sweep(): Promise<void> {
  for (const collection of Object.keys(configuration.collections)) {
    const swept = await stores
      .of(collection)
      .oracle.sweep(SWEPT)
      .catch((error: unknown) => {
        logger.warn(`${collection} was not swept`, { cause: String(error) });
        return 0;
      });
    metrics.addMetric('DocumentsSwept', MetricUnit.Count, swept);
  }
}

/** How many runs are begun and do not move. 0 where nobody can tell, since a store is away: other alarms say so. */
async function stalled(): Promise<number> {
  const { ledger } = stores;
  const kinds = Object.keys(configuration.collections).flatMap((name) =>
    RUN_KINDS.map((kind) => ({ kind, name })),
  );
  const one = async ({ kind, name }: (typeof kinds)[number]) => {
    const run = await ledger.unfinished(kind, name);
    if (run === null) return false;
    const changed = (await ledger.shards(run.id)).map((shard) => shard.changed);
    return Date.now() - Math.max(run.started, ...changed) > STALLED;
  };
  const all = await Promise.all(kinds.map((each) => one(each).catch(() => false)));
  return all.filter(Boolean).length;
}

/** What the state machine is told. Throws where no collection could be looked at in full. */
async function step() {
  const failures: string[] = [];
  const stepped = await control.step((collection, error) => {
    failures.push(`${collection}: ${(error as Error).message}`);
    logger.error(`${collection} could not be looked at`, error as Error);
  });
  for (const { collection, decision, moved, start } of stepped) {
    logger.info('The controller has looked', { collection, ...decision });
    if (moved !== null) await noted(collection, moved);
    for (const { job, input } of start) {
      const stateMachineArn = job === 'copy' ? environment.COPY_MACHINE : environment.VERIFY_MACHINE;
      await states.send(new StartExecutionCommand({ stateMachineArn, input: JSON.stringify(input) }));
    }
  }
  await sweep();
  metrics.addMetric('RunsStalled', MetricUnit.Count, await stalled());
  const transit = stepped.filter(({ decision }) => TRANSIT.includes(decision.phase)).map(({ age }) => age);
  const waiting = stepped.filter(({ decision }) => decision.kind === 'wait').map(({ age }) => age);
  metrics.addMetric('TransitAge', MetricUnit.Seconds, Math.max(0, ...transit));
  metrics.addMetric('MoveWaiting', MetricUnit.Count, waiting.length);
  metrics.addMetric('MoveWaitingAge', MetricUnit.Seconds, Math.max(0, ...waiting));
  if (failures.length > 0) throw new Error(failures.join(' '));
  return summed(stepped.map(({ collection, decision }) => [collection, decision] as const));
}

export const handler = middy<unknown>()
  .use(injectLambdaContext(logger, { resetKeys: true }))
  .use(logMetrics(metrics))
  .handler(() => step());
