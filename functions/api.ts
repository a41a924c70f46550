/** Lambda: the write API, behind an HTTP API. */
import { setTimeout as sleep } from 'node:timers/promises';
import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import { MetricUnit } from '@aws-lambda-powertools/metrics';
import { logMetrics } from '@aws-lambda-powertools/metrics/middleware';
import middy from '@middy/core';
import type { Context } from 'aws-lambda';
import { callerShare } from './configuration/caller_limit.ts';
import { AwayNotes, awayPorts } from './edge/away_notes.ts';
import { changesRoute } from './edge/changes_route.ts';
import { CLOCK, container, VARIABLES } from './edge/container.ts';
import { countedStore, metricsOf } from './edge/counted.ts';
import { optional, variables } from './edge/environment.ts';
import { foreignNotes } from './edge/foreign_notes.ts';
import { Api } from './edge/http/api.ts';
import { Latencies, tookBy } from './edge/latencies.ts';
import { failingPlainly } from './edge/log_lines.ts';
import { noteChanges } from './edge/note_changes.ts';
import { loadSamples } from './edge/proof_messages.ts';
import { servedIn } from './edge/served.ts';
import { toldBulkheads, toldKeys } from './edge/told_bulkheads.ts';
import { toldRequests } from './edge/told_requests.ts';
import { warmUp } from './edge/warm_up.ts';
import type { Phase } from './protocol/phase.ts';
import { Bulkheads } from './routing/bulkheads.ts';
import { CallerLimits } from './routing/caller_limits.ts';
import { KeyTurns } from './routing/key_turns.ts';
import { type Pair, Router } from './routing/router.ts';
import { Receipts } from './stores/receipt.ts';

const given = { ...variables(process.env, VARIABLES), ...optional(process.env, 'PROOF_QUEUE') };
const parts = container(given);
const { logger, keys, metrics, stores, failovers, sendReceipt, phases, configuration, parameters, now } =
  parts;

const collections = Object.keys(configuration.collections);
// Lambda's time for starting is no request's time. (AWS Lambda, "Best practices": initialize outside of the handler.)
await warmUp({
  collections,
  phaseOf: async (name) => (await phases.current(name)).phase,
  open: (store, name) => stores.warm(store, name),
  sleep,
});

const count = (name: string) => metrics.addMetric(name, MetricUnit.Count, 1);
const failed = (error: unknown) => metricsOf(error).forEach(count);
const latencies = new Latencies(Date.now);
const foreign = foreignNotes(parts);
function measured(collection: string, phase: Phase): Pair {
  const { couchbase, oracle, unstorable, selection } = stores.of(collection);
  return {
    couchbase: countedStore(couchbase, failed, tookBy(latencies, 'couchbase', phase)),
    oracle: foreign.over(collection, countedStore(oracle, failed, tookBy(latencies, 'oracle', phase))),
    ...{ unstorable, selection },
  };
}

const sampled = () => Math.random() < configuration.shadowReads;
const timer = {
  now: CLOCK.steady,
  after: (milliseconds: number, act: () => void) => {
    const started = setTimeout(act, milliseconds);
    return () => clearTimeout(started);
  },
};
const unnoted = (error: unknown) => logger.warn('That a store is away was not noted', error as Error);
const away = new AwayNotes(awayPorts(parameters, given.PARAMETERS, now, unnoted));
const told = toldBulkheads(logger, count, (store) => away.skipped(store));
const bulkheads = new Bulkheads(configuration.followerTime, timer, told);
// One session at least is left for other keys.
const keyLimits = { most: Math.max(1, configuration.connections - 1), slow: configuration.timing.call / 2 };
const turns = new KeyTurns(keyLimits, CLOCK.wall, toldKeys(logger, count));
const samples = loadSamples(parts, given.PROOF_QUEUE);
const share = callerShare(configuration.callers);

const api = new Api({
  router: new Router(measured, new Receipts(sendReceipt), sampled, bulkheads, turns, samples),
  callers: share === null ? null : new CallerLimits(share, CLOCK.wall),
  phases,
  configuration,
  now: Date.now,
  steady: CLOCK.steady,
  told: toldRequests(logger, count),
  changes: changesRoute({ configuration, stores, metrics, logger, sendReceipt, now, steady: CLOCK.steady }),
});

export const handler = middy()
  .use(injectLambdaContext(logger, { resetKeys: true }))
  .use(logMetrics(metrics))
  .use(noteChanges(failovers))
  .use(noteChanges(away))
  .use(noteChanges(foreign))
  .use(failingPlainly(keys))
  .handler(async (event: unknown, context: Context) => {
    metrics.addMetric('Requests', MetricUnit.Count, 1);
    // While the request waits for its stores.
    if (samples !== null) setImmediate(() => samples.sendDue());
    const began = CLOCK.steady();
    try {
      const response = await api.serve(event, () => context.getRemainingTimeInMillis());
      const served = servedIn(event, response);
      if (served !== null) latencies.note(served.subject, CLOCK.steady() - began, served.failed);
      return response;
    } finally {
      latencies.ended();
    }
  });
