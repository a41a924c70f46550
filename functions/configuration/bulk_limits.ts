/** From which readings of Oracle's load on bulk work goes slower, or pauses. */
import * as v from 'valibot';
import { BULK_LIMITS, READINGS, type ReadingName } from '../stores/load.ts';

const amount = v.pipe(v.number(), v.minValue(0, 'it must be 0 or more'));

/** Null: this reading is not wanted. */
const LIMITS = v.nullable(
  v.pipe(
    v.strictObject({ slow: amount, pause: amount, resume: amount }),
    v.check(
      ({ slow, pause, resume }) => slow <= pause && resume <= pause && pause > 0,
      'slow and resume must be pause or less, and pause more than 0',
    ),
  ),
);
type OptionalLimits = v.OptionalSchema<typeof LIMITS, (typeof BULK_LIMITS)[ReadingName]>;

/** Readings that are left out have the limits of `BULK_LIMITS`. */
export const BULK_LIMITS_SCHEMA = v.optional(
  v.strictObject(
    Object.fromEntries(READINGS.map((name) => [name, v.optional(LIMITS, BULK_LIMITS[name])])) as Record<
      ReadingName,
      OptionalLimits
    >,
  ),
  BULK_LIMITS,
);
