/** What is wrong with the windows in which moves may begin: also such that never open, or never close. */
import * as v from 'valibot';
import { bake } from '../functions/configuration/configuration.ts';
import { GUARD } from '../functions/configuration/guard.ts';
import { MOVES, OWN_MOVES } from '../functions/configuration/moves.ts';
import { openingAfter, passageOf, type Window } from '../functions/control/windows.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Openings in a row that are looked at, of 400 days at most: of a year, where it opens each week. */
const [LOOKED, DAYS] = [53, 400];

/** Five fields of cron; the parser reads names of days and months, and `L` and `#` too. */
const CRON = /^\S+(\s+\S+){4}$/;
const ONCE = /^\d{4}-\d\d-\d\dT\d\d:\d\d$/;
/** Of a zone: `Europe/Berlin`, `UTC`, `Etc/GMT+3`. */
const ZONE = /^[A-Za-z][\w+-]*(\/[\w+-]+)*$/;

const TIMES = v.object({ lease: v.number(), request: v.number() });
const GIVEN = v.object({
  moves: v.fallback(MOVES, { hold: false, windows: [], ramp: [] }),
  collections: v.fallback(
    v.record(v.string(), v.fallback(v.object({ moves: OWN_MOVES }), { moves: {} })),
    {},
  ),
  timing: v.fallback(TIMES, { lease: 0, request: 0 }),
  guard: v.fallback(GUARD, null),
});

/** @param configuration settings that need not be sound: what has the wrong form is told elsewhere. @param now milliseconds since the epoch. */
export function windowProblems(configuration: unknown, now: number): string[] {
  const { success, output } = v.safeParse(GIVEN, configuration);
  if (!success) return [];
  const { moves, collections, timing, guard } = output;
  const given = [
    ['moves', moves.windows] as const,
    ...Object.entries(collections).map(
      ([name, own]) => [`collections.${name}.moves`, own.moves.windows ?? []] as const,
    ),
  ];
  const passage = passageOf(timing.request, bake(timing as Parameters<typeof bake>[0]), guard?.minutes);
  return given.flatMap(([path, windows]) =>
    windows.flatMap((window, n) =>
      problemsIn(window, passage, now).map((problem) => `${path}.windows.${n}.${problem}`),
    ),
  );
}

function problemsIn(window: Window, passage: number, now: number): string[] {
  const { opens, zone, minutes } = window;
  if (!isZone(zone))
    return ['zone: there is no such time zone: it must be one of the IANA database, such as Europe/Berlin'];
  if (!CRON.test(opens) && !ONCE.test(opens))
    return [
      "opens: it must be five fields of cron, such as '0 2 * * SAT', or a time, such as '2026-12-05T02:00'",
    ];
  let first: number | null;
  try {
    first = openingAfter(window, now)?.from ?? null;
  } catch (error) {
    return [`opens: WINDOW_UNREADABLE: ${(error as Error).message}`];
  }
  if (first === null)
    return ['opens: NEVER_OPEN: from now on it never opens: there is no such day, or it is over'];
  const period = shortestPeriod(window, first);
  return [
    ...(minutes * MINUTE < passage
      ? [
          `minutes: WINDOW_TOO_SHORT: seal and switch take ${Math.ceil(passage / MINUTE)} minutes at the least with this timing, and a move that ` +
            'does not fit waits: make it longer',
        ]
      : []),
    // On the day that has an hour less, a day is shorter by that.
    ...(period !== null && minutes * MINUTE > period + (period < DAY - HOUR ? 0 : HOUR)
      ? [
          `minutes: NEVER_CLOSED: it opens again after ${period / MINUTE} minutes, before it has closed: make it shorter, or let it open less often`,
        ]
      : []),
  ];
}

/** Null where it opens once. */
function shortestPeriod(window: Window, first: number): number | null {
  let [shortest, from]: [number | null, number] = [null, first];
  for (let looked = 0; looked < LOOKED; looked++) {
    const next = openingAfter(window, from);
    if (next === null) return shortest;
    shortest = Math.min(shortest ?? Number.POSITIVE_INFINITY, next.from - from);
    from = next.from;
    if (from - first > DAYS * DAY) return shortest;
  }
  return shortest;
}

function isZone(zone: string): boolean {
  if (!ZONE.test(zone)) return false;
  try {
    return new Intl.DateTimeFormat('en', { timeZone: zone }) !== null;
  } catch {
    return false;
  }
}
