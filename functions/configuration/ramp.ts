/** The steps of a ramp: of reads that are asked of Oracle, too, or of keys that are a phase ahead. */
import * as v from 'valibot';
import { whole } from '../parsing/whole.ts';

/** Minutes of a day. */
const DAY = 1440;

const STEP = v.strictObject({ percent: whole(1, 100), minutes: whole(1, DAY) });

export const STEPS = v.pipe(
  v.array(STEP),
  v.maxLength(10, 'there must be 10 or less'),
  v.check(
    (steps) => steps.every(({ percent }, n) => n === 0 || percent > (steps[n - 1]?.percent ?? 0)),
    'RAMP_FALLS: each step must be of a greater share than the one before',
  ),
);
