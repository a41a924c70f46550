/** Lambda: takes each collection's phase one safe move towards what operators want, or tells what it waits for. */
import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import { MetricUnit } from '@aws-lambda-powertools/metrics';
import { logMetrics } from '@aws-lambda-powertools/metrics/middleware';
import { SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import middy from '@middy/core';
import type { Context } from 'aws-lambda';
import pMap from 'p-map';
import { lastQuestion } from './configuration/configuration.ts';
import { summed } from './control/decide.ts';
import type { Stepped } from './control/seen.ts';
import { container, VARIABLES } from './edge/container.ts';
import { CONTROL_VARIABLES, controllerOver, lookOver } from './edge/controller.ts';
import { sweepPorts } from './edge/dead_letters.ts';
import { variables } from './edge/environment.ts';
import { lettersOf, problemOf } from './edge/evidence.ts';
import { renewOverdue } from './operations/overdue.ts';
import { release, sweep } from './operations/sweep.ts';
import { withoutMark } from './phases/forced_mark.ts';
import type { Phase } from './protocol/phase.ts';
import type { Run } from './records/run.ts';
import { BUSY } from './runs/begin.ts';
import { Standing } from './runs/standing.ts';
import { Reach } from './stores/reach.ts';
import { askForRepair } from './stores/receipt.ts';

const environment = variables(process.env, [...VARIABLES, ...CONTROL_VARIABLES]);
const parts = container(environment);
const { logger, metrics, stores, queues, configuration } = parts;
const control = controllerOver(parts, environment);
const states = new SFNClient();

/** Of this container: how far runs were when it looked last. */
const standing = new Standing();

/** Documents of one collection, at most. */
const SWEPT = 500;

/** A phase that is only passed through should not last. */
const TRANSIT: readonly Phase[] = ['seal', 'switch'];

/** Documents that have expired lose their bodies in Oracle: nobody reads them any more. What is left is for the next time. */
async function sweepDocuments(reach: Reach, others: ReadonlySet<string>): Promise<void> {
  for (const collection of Object.keys(configuration.collections)) {
    if (others.has(collection)) continue;
    const swept = await reach
      .ask('oracle', () => stores.of(collection).oracle.sweep(SWEPT))
      .catch((error: unknown) => {
        logger.warn(`${collection} was not swept`, { cause: String(error) });
        return 0;
      });
    metrics.addMetric('DocumentsSwept', MetricUnit.Count, swept);
    if (reach.isAway('oracle')) return;
  }
}

/** The collections behind which a store is another one. Where a store does not answer nobody can tell, and other alarms say so. */
async function behindOthers(stepped: readonly Stepped[], reach: Reach): Promise<ReadonlySet<string>> {
  const found = new Set<string>();
  for (const { collection, decision } of stepped) {
    const sights = await reach
      .ask('oracle', () => stores.identity.sights(collection, decision.phase))
      .catch(() => []);
    for (const { problem } of sights) {
      if (problem === null) continue;
      found.add(collection);
      logger.error(problem);
    }
  }
  return found;
}

/** The part of its time that the function has for the queue of dead letters. */
const SHARE = 4;
/** Messages that the queue may have beside one of each letter: to go through all of it for fewer is not worth it. */
const SURPLUS = 100;

/**
 * Where messages in the queue of dead letters have no letter, writes their letters, so that the gates of other collections need not wait
 * for an operator. Where Oracle is away they stay without, and count for every collection.
 */
async function sweepDeadLetters(context: Context, reach: Reach): Promise<void> {
  const { DEAD_LETTERS_QUEUE: queue } = environment;
  const until = context.getRemainingTimeInMillis() * (1 - 1 / SHARE);
  const ports = sweepPorts(
    queues,
    environment,
    stores.letters,
    () => context.getRemainingTimeInMillis() > until,
  );
  try {
    const { unread, surplus } = await reach.ask('oracle', () => lettersOf(stores, '', queues, queue));
    if (unread > 0 || surplus > SURPLUS) await release(await sweep(ports), ports);
  } catch (error) {
    logger.warn('The queue of dead letters was not swept: the next look sweeps it', { cause: String(error) });
  }
}

/** Sends receipts anew for letters that wait for nobody knows what. */
async function renewLetters(timely: () => boolean, reach: Reach): Promise<void> {
  try {
    await renewOverdue({
      overdue: (before, most) => reach.ask('oracle', () => stores.letters.overdue(before, most)),
      answers: async (collection) =>
        collection in configuration.collections && (await problemOf(stores, collection, reach)) === null,
      send: async (collection, key) => {
        const { phase } = await parts.phases.current(collection);
        await askForRepair(parts.sendReceipt, { collection, key, phase });
      },
      renewed: (id, now) => reach.ask('oracle', () => stores.letters.renewed(id, now)),
      ...{ timely, now: Date.now },
    });
  } catch (error) {
    logger.warn('Letters that are overdue were not renewed: the next look does it', { cause: String(error) });
  }
}

/** How many runs are begun and do not move. 0 where nobody can tell, since a store is away: other alarms say so. */
async function stalled(reach: Reach): Promise<number> {
  const { ledger } = stores;
  const names = Object.keys(configuration.collections);
  // A few at a time: a pool refuses what waits beyond its queue, and a store that refuses counts as away.
  const few = { concurrency: 4 };
  const runs = await pMap(
    names,
    (name) => reach.ask('oracle', () => ledger.underWay(name)).catch(() => []),
    few,
  );
  const shardsOf = (run: Run) =>
    reach.ask('oracle', async () => ({ run, shards: await ledger.shards(run.id) })).catch(() => null);
  const all = await pMap(runs.flat(), shardsOf, few);
  return standing.of(
    all.filter((each) => each !== null),
    parts.now(),
    BUSY,
  ).length;
}

/** Contents that repairs have replaced since a store had forgotten something, and that nobody has decided on. Not told where Oracle is away. */
async function countConflicts(reach: Reach): Promise<void> {
  try {
    const open = await reach.ask('oracle', () => stores.setAside.allOpenConflicts());
    let sum = 0;
    for (const collection of Object.keys(configuration.collections)) {
      const conflicts = open.get(stores.of(collection).table.name) ?? 0;
      if (conflicts > 0) logger.warn('Conflicts wait for a decision', { collection, conflicts });
      sum += conflicts;
    }
    metrics.addMetric('ConflictsOpen', MetricUnit.Count, sum);
  } catch (error) {
    logger.warn('Conflicts could not be counted', { cause: String(error) });
  }
}

/** What the state machine is told. Throws where no collection could be looked at in full. */
async function step(context: Context, timely: () => boolean) {
  const reach = new Reach(timely);
  const look = lookOver(parts, environment, reach);
  const failures: string[] = [];
  const stepped = await control.step(look, (collection, error) => {
    failures.push(`${collection}: ${(error as Error).message}`);
    logger.error(`${collection} could not be looked at`, error as Error);
  });
  for (const { collection, decision, moved, start } of stepped) {
    logger.info('The controller has looked', { collection, ...decision });
    if (moved !== null) {
      metrics.addMetric('Moves', MetricUnit.Count, 1);
      await control.audited(collection, moved, withoutMark(moved.by), look);
    }
    for (const { job, input } of start) {
      const stateMachineArn = job === 'copy' ? environment.COPY_MACHINE : environment.VERIFY_MACHINE;
      await states.send(new StartExecutionCommand({ stateMachineArn, input: JSON.stringify(input) }));
    }
  }
  // After the moves, some of which need no store: what it writes counts at the next look.
  await sweepDeadLetters(context, reach);
  await renewLetters(timely, reach);
  const others = await behindOthers(stepped, reach);
  metrics.addMetric('IdentityChanged', MetricUnit.Count, others.size);
  await sweepDocuments(reach, others);
  await countConflicts(reach);
  metrics.addMetric('RunsStalled', MetricUnit.Count, await stalled(reach));
  const transit = stepped.filter(({ decision }) => TRANSIT.includes(decision.phase)).map(({ age }) => age);
  const waiting = stepped.filter(({ decision }) => decision.kind === 'wait').map(({ age }) => age);
  metrics.addMetric('TransitAge', MetricUnit.Seconds, Math.max(0, ...transit));
  metrics.addMetric('MoveWaiting', MetricUnit.Count, waiting.length);
  metrics.addMetric('ForcedUnhealed', MetricUnit.Count, stepped.filter(({ forced }) => forced > 0).length);
  metrics.addMetric('MoveWaitingAge', MetricUnit.Seconds, Math.max(0, ...waiting));
  if (failures.length > 0) throw new Error(failures.join(' '));
  return summed(stepped.map(({ collection, decision }) => [collection, decision] as const));
}

export const handler = middy<unknown>()
  .use(injectLambdaContext(logger, { resetKeys: true }))
  .use(logMetrics(metrics))
  .handler((_event: unknown, context: Context) =>
    step(context, () => context.getRemainingTimeInMillis() > lastQuestion(configuration.timing)),
  );
