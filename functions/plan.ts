/** Lambda: begins a backfill and sums it up, as the first and last step of its state machine. */
import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import middy from '@middy/core';
import type { Context } from 'aws-lambda';
import * as v from 'valibot';
import { begin } from './backfill/begin.ts';
import { portsToPlan } from './backfill/ports.ts';
import { BackfillRefused, parseRequest } from './backfill/request.ts';
import { summarize } from './backfill/summary.ts';
import { bake, lastCall } from './configuration/configuration.ts';
import { container, VARIABLES } from './edge/container.ts';
import { variables } from './edge/environment.ts';

const { logger, stores, phases, pace, configuration } = container(
  variables(process.env, [...VARIABLES, 'PACE_PARAMETER']),
);
const { collections, timing } = configuration;

const STEP = v.variant('step', [
  v.strictObject({
    step: v.literal('begin'),
    run: v.pipe(v.string(), v.nonEmpty(), v.maxLength(64)),
    input: v.unknown(),
  }),
  v.strictObject({ step: v.literal('summarize'), run: v.string() }),
]);

async function beginRun(run: string, input: unknown, context: Context) {
  const request = parseRequest(input, Object.keys(collections));
  const { ledger } = stores;
  const timely = () => context.getRemainingTimeInMillis() > 3 * lastCall(timing);
  return begin(
    run,
    request,
    { ...portsToPlan(stores.of(request.collection), timing.call), timely, ledger, now: Date.now },
    {
      phase: await phases.current(),
      bake: bake(timing),
      mapping: collections[request.collection],
      rate: await pace.rate(),
      turn: timing.backfill / 1000,
    },
  );
}

export const handler = middy<unknown>()
  .use(injectLambdaContext(logger, { resetKeys: true }))
  .handler(async (event: unknown, context: Context) => {
    const { success, output, issues } = v.safeParse(STEP, event);
    if (!success)
      throw new BackfillRefused(
        `This is no step of a backfill: ${v.getDotPath(issues[0]) ?? 'the whole'}: ${issues[0].message}`,
      );
    if (output.step === 'begin') return beginRun(output.run, output.input, context);
    return summarize(output.run, stores.ledger, Date.now());
  });
