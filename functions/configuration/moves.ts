/** Which moves of a collection wait for an operator, and when the way through `seal` and `switch` may begin. */
import * as v from 'valibot';
import { whole } from '../parsing/whole.ts';
import type { Phase } from '../protocol/phase.ts';
import { STEPS } from './ramp.ts';

/** Moves that can be held, by where they lead. */
const HELD = ['seal', 'switch'] as const satisfies readonly Phase[];

/** Minutes of a week. */
const WEEK = 10_080;

const text = v.pipe(v.string(), v.nonEmpty('it must not be empty'), v.maxLength(100, 'it is too long'));

const WINDOW = v.strictObject({
  /** Five fields of cron, or one time of one day, such as `2026-12-05T02:00`. */
  opens: text,
  /** Of the IANA time zone database. */
  zone: text,
  /** For how long it is open, as a clock counts that knows no summer time. */
  minutes: whole(1, WEEK),
});

const HOLD = v.union(
  [v.boolean(), v.array(v.picklist(HELD))],
  "it must be true, false, or a list of 'seal' and 'switch'",
);

/** Shares of the keys that go into `seal`, and into `switch`, before the others. Without any, all keys go at once. */
const RAMP = v.pipe(
  STEPS,
  v.check(
    (steps) => steps.length === 0 || steps.at(-1)?.percent === 100,
    'RAMP_ENDS_EARLY: the last step must be of 100 percent',
  ),
);

const WINDOWS = v.pipe(v.array(WINDOW), v.maxLength(20, 'there must be 20 or less'));

/** Of one collection. What is left out is that of all. */
export const OWN_MOVES = v.optional(
  v.strictObject({ hold: v.optional(HOLD), windows: v.optional(WINDOWS), ramp: v.optional(RAMP) }),
  {},
);

/** Of all collections. */
export const MOVES = v.optional(
  v.strictObject({
    /** Whether these moves wait for `npx crossfade commit`. */
    hold: v.optional(HOLD, false),
    /** Without any, the way through `seal` and `switch` begins at any time. */
    windows: v.optional(WINDOWS, []),
    ramp: v.optional(RAMP, []),
  }),
  {},
);

type Moves = v.InferOutput<typeof MOVES>;

export interface MoveSettings {
  readonly holds: readonly (typeof HELD)[number][];
  readonly windows: Moves['windows'];
  readonly ramp: Moves['ramp'];
}

/** What counts for a collection. */
export function moveSettings(all: Moves, own: v.InferOutput<typeof OWN_MOVES> | undefined): MoveSettings {
  const hold = own?.hold ?? all.hold;
  return {
    holds: hold === true ? HELD : hold === false ? [] : hold,
    windows: own?.windows ?? all.windows,
    ramp: own?.ramp ?? all.ramp,
  };
}
