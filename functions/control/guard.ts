/**
 * Whether requests are worse off since a move. The phase is compared with the one before it, by the same operations of the same collection. The flags can be set back from
 * `expand`, `seal` and `switch`. What they are set back to needs Couchbase alone, so where Couchbase itself has become worse, going back would help nobody.
 */
import type { VerdictKind } from '../phases/guard_note.ts';
import { aheadOf, shareOf as shareAhead } from '../phases/ramp.ts';
import { PHASES, type Phase } from '../protocol/phase.ts';
import type { Figures, RequestKind } from '../records/latencies.ts';
import type { Move, Standing } from './publish.ts';
import { changedAt } from './ramp.ts';

/** As it is configured. */
export interface GuardSettings {
  /** For how long a phase is watched, from the end of its bake on. */
  readonly minutes: number;
  /** The part of the requests that may fail beyond that of the phase before. */
  readonly failed: number;
  /** How many times as long as before the slowest hundredth of the requests may take, and milliseconds that it may take in any case. */
  readonly slower: number;
  readonly floor: number;
  /** Of one operation in each of both phases: fewer are not judged. */
  readonly requests: number;
}

/** Where the flags are set back to, by the phase that a move forward has led to. From `settle` on there is no way back without a copy-back first. */
export const BACK_TO = { expand: 'legacy', seal: 'expand', switch: 'expand' } as const satisfies Partial<
  Record<Phase, Phase>
>;
export type Returnable = keyof typeof BACK_TO;

export function isReturnable(phase: Phase): phase is Returnable {
  return Object.hasOwn(BACK_TO, phase);
}

/** What an operator does to let it go forward again. `inherit` comes second: of a collection that had flags of its own, those of all may want it further back. */
export function anewText(collection: string): string {
  return `npx crossfade set PHASE --collection ${collection}; or, if it shared the flags of all collections before, set inherit --collection ${collection}`;
}

/** Milliseconds of the phase before that are compared, at most; and how late CloudWatch may have what was measured. */
const [BEFORE, LATE] = [3_600_000, 180_000];
const MINUTE = 60_000;

/** A phase that is watched since a move forward has led to it. Times in milliseconds since the epoch. */
export interface Watch {
  readonly from: Phase;
  readonly to: Phase;
  /** Of the phase. */
  readonly version: number;
  readonly before: { readonly from: number; readonly until: number };
  readonly since: number;
  readonly until: number;
}

/** From when on the phase has been watched for long enough. @param bake milliseconds. */
export function watchedUntil(
  since: number,
  bake: number,
  { minutes }: Pick<GuardSettings, 'minutes'>,
): number {
  return since + bake + minutes * MINUTE;
}

/**
 * Null where the phase was not come to by a move forward, or the time is over. The share of a ramp is compared with the other keys.
 * @param move the last one of the collection; null where it is not known.
 */
export function watchOf(
  move: Move | null,
  { effective, version, now }: Standing,
  bake: number,
  settings: Pick<GuardSettings, 'minutes'>,
): Watch | null {
  const { phase } = effective;
  if (move === null || move.to !== phase) return null;
  const to = shareAhead(effective) > 0 ? (aheadOf(phase) ?? phase) : phase;
  if (PHASES.indexOf(to) <= PHASES.indexOf(move.from)) return null;
  const since = changedAt(effective);
  const until = watchedUntil(since, bake, settings);
  if (now >= until + LATE) return null;
  // For a bake after the move some requests are still served in the phase before.
  const before = { from: since - BEFORE, until: to === phase ? since + bake : now };
  return { from: move.from, to, version, before, since, until };
}

/** Whether a move back has led to the phase, or a share of the keys that was ahead has come back to it. @param move the last one of the collection; null where it is not known. */
export function cameBack(move: Move | null, { effective: { phase } }: Standing): boolean {
  if (move === null || move.to !== phase) return false;
  return move.share === 0 || PHASES.indexOf(move.to) < PHASES.indexOf(move.from);
}

/** What was measured of one phase. */
export interface Measured {
  readonly requests: Readonly<Record<RequestKind, Figures>>;
  /** Calls to Couchbase, of all collections in that phase. */
  readonly couchbase: Figures;
}

export interface Verdict {
  readonly kind: Exclude<VerdictKind, 'back' | 'unread' | 'turned'>;
  readonly told: string;
}

/** The worst comes first: one operation that is worse is enough. Then whatever one of them shows. */
const ORDER = ['worse', 'couchbase', 'fine', 'before', 'few'] as const satisfies readonly Verdict['kind'][];

/** @param longest milliseconds that a request may take: none is slower. */
export function judged(
  { from, to }: Pick<Watch, 'from' | 'to'>,
  before: Measured,
  now: Measured,
  settings: GuardSettings,
  longest: number,
): Verdict {
  const findings = (Object.keys(now.requests) as RequestKind[]).flatMap((operation) => {
    const pair = { before: before.requests[operation], now: now.requests[operation] };
    if (pair.now.count === 0) return [];
    const couchbase = { before: before.couchbase, now: now.couchbase };
    return found(pair, couchbase, settings, longest).map((each) => ({
      ...each,
      told: `${operation}: ${each.told}`,
    }));
  });
  const kind = ORDER.find((each) => findings.some((finding) => finding.kind === each));
  if (kind === undefined) return { kind: 'few', told: `there was no request in ${to} so far` };
  // What cannot be judged is told beside what can.
  const told = findings
    .filter((each) => each.kind === kind || each.kind === 'before')
    .map((each) => each.told);
  return { kind, told: `${to} compared with ${from}: ${told.join('; ')}` };
}

/** The same of the phase before, and of now. */
interface Pair {
  readonly before: Figures;
  readonly now: Figures;
}

function found(pair: Pair, couchbase: Pair, settings: GuardSettings, longest: number): Verdict[] {
  const { requests } = settings;
  if (pair.now.count < requests || pair.before.count < requests)
    return [
      {
        kind: 'few',
        told: `${pair.now.count} requests, ${pair.before.count} before: ${requests} are needed`,
      },
    ];
  return [failing(pair, couchbase, settings), slow(pair, couchbase, settings, longest)];
}

function failing(pair: Pair, couchbase: Pair, { failed }: GuardSettings): Verdict {
  const told = `${percent(shareOf(pair.now))} of ${pair.now.count} have failed, ${percent(shareOf(pair.before))} of ${pair.before.count} before`;
  const problem = failuresBefore(pair.before, failed);
  if (problem !== null) return { kind: 'before', told: problem };
  if (risen(pair) <= failed) return { kind: 'fine', told };
  // A request makes more than one call, so fewer of the calls need to fail.
  if (risen(couchbase) > failed / 2)
    return {
      kind: 'couchbase',
      told: `${told}; but so have ${percent(shareOf(couchbase.now))} of the calls to Couchbase, ${percent(shareOf(couchbase.before))} before`,
    };
  return { kind: 'worse', told };
}

function slow(pair: Pair, couchbase: Pair, { slower, floor }: GuardSettings, longest: number): Verdict {
  const [now, before] = [pair.now.p99 ?? 0, pair.before.p99 ?? 0];
  const told = `p99 ${text(now)} ms, ${text(before)} ms before`;
  const problem = slownessBefore(pair.before, slower, longest);
  if (problem !== null) return { kind: 'before', told: problem };
  if (now <= floor || now <= slower * before) return { kind: 'fine', told };
  const [calls, callsBefore] = [couchbase.now.p99 ?? 0, couchbase.before.p99 ?? 0];
  // It is Couchbase where its calls have become slower as well, and account for half of it or more.
  if (calls > slower * callsBefore && 2 * (calls - callsBefore) >= now - before)
    return {
      kind: 'couchbase',
      told: `${told}; but so are calls to Couchbase, p99 ${text(calls)} ms, ${text(callsBefore)} ms before`,
    };
  return { kind: 'worse', told };
}

/** Why failures cannot be judged by a phase like this one; null where they can. */
export function failuresBefore(before: Figures, failed: number): string | null {
  if (before.count === 0 || shareOf(before) <= failed) return null;
  return `failures cannot be judged: ${percent(shareOf(before))} of ${before.count} failed in the phase before, more than guard.failed`;
}

/** Why latency cannot be judged by a phase like this one; null where it can. */
export function slownessBefore(before: Figures, slower: number, longest: number): string | null {
  const bound = slower * (before.p99 ?? 0);
  if (bound < longest) return null;
  return `latency cannot be judged: p99 was ${text(before.p99 ?? 0)} ms in the phase before, and no request takes ${slower} times as long (timing.request)`;
}

function shareOf({ count, failed }: Figures): number {
  return count === 0 ? 0 : failed / count;
}

function risen({ before, now }: Pair): number {
  return shareOf(now) - shareOf(before);
}

function percent(share: number): string {
  return `${(100 * share).toFixed(2)} %`;
}

function text(milliseconds: number): string {
  return milliseconds.toFixed(0);
}
