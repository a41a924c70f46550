/** The steps of a state machine beside the shards: what it asks for at the beginning of a run, after its shards, and at its end. */
import * as v from 'valibot';
import { issueText } from '../parsing/issue.ts';
import { RunRefused } from './request.ts';
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
