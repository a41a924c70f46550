/** For how long a commit counts, as operators ask for it. */
import * as v from 'valibot';

/** Milliseconds of a minute and of 30 days. */
const [SHORTEST, LONGEST] = [60_000, 2_592_000_000];

/** Milliseconds in which a move has to be made; null for any time. */
export const WITHIN = v.optional(
  v.nullable(
    v.pipe(
      v.number(),
      v.integer('it must be a whole number'),
      v.minValue(SHORTEST, 'it must be a minute or more'),
      v.maxValue(LONGEST, 'it must be 30 days or less'),
    ),
  ),
  null,
);
