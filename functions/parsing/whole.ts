/** Whole numbers of a configuration, with messages of their own. */
import * as v from 'valibot';

/** From `least` to `most`, both included. */
export const whole = (least: number, most: number) =>
  v.pipe(
    v.number(),
    v.integer('it must be a whole number'),
    v.minValue(least, `it must be ${least} or more`),
    v.maxValue(most, `it must be ${most} or less`),
  );
