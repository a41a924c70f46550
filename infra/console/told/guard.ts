/** What the guard has found, and what it could not judge, as people read it. */
import {
  anewText,
  BACK_TO,
  failuresBefore,
  type GuardSettings,
  isReturnable,
  slownessBefore,
} from '../../../functions/control/guard.ts';
import type { Seen } from '../../../functions/control/seen.ts';
import { aheadOf, shareOf } from '../../../functions/phases/ramp.ts';
import type { ToldLatency } from './latencies.ts';
import { instant } from './time.ts';

/** Nothing where nobody watches; functions of the version before tell nothing of it. */
export function guardLines({
  collection,
  effective,
  moves,
}: Pick<Seen, 'collection' | 'effective' | 'moves'>): string[] {
  const { note = null, turnedBack = false } = moves?.watched ?? {};
  if (note === null) return [];
  const { to, kind, told, at } = note;
  if (turnedBack && isReturnable(to))
    return [
      `  GUARD    the flags were set back from ${to} to ${BACK_TO[to]}, ${instant(at)}: ${told}`,
      `           nothing goes forward before they are set anew: ${anewText(collection)}`,
    ];
  if (to !== effective.phase && (shareOf(effective) === 0 || to !== aheadOf(effective.phase))) return [];
  const name = kind === 'worse' || kind === 'couchbase' || kind === 'unread' ? 'GUARD' : 'guard';
  return [`  ${name}    ${kind}, ${instant(at)}: ${told}`];
}

/** Why the next phase could not be compared with this one, as requests are now. @param longest milliseconds that a request may take. */
export function unjudgedLines(
  { decision, moves }: Pick<Seen, 'decision' | 'moves'>,
  latency: ToldLatency | undefined,
  longest: number,
): string[] {
  const settings = moves?.guard ?? null;
  if (settings === null || !('to' in decision)) return [];
  if (latency === undefined || 'unread' in latency)
    return [
      `  guard    cannot judge the move to ${decision.to}: ${latency?.unread ?? 'nothing was measured'}`,
    ];
  const problems = latency.requests.flatMap((figures) =>
    problemsOf(figures, settings, longest).map((problem) => `${figures.operation}: ${problem}`),
  );
  const some = latency.requests.length === 0 ? ['there were no requests lately'] : problems;
  return some.map((problem) => `  guard    cannot judge the move to ${decision.to} by ${problem}`);
}

function problemsOf(
  figures: Parameters<typeof failuresBefore>[0],
  { failed, slower, requests }: GuardSettings,
  longest: number,
): string[] {
  if (figures.count < requests)
    return [`${figures.count} requests in the last 15 minutes: ${requests} are needed (guard.requests)`];
  return [failuresBefore(figures, failed), slownessBefore(figures, slower, longest)].flatMap(
    (each) => each ?? [],
  );
}
