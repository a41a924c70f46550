/**
 * What a move waits for beside its gate: the commit of an operator, and a window. Both stand in the way of moves forward alone, into `seal` and
 * into `switch`; moves back, and those that are forced, wait for neither. A window is for the beginning of the way, the move into `seal`: in `seal` and in
 * `switch` each write needs both stores, so to go on is safer than to stand there until a window opens again.
 */
import type { Wish } from '../phases/flags.ts';
import type { GuardNote } from '../phases/guard_note.ts';
import { type Commit, HOLDABLE, type Holdable, type Holding, type ReadHolding } from '../phases/hold.ts';
import { nextPhase, type Phase, wantedPhase } from '../protocol/phase.ts';
import { type Condition, isWait } from './condition.ts';
import type { GuardSettings } from './guard.ts';
import { type GuardWait, guardWait } from './guard_wait.ts';
import { MoveRefused, type Planned } from './move_refused.ts';
import type { RampSteps } from './ramp.ts';
import { type Openings, openingsAt, type Window, zonedTime } from './windows.ts';

/** Of one collection, as it is configured. */
export interface MoveSettings {
  /** Moves that wait for a commit, by where they lead. */
  readonly holds: readonly Holdable[];
  readonly windows: readonly Window[];
  /** How requests are watched after each move; null, or missing, for nobody who watches. */
  readonly guard?: GuardSettings | null;
  /** Shares of the keys that go into `seal` and `switch` before the others; functions of the version before tell nothing of it. */
  readonly ramp?: RampSteps;
}

/** What the moves of one collection may wait for. */
export interface Waits {
  readonly collection: string;
  readonly settings: MoveSettings;
  readonly holding: ReadHolding;
  /** Milliseconds that the way from `expand` to `settle` takes at the least. */
  readonly passage: number;
  /** Null where nobody watches. */
  readonly guard: GuardWait | null;
}

const BEFORE: Readonly<Record<Holdable, Phase>> = { seal: 'expand', switch: 'seal' };

function isHoldable({ from, to }: Pick<Planned, 'from' | 'to'>): boolean {
  return HOLDABLE.some((each) => each === to && BEFORE[each] === from);
}

/** A move, or a step of a ramp that leads there. */
interface Waiting extends Planned {
  /** When the phase that it leaves began, or its share of keys. */
  readonly since: number;
  /** Whether a share of the keys is there already. */
  readonly begun?: boolean;
}

/** @param now by the clock that phases begin by. */
export function waitsOf(move: Waiting, waits: Waits, now: number): Condition[] {
  const watched = guardWait(move, waits.guard, now);
  if (!isHoldable(move)) return watched;
  return [...watched, ...holdOf(move, waits, now), ...windowOf(move, waits, now)];
}

/** What operators and the guard have said, as it is told. */
export interface Said {
  readonly holding: ReadHolding;
  /** What the guard has found last, and whether the flags are still as it has set them. Missing where nobody watches. */
  readonly watched?: { readonly note: GuardNote | null; readonly turnedBack: boolean };
}

export function saidOf({ holding, guard }: Waits): Said {
  if (guard === null) return { holding };
  return { holding, watched: { note: guard.note, turnedBack: guard.turnedBack } };
}

/** Whether operators are told of the moves of the collection: where any of them waits for a commit or a window. */
export function isTold({ settings: { holds, windows }, holding }: Waits): boolean {
  const said = 'unreadable' in holding || holding.hold !== null || holding.commit !== null;
  return said || holds.length > 0 || windows.length > 0;
}

/** Whether all that a move needs holds, and it waits for an operator or a window alone. */
export function isReady(conditions: readonly Condition[]): boolean {
  return (
    conditions.some((each) => isWait(each) && !each.holds) &&
    conditions.every((each) => isWait(each) || each.holds)
  );
}

/** Why it waits, in a line. */
export function waitText(conditions: readonly Condition[]): string {
  return conditions.flatMap((each) => (isWait(each) && !each.holds ? [each.measured] : [])).join('; ');
}

function holdOf(move: Planned, { collection, settings, holding }: Waits, now: number): Condition[] {
  const condition = { kind: 'hold' as const, name: 'hold', lets: true as const };
  if ('unreadable' in holding) return [{ ...condition, holds: false, measured: holding.unreadable }];
  const why = heldText(move.to, settings, holding);
  if (why === null) return [];
  const commit = holding.commit;
  if (commit !== null && isCommitted(move, commit, now))
    return [{ ...condition, holds: true, measured: committedText(commit) }];
  const of = commit === null ? '' : `; ${lapsedText(commit, move)}`;
  const command = `npx crossfade commit ${collection}`;
  return [{ ...condition, holds: false, measured: `${why}${of}`, command }];
}

function windowOf(
  move: Waiting,
  { collection, settings, holding, passage }: Waits,
  now: number,
): Condition[] {
  if (move.to !== 'seal' || move.begun === true || settings.windows.length === 0) return [];
  const condition = { kind: 'window' as const, name: 'window', lets: true as const };
  const commit = 'unreadable' in holding ? null : holding.commit;
  if (commit?.outsideWindow && isCommitted(move, commit, now))
    return [{ ...condition, holds: true, measured: `it need not be open: ${committedText(commit)}` }];
  const command = `npx crossfade commit ${collection} --outside-window`;
  const found = openingsIn(settings.windows, now);
  if ('unreadable' in found) return [{ ...condition, holds: false, measured: found.unreadable, command }];
  const { open, next } = found;
  if (open !== null && open.until - now >= passage)
    return [{ ...condition, holds: true, measured: `it is open until ${zonedTime(open.until, open.zone)}` }];
  const least = `the way through seal and switch takes ${Math.ceil(passage / 1000)} s at the least`;
  const closed =
    open === null ? 'it is closed' : `it closes at ${zonedTime(open.until, open.zone)}, and ${least}`;
  return [
    next === null
      ? {
          ...{ ...condition, holds: false },
          measured: `${closed}. It never opens again: change moves.windows of the configuration`,
          command,
        }
      : { ...condition, holds: false, measured: `${closed}; it opens at ${zonedTime(next.from, next.zone)}` },
  ];
}

/** The functions may know fewer time zones than who has synthesized the stack: then the move waits, and all else that is told of the collection is told. */
function openingsIn(windows: readonly Window[], now: number): Openings | { readonly unreadable: string } {
  try {
    return openingsAt(windows, now);
  } catch (error) {
    const why = `WINDOW_UNREADABLE: ${(error as Error).message}. The functions cannot tell when it opens: change moves.windows of the configuration`;
    return { unreadable: why };
  }
}

/** Who holds the move, and why; null where nobody does. What an operator says takes the place of the configuration. */
function heldText(to: Phase, settings: MoveSettings, { hold }: Holding): string | null {
  const has = (held: readonly Holdable[]) => held.some((each) => each === to);
  if (hold !== null && has(hold.before)) {
    const because = hold.why === null ? '' : `, because ${hold.why}`;
    return `held by ${hold.by} since ${new Date(hold.at).toISOString()}${because}`;
  }
  return has(settings.holds) ? 'held by the configuration (moves.hold)' : null;
}

function isCommitted({ from, to, version }: Planned, commit: Commit, now: number): boolean {
  const same = commit.from === from && commit.to === to && commit.version === version;
  return same && (commit.until === null || now <= commit.until);
}

function committedText({ by, at, until, why }: Commit): string {
  const end = until === null ? '' : `, until ${new Date(until).toISOString()}`;
  return `committed by ${by} at ${new Date(at).toISOString()}${end}${why === null ? '' : `, because ${why}`}`;
}

/** Why a commit does not count. */
function lapsedText({ by, from, to, until, version }: Commit, move: Planned): string {
  if (version === move.version && from === move.from && to === move.to && until !== null)
    return `what ${by} has committed was to be made until ${new Date(until).toISOString()}`;
  return `what ${by} has committed was the move from ${from} to ${to}, as version ${version} of the phase was, and this is another one`;
}

/**
 * The next move, if it waits for a commit, and what is said of its hold so far. Throws `MoveRefused`.
 * @param outsideWindow whether the commit is for a move outside of the windows, too.
 */
export function committable(
  { flags }: Pick<Wish, 'flags'>,
  { from, version }: Omit<Planned, 'to'>,
  { collection, settings, holding }: Waits,
  outsideWindow: boolean,
): Planned & { readonly holding: Holding } {
  const wanted = wantedPhase(flags);
  if ('refused' in wanted) throw new MoveRefused(wanted.refused);
  if (wanted.phase === from)
    throw new MoveRefused(
      `NOTHING_TO_COMMIT: ${collection} is in ${from}, as the flags want it. Nothing was done. npx crossfade set says where it is to go`,
    );
  if ('unreadable' in holding) throw new MoveRefused(holding.unreadable);
  const move = { from, to: nextPhase(from, wanted.phase), version };
  const told = `the next move of ${collection}, from ${move.from} to ${move.to},`;
  const held = isHoldable(move) && heldText(move.to, settings, holding) !== null;
  const isWindowed = move.to === 'seal' && isHoldable(move) && settings.windows.length > 0;
  if (outsideWindow && !isWindowed)
    throw new MoveRefused(
      `NO_WINDOW: ${told} waits for no window. Nothing was done. Leave --outside-window out`,
    );
  if (held || (outsideWindow && isWindowed)) return { ...move, holding };
  const alone = isWindowed ? ' It waits for its window alone: --outside-window lets it through before' : '';
  throw new MoveRefused(`NOT_HELD: ${told} waits for no commit. Nothing was done.${alone}`);
}
