/** Lambda: begins runs, looks at their suspects again, and sums them up: the steps of the state machines beside the shards. */
import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import { MetricUnit } from '@aws-lambda-powertools/metrics';
import middy from '@middy/core';
import type { Context } from 'aws-lambda';
import { bake, lastCall } from './configuration/configuration.ts';
import { container, VARIABLES } from './edge/container.ts';
import { variables } from './edge/environment.ts';
import { isUnstorableByChoice, leftState } from './edge/left_out.ts';
import { failingPlainly } from './edge/log_lines.ts';
import type { Run } from './records/run.ts';
import { begin } from './runs/begin.ts';
import { markerMetrics } from './runs/marker_metrics.ts';
import { portsToPlan } from './runs/ports.ts';
import { type Job, parseRequest } from './runs/request.ts';
import { takeStep } from './runs/step.ts';
import { summarize } from './runs/summary.ts';
import { looksAt } from './verification/ports.ts';
import { projectedOf } from './verification/projected_ports.ts';
import { standsAfter } from './verification/recheck.ts';
import { recheckRun } from './verification/recheck_run.ts';
import { noteChange } from './verification/rows_changed.ts';
import { notTolerated } from './verification/tolerance.ts';

const { logger, keys, metrics, stores, phases, pace, configuration, sendReceipt, now } = container(
  variables(process.env, [...VARIABLES, 'PACE_PARAMETER']),
);
const { collections, timing } = configuration;
const books = { ledger: stores.ledger, findings: stores.findings, projected: stores.projected };

async function beginRun(id: string, job: Job, input: unknown, timely: () => boolean) {
  const request = parseRequest(input, job, Object.keys(collections));
  const ports = portsToPlan(stores.of(request.collection), request, timing.call, now);
  return begin(
    id,
    request,
    { ...ports, timely, books, now },
    {
      phase: await phases.current(request.collection),
      bake: bake(timing),
      mapping: stores.mapping(request.collection),
      rate: await pace.rate(),
      turn: timing.backfill / 1000,
    },
  );
}

function recheckSuspects(found: Run, timely: () => boolean) {
  const both = stores.of(found.collection);
  return recheckRun(
    found,
    {
      ...{ findings: stores.findings, sendReceipt, now, timely },
      stay: () => phases.current(found.collection),
      looks: (depth) => looksAt(both, depth, now, timing.call),
      projected: projectedOf(both, {
        ...{ phase: found.phase, collection: found.collection, run: found.id, now, timeout: timing.call },
      }),
      leftState: (key) => leftState({ stores }, found.collection, key),
      isLeftByChoice: (key) => isUnstorableByChoice({ stores }, found.collection, key),
      clear: (key) => both.oracle.clear(key),
      noteChange: (key, what, since) => noteChange(both, key, what, since),
    },
    standsAfter(found.phase, bake(timing), timing.request),
  );
}

async function summarizeRun(found: Run) {
  // Reading the phase tells SSM's time, which others compare the end of this run with. Without it, the container's own will do.
  await phases.current(found.collection).catch(() => null);
  const { projections } = stores.of(found.collection).table;
  const summary = await summarize(found, books, now(), (figures) => notTolerated(projections, figures));
  const markers = markerMetrics(found, summary, now());
  if (markers !== null) {
    metrics.singleMetric().addMetric('Markers', MetricUnit.Count, markers.count);
    metrics.singleMetric().addMetric('MarkerAge', MetricUnit.Seconds, markers.age);
  }
  return summary;
}

export const handler = middy<unknown>()
  .use(injectLambdaContext(logger, { resetKeys: true }))
  .use(failingPlainly(keys))
  .handler((event: unknown, context: Context) => {
    const timely = () => context.getRemainingTimeInMillis() > 3 * lastCall(timing);
    return takeStep<unknown>(event, {
      run: (id) => stores.ledger.run(id),
      begin: (id, job, input) => beginRun(id, job, input, timely),
      recheck: (found) => recheckSuspects(found, timely),
      summarize: summarizeRun,
    });
  });
