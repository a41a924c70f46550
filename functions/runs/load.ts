/** What follows for bulk work from how hard Oracle works: a share of the pace, or a pause, with the reason. */
import {
  type BulkLimits,
  DESCRIBED,
  type Limits,
  type Load,
  READINGS,
  type Reading,
  type ReadingName,
  type Readings,
  type Watched,
} from '../stores/load.ts';

/** Milliseconds for which a value counts after which nothing could be read: bulk work goes on then, and the reading is said to be unknown. */
const HOLD = 600_000;
/** Milliseconds until a reading that did not answer in time is tried again. */
const AGAIN = 300_000;
/** The least share that is left before the pause. */
const LEAST = 1 / 8;

/** Of a configuration that was published by nobody yet. */
const UNREAD: Reading = { kind: 'unknown', why: 'not read yet', slow: false };

/**
 * What the new readings mean after those before. A pause lasts until its reading is below `resume`, so that work near the limit does not
 * begin and pause in turn.
 * @param readings those that were read now. @param now milliseconds since the epoch.
 */
export function judge(limits: BulkLimits, readings: Readings, before: Load | null, now: number): Load {
  const watched = wanted(limits).map(
    ([name, of]) => [name, watch(of, readings[name], before?.watched[name], now)] as const,
  );
  return { at: now, watched: Object.fromEntries(watched) };
}

/** The readings that are to be read now. */
export function due(limits: BulkLimits, before: Load | null, now: number): ReadingName[] {
  return wanted(limits).flatMap(([name]) => ((before?.watched[name]?.notBefore ?? 0) <= now ? [name] : []));
}

/** The share of the pace that bulk work may use: 1 where nothing is high, or nothing is known; 0 for a pause. */
export function shareOf(load: Load | null, now: number): number {
  return Math.min(1, ...entriesOf(load).map(([, each]) => (counts(each, now) ? each.share : 1)));
}

/** Why bulk work pauses, one sentence for each reading; empty where it does not. */
export function pauses(load: Load | null, now: number): string[] {
  return entriesOf(load).flatMap(([name, each]) =>
    each.paused && counts(each, now) ? [`${valueText(name, each)}. ${DESCRIBED[name].act}`] : [],
  );
}

/** Why bulk work goes slower, and does not pause. */
export function slowdowns(load: Load | null, now: number): string[] {
  return entriesOf(load).flatMap(([name, each]) =>
    !each.paused && each.share < 1 && counts(each, now)
      ? [`${valueText(name, each)}: ${Math.round(each.share * 100)} % of the pace`]
      : [],
  );
}

/** All of it, for operators. */
export interface LoadSummary {
  /** When it was read, in milliseconds since the epoch. */
  readonly at: number;
  /** What was read. */
  readonly values: readonly string[];
  readonly pauses: readonly string[];
  readonly slowdowns: readonly string[];
  /** Readings that the user of the functions may not read. */
  readonly notGranted: readonly ReadingName[];
  /** Those that could not be read, with the reason. */
  readonly unknown: readonly string[];
  /** Of the functions, in Oracle. Only where it was asked for, and functions of the version before do not tell it. */
  readonly user?: string;
}

export function summaryOf(load: Load, now: number): LoadSummary {
  const of = (told: (name: ReadingName, reading: Reading) => string | null) =>
    entriesOf(load).flatMap(([name, { reading }]) => told(name, reading) ?? []);
  return {
    ...{ at: load.at, pauses: pauses(load, now), slowdowns: slowdowns(load, now) },
    values: of((name, reading) =>
      reading.kind === 'value' ? `${DESCRIBED[name].name} ${reading.value} ${DESCRIBED[name].unit}` : null,
    ),
    notGranted: entriesOf(load).flatMap(([name, { reading }]) =>
      reading.kind === 'notGranted' ? [name] : [],
    ),
    unknown: of((name, reading) =>
      reading.kind === 'unknown' ? `${DESCRIBED[name].name} (${reading.why})` : null,
    ),
  };
}

function watch(limits: Limits, read: Reading | undefined, before: Watched | undefined, now: number): Watched {
  const reading = read ?? before?.reading ?? UNREAD;
  const known = read?.kind === 'value' ? { value: read.value, at: now } : lastKnown(reading, before);
  const high = before?.paused === true ? limits.resume : limits.pause;
  const paused = known !== null && counts({ known }, now) && known.value >= high;
  return {
    ...{ reading, limits, known, paused },
    share: paused ? 0 : known !== null && counts({ known }, now) ? ramp(known.value, limits) : 1,
    notBefore: read === undefined ? (before?.notBefore ?? 0) : isSlow(read) ? now + AGAIN : 0,
  };
}

/** What was known is forgotten where the database says that there is no such thing, or that it may not be read. */
function lastKnown(reading: Reading, before: Watched | undefined): Watched['known'] {
  return reading.kind === 'unknown' || reading.kind === 'value' ? (before?.known ?? null) : null;
}

function counts({ known }: Pick<Watched, 'known'>, now: number): boolean {
  return known !== null && now - known.at <= HOLD;
}

function ramp(value: number, { slow, pause }: Limits): number {
  if (value < slow) return 1;
  return Math.max(LEAST, Math.min(1, (pause - value) / (pause - slow)));
}

function isSlow(reading: Reading): boolean {
  return reading.kind === 'unknown' && reading.slow;
}

function valueText(name: ReadingName, { known, limits }: Watched): string {
  const { name: what, unit } = DESCRIBED[name];
  return `${what} ${known?.value} ${unit} (slower from ${limits.slow} ${unit} on, paused from ${limits.pause} ${unit} on until below ${limits.resume} ${unit})`;
}

function wanted(limits: BulkLimits): (readonly [ReadingName, Limits])[] {
  return READINGS.flatMap((name) => {
    const of = limits[name];
    return of === null ? [] : [[name, of] as const];
  });
}

function entriesOf(load: Load | null): (readonly [ReadingName, Watched])[] {
  return READINGS.flatMap((name) => {
    const each = load?.watched[name];
    return each === undefined ? [] : [[name, each] as const];
  });
}
