/** The change feed of a collection: what tells Crossfade of writes past the API. */
import * as v from 'valibot';
import { whole } from '../parsing/whole.ts';

/** Milliseconds. */
const [MINUTE, WEEK] = [60_000, 604_800_000];

export const FEED = v.nullable(
  v.strictObject({
    /** For how long nobody may have written past the API before `expand` is left for `seal`, in milliseconds. */
    quiet: v.optional(whole(1000, WEEK), 60 * MINUTE),
    /** After so many milliseconds without a probe that has come back, the feed counts as silent. */
    silent: v.optional(whole(5000, WEEK), 5 * MINUTE),
  }),
);

export type Feed = NonNullable<v.InferOutput<typeof FEED>>;
