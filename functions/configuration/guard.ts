/** Whether requests are watched after each move, and when the flags are set back. */
import * as v from 'valibot';
import { whole } from '../parsing/whole.ts';

const between = (least: number, most: number) =>
  v.pipe(
    v.number('it must be a number'),
    v.minValue(least, `it must be ${least} or more`),
    v.maxValue(most, `it must be ${most} or less`),
  );

/** Null for nobody who watches. */
export const GUARD = v.optional(
  v.nullable(
    v.strictObject({
      /** For how long a phase is watched, from the end of its bake on. The next move forward waits for it. CloudWatch tells of a minute two minutes later, so fewer than three find little. */
      minutes: v.optional(whole(1, 1440), 10),
      /** Of the requests, the part that may fail beyond that of the phase before. */
      failed: v.optional(between(0.0001, 1), 0.01),
      /** How many times as long as in the phase before the slowest hundredth of the requests may take. */
      slower: v.optional(between(1.1, 100), 2),
      /** Milliseconds that it may take in any case. */
      floor: v.optional(whole(1, 29_000), 100),
      /** Requests of one operation that there must be in each of both phases before it is judged. */
      requests: v.optional(whole(10, 1_000_000), 200),
    }),
  ),
  null,
);

export type GuardSettings = NonNullable<v.InferOutput<typeof GUARD>>;
