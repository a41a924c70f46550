/** What an operator asks for when a run is started: the input of its state machine. */

import * as v from 'valibot';
import { issueText } from '../parsing/issue.ts';
import { prefixRange } from '../parsing/prefix_range.ts';
import { quoted } from '../parsing/quoted.ts';
import { byUtf8 } from '../protocol/order.ts';
import type { Shard } from '../protocol/shard.ts';
import { type Kind, MODES, type Options } from '../records/run.ts';
import { LONGEST_KEY } from '../stores/storable.ts';

const key = v.pipe(v.string(), v.nonEmpty('it must not be empty'));
const flag = v.optional(v.boolean(), false);
const RANGE = {
  collection: v.string(),
  /** Keys that begin so, a canary say; all of them if there is none. */
  prefix: v.optional(key),
  /** Keys above this one, up to that one. */
  after: v.optional(key),
  upTo: v.optional(key),
  /** How many shards to make; as many as the size of the collection suggests if there is none. */
  shards: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(1000))),
  /** Tells what would be done, and does nothing. */
  dryRun: flag,
  /** Tells how far the run has come that is not finished, and begins none. */
  look: flag,
  /** Ends the run that is not finished, and begins none: what it has done stays. */
  abandon: flag,
  /** Goes on with the run that is not finished, whatever its range, and begins none. */
  resume: flag,
  /** Does nothing where the phase does not allow it, or somebody is at it: for a schedule, and for the controller, which ask again. */
  ifPossible: flag,
};

/** The two state machines: one that copies, in either direction, and one that compares. */
const INPUTS = {
  copy: v.strictObject({
    ...RANGE,
    /** From Oracle to Couchbase: what Oracle has written since it orders the keys, or everything. */
    back: v.optional(v.picklist(['changed', 'all'])),
  }),
  verify: v.strictObject({
    ...RANGE,
    mode: v.optional(v.picklist(MODES), 'content'),
    /** Sends a receipt for each difference. */
    repair: flag,
  }),
};
export type Job = keyof typeof INPUTS;

export interface RunRequest {
  readonly kind: Kind;
  readonly collection: string;
  readonly range: Shard;
  readonly shards: number | null;
  readonly dryRun: boolean;
  readonly look: boolean;
  readonly abandon: boolean;
  readonly resume: boolean;
  readonly ifPossible: boolean;
  readonly options: Options;
}

/** The request cannot be served as it is, or not now. Nothing was done. */
export class RunRefused extends Error {
  override readonly name = 'RunRefused';
}

/** @param collections names of those that there are. Throws `RunRefused`. */
export function parseRequest(value: unknown, job: Job, collections: readonly string[]): RunRequest {
  const { success, output, issues } = v.safeParse(INPUTS[job], value);
  if (!success) {
    const [issue] = issues;
    throw new RunRefused(`The input is wrong at ${issueText(issue)}`);
  }
  const { collection, shards = null, dryRun, look, abandon, resume, ifPossible } = output;
  if (!collections.includes(collection))
    throw new RunRefused(
      `There is no collection ${quoted(collection)}: it is none of ${collections.join(', ')}`,
    );
  const range = rangeOf(output);
  const part = range.after === null && range.upTo === null ? {} : { range };
  const asked = { collection, range, shards, dryRun, look, abandon, resume, ifPossible };
  if ('mode' in output) {
    const { mode, repair } = output;
    return { ...asked, kind: 'verify', options: { mode, repair, ...part } };
  }
  if (output.back === undefined) return { ...asked, kind: 'backfill', options: part };
  return { ...asked, kind: 'copyback', options: { back: output.back, ...part } };
}

/** Throws `RunRefused`. */
export function rangeOf(asked: { [N in 'prefix' | 'after' | 'upTo']?: string | undefined }): Shard {
  const { prefix } = asked;
  const [after, upTo] = [asked.after ?? null, asked.upTo ?? null];
  if (prefix !== undefined && (after !== null || upTo !== null))
    throw new RunRefused('The input has a prefix and a range: give one of them');
  if (after !== null && upTo !== null && byUtf8(after, upTo) >= 0)
    throw new RunRefused(
      `No key is above ${quoted(after)} and not above ${quoted(upTo)}: the range is empty`,
    );
  return prefix === undefined ? { after, upTo } : prefixRange(prefix, LONGEST_KEY);
}
