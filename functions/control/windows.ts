/** When the way through `seal` and `switch` may begin: windows that open as cron says, in a time zone, and are open for so many minutes. */
import { Cron } from 'croner';

export interface Window {
  /** Five fields of cron, or one time of one day, such as `2026-12-05T02:00`. */
  readonly opens: string;
  /** Of the IANA time zone database. */
  readonly zone: string;
  readonly minutes: number;
}

/** Milliseconds since the epoch. */
export interface Opening {
  readonly from: number;
  /** It is closed from then on. */
  readonly until: number;
  readonly zone: string;
}

const MINUTE = 60_000;

/** Milliseconds that the way from `expand` to `settle` takes at the least. @param request, bake milliseconds. @param minutes that `seal` and `switch` are watched. */
export function passageOf(request: number, bake: number, minutes = 0): number {
  // Into seal, switch and settle: each is published, and bakes before the next; in seal a verification begins after a second bake.
  return 3 * (request + bake) + 2 * minutes * MINUTE;
}

export interface Openings {
  /** The one that is open for the longest time from now on; null for none. */
  readonly open: Opening | null;
  /** The next that opens; null where none ever does. */
  readonly next: Opening | null;
}

/** Throws where a window says nothing. */
export function openingsAt(windows: readonly Window[], now: number): Openings {
  const open = windows.flatMap((window) => lastOpening(window, now) ?? []);
  const next = windows.flatMap((window) => openingAfter(window, now) ?? []);
  return {
    open: latest(open),
    next: next.toSorted((one, other) => one.from - other.from)[0] ?? null,
  };
}

/**
 * The last opening of a window up to now, while it is open; null where it is not. A window may open again before it has closed, as each minute of two hours does:
 * the last opening closes it. Cron tells what comes after a time, and not what was before it, so the last one is searched for.
 */
function lastOpening(window: Window, now: number): Opening | null {
  let last = openingAfter(window, now - window.minutes * MINUTE);
  if (last === null || last.from > now) return null;
  // Nothing opens between `most` and now, and two openings are a minute apart.
  for (let most = now; most - last.from >= MINUTE; ) {
    const middle: number = Math.floor((last.from + most) / 2);
    const next = openingAfter(window, middle);
    if (next !== null && next.from <= now) last = next;
    else most = middle;
  }
  return last;
}

function latest(openings: readonly Opening[]): Opening | null {
  return openings.toSorted((one, other) => other.until - one.until)[0] ?? null;
}

/** The first that opens after a time; null where none does. Throws where the window says nothing. */
export function openingAfter(window: Window, time: number): Opening | null {
  const { opens, zone, minutes } = window;
  const from = new Cron(opens, { timezone: zone, paused: true, mode: '5-part' }).nextRun(new Date(time));
  if (from === null) return null;
  return { from: from.getTime(), until: from.getTime() + minutes * MINUTE, zone };
}

/** As people read it: in the zone of the window, and in UTC. */
export function zonedTime(at: number, zone: string): string {
  // This locale writes the year first, as ISO does.
  const local = new Date(at).toLocaleString('sv-SE', { timeZone: zone }).slice(0, 16);
  return `${local} ${zone} (${new Date(at).toISOString()})`;
}
