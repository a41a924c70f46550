/** The steps of a state machine beside the shards: what it asks for at the beginning of a run, after its shards, and at its end. */
import * as v from 'valibot';
import { issueText } from '../parsing/issue.ts';
import { quoted } from '../parsing/quoted.ts';
import type { Run } from '../records/run.ts';
import { type Job, RunRefused } from './request.ts';
import { LONGEST_NAME, MOST_BYTES, runIdOf } from './run_id.ts';

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

export type Step = v.InferOutput<typeof STEP>;

/** Throws `RunRefused`. */
export function parseStep(value: unknown): Step {
  const { success, output, issues } = v.safeParse(STEP, value);
  if (!success) throw new RunRefused(`This is no step of a run: ${issueText(issues[0])}`);
  return output;
}

/** What each step does. */
export interface StepPorts<Result> {
  /** Null where there is no such run. */
  run(id: string): Promise<Run | null>;
  begin(run: string, job: Job, input: unknown): Promise<Result>;
  /** Looks at the suspects of a run again. */
  recheck(run: Run): Promise<Result>;
  /** Sums a run up, and ends it where all of its shards are done. */
  summarize(run: Run): Promise<Result>;
}

/** Throws `RunRefused` for what is no step, or is about no run. */
export async function takeStep<Result>(value: unknown, ports: StepPorts<Result>): Promise<Result> {
  const step = parseStep(value);
  if (step.step === 'begin') return ports.begin(step.run, step.job, step.input);
  const run = await ports.run(step.run);
  if (run === null) throw new RunRefused(`There is no run ${quoted(step.run)}`);
  return step.step === 'recheck' ? ports.recheck(run) : ports.summarize(run);
}
