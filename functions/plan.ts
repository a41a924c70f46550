/** Lambda: begins runs, looks at their suspects again, and sums them up: the steps of the state machines beside the shards. */
import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import middy from '@middy/core';
import type { Context } from 'aws-lambda';
import * as v from 'valibot';
import { bake, lastCall } from './configuration/configuration.ts';
import { container, VARIABLES } from './edge/container.ts';
import { variables } from './edge/environment.ts';
import { issueText } from './parsing/issue.ts';
import { quoted } from './parsing/quoted.ts';
import type { Run } from './records/run.ts';
import { begin } from './runs/begin.ts';
import { requirePhase } from './runs/phase_changed.ts';
import { portsToPlan } from './runs/ports.ts';
import { type Job, parseRequest, RunRefused } from './runs/request.ts';
import { LONGEST_NAME, MOST_BYTES, runIdOf } from './runs/run_id.ts';
import { summarize } from './runs/summary.ts';
import { permitted } from './runs/turn.ts';
import { askForRepair } from './stores/receipt.ts';
import type { Pair } from './stores/snapshot.ts';
import { look } from './verification/look.ts';
import { looksAt } from './verification/ports.ts';
import { recheck } from './verification/recheck.ts';

const { logger, stores, phases, pace, configuration, sendReceipt, now } = container(
  variables(process.env, [...VARIABLES, 'PACE_PARAMETER']),
);
const { collections, timing } = configuration;
const books = { ledger: stores.ledger, findings: stores.findings };

const run = v.pipe(v.string(), v.nonEmpty(), v.maxBytes(MOST_BYTES));
const STEP = v.variant('step', [
  v.strictObject({
    step: v.literal('begin'),
    job: v.picklist(['copy', 'verify']),
    /** The name of the execution. */
    run: v.pipe(v.string(), v.nonEmpty(), v.maxLength(LONGEST_NAME), v.transform(runIdOf)),
    input: v.unknown(),
  }),
  v.strictObject({ step: v.literal('recheck'), run }),
  v.strictObject({ step: v.literal('summarize'), run }),
]);

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

async function recheckRun(suspected: Run, timely: () => boolean) {
  const { id, collection, options, phase } = suspected;
  // In another phase other things differ: a marker that nobody removes there would be taken for one that is left over.
  const permit = async () => requirePhase(suspected, await phases.current(collection));
  await permit();
  const { mode = 'content', repair = false } = options;
  const looks = looksAt(stores.of(collection), mode === 'content' ? 'whole' : 'outside', now, timing.call);
  const left = await recheck(
    {
      suspects: (most) => stores.findings.of(id, 'suspect', most),
      // 500 looks take minutes where a store is slow.
      looked: permitted(permit, (noted) => stores.findings.looked(noted)),
      look: permitted(permit, async (key) => (await look([key], looks, phase))[0] as Pair),
      repair: permitted(permit, async ({ key, kind }) => {
        // Both stores agree that it is deleted: there is nothing to converge.
        if (kind === 'remains') await stores.of(collection).oracle.clear(key);
        else await askForRepair(sendReceipt, { collection, key, phase });
      }),
      ...{ now, timely },
    },
    // What a write leaves to its receipt is settled a bake after it, within one more request.
    { phase, mode, repair, stands: bake(timing) + timing.request },
  );
  return { run: id, ...left };
}

async function summarizeRun(found: Run) {
  // Reading the phase tells SSM's time, which others compare the end of this run with. Without it, the container's own will do.
  await phases.current(found.collection).catch(() => null);
  return summarize(found, books, now());
}

async function known(id: string): Promise<Run> {
  const found = await stores.ledger.run(id);
  if (found === null) throw new RunRefused(`There is no run ${quoted(id)}`);
  return found;
}

export const handler = middy<unknown>()
  .use(injectLambdaContext(logger, { resetKeys: true }))
  .handler(async (event: unknown, context: Context) => {
    const { success, output, issues } = v.safeParse(STEP, event);
    if (!success) throw new RunRefused(`This is no step of a run: ${issueText(issues[0])}`);
    const timely = () => context.getRemainingTimeInMillis() > 3 * lastCall(timing);
    if (output.step === 'begin') return beginRun(output.run, output.job, output.input, timely);
    const found = await known(output.run);
    return output.step === 'recheck' ? recheckRun(found, timely) : summarizeRun(found);
  });
