/** What gates ask of runs: a backfill, a copy-back, a verification of this stay in the phase, and whether it was clean. */
import type { Phase } from '../protocol/phase.ts';
import type { Condition, ConditionKind, Times, Wanted } from './condition.ts';
import {
  type CollectionEvidence,
  counterproof,
  type Depth,
  lastOf,
  lastVerification,
  type RunEvidence,
} from './evidence.ts';
import { notDurableText, unprovenUntil } from './not_durable.ts';

/** The controller waits so many times as long as an unclean run has taken, and milliseconds at most, before it begins the next. */
const PAUSE = 3;
const LONGEST_PAUSE = 3_600_000;

export function backfilled({ name, backfills }: CollectionEvidence, from: number): Condition {
  const backfill = lastOf(backfills);
  const holds = covers(backfill, 'expand', from);
  return {
    ...{
      kind: 'backfill',
      name: `backfill of ${name}`,
      holds,
      measured: told(name, backfill, 'expand', from, 'none yet'),
    },
    ...(holds ? {} : { command: commandFor(name, isOf(backfill, 'expand', from) ? backfill : null) }),
  };
}

/** @param unhelped a verification of this stay that a copy-back before it has not helped: see `begun`; null for none. */
export function copiedBack(
  { name, copybacks }: CollectionEvidence,
  phase: Phase,
  from: number,
  times: Times,
  unhelped: RunEvidence | null = null,
): Condition {
  const copyback = lastOf(copybacks);
  const holds = covers(copyback, phase, from);
  const condition = {
    kind: 'copy-back' as const,
    name: `copy-back of ${name}`,
    holds,
    measured: told(name, copyback, phase, from, 'none yet'),
  };
  const start = { job: 'copy', input: { collection: name, back: 'changed', ifPossible: true } } as const;
  return begun(condition, start, isOf(copyback, phase, from) ? copyback : unhelped, times);
}

/**
 * When Couchbase had been told of each key: by the first copy-back that counts. In `switch` no key is handed off any more after the bake, and in `settle` each
 * write is pushed. So those that somebody starts later put nothing off.
 */
export function givenBackAt({ copybacks }: CollectionEvidence, phase: Phase, from: number): number {
  const all = copybacks.filter((run) => run.range === null);
  const ends = all.filter((run) => covers(run, phase, from)).map(({ finished }) => finished);
  return ends.length > 0 ? Math.min(...ends) : (lastOf(all)?.finished ?? 0);
}

/**
 * While there are writes that Couchbase has not made durable, only contents show that they are there, and only once the last is made.
 * @param mode what the verification must have compared, at least.
 */
export function verified(
  phase: Phase,
  all: CollectionEvidence,
  from: number,
  mode: Depth,
  times: Times,
): Condition {
  const unproven = unprovenUntil(all);
  if (unproven === null) return compared(phase, all, from, mode, times);
  const { start, ...strict } = compared(phase, all, Math.max(from, unproven), 'content', times);
  const measured = `${strict.measured}. ${notDurableText(unproven)}`;
  return { ...strict, measured, ...(start === undefined || times.now < unproven ? {} : { start }) };
}

function compared(
  phase: Phase,
  { name, verifications }: CollectionEvidence,
  from: number,
  mode: Depth,
  times: Times,
): Condition {
  const counts = lastVerification(verifications, mode);
  const last = lastVerification(verifications, 'version');
  const against = counterproof(verifications, counts);
  const holds = covers(counts, phase, from) && against === null;
  const found = [against, last, counts].find((run) => run?.clean === false && isOf(run, phase, from));
  const measured =
    holds || found !== undefined || last === counts || !isOf(last, phase, from)
      ? told(name, holds ? counts : (found ?? last), phase, from, 'none yet')
      : `${titled(last)} was a ${last.mode} run; ${mode}s are needed`;
  const kind: ConditionKind = `verification by ${mode}`;
  const condition = { kind, name: `verification of ${name} by ${mode}`, holds, measured };
  const start = { job: 'verify', input: { collection: name, mode, ifPossible: true } } as const;
  return begun(condition, start, found, times);
}

/**
 * The verification of `settle` that has ended last of those that were not clean, and that no later one of the same mode has refuted; null for
 * none. A service that comes from `contract`, and goes there again before Couchbase has been told what it has missed, would leave
 * differences that no receipt settles.
 */
export function turnedRound(
  { verifications }: CollectionEvidence,
  phase: Phase,
  from: number,
): RunEvidence | null {
  if (phase !== 'settle') return null;
  const unclean = (['content', 'version'] as const)
    .map((mode) => lastVerification(verifications, mode))
    .filter((run) => isOf(run, phase, from))
    .filter(({ clean }) => !clean);
  return unclean.sort((a, b) => b.finished - a.finished)[0] ?? null;
}

/** The same verification, where a copy-back of this stay had ended before it began: another one would help no more. */
export function unhelped(
  { copybacks }: CollectionEvidence,
  phase: Phase,
  from: number,
  verification: RunEvidence | null,
): RunEvidence | null {
  const until = verification?.started ?? 0;
  return copybacks.some((run) => covers(run, phase, from) && run.finished <= until) ? verification : null;
}

/**
 * The run that the controller starts. After one that was not clean it leaves operators time to mend what was found, and to start a run of
 * their own, of which there is only one at a time: another look by itself would find the same. So it does where copy-backs and verifications
 * would follow each other without end.
 * @param last of this stay.
 */
function begun(
  condition: Pick<Condition, 'kind' | 'name' | 'holds' | 'measured'>,
  start: Wanted,
  last: RunEvidence | null | undefined,
  { now, bake }: Times,
): Condition {
  if (condition.holds) return condition;
  if (!last || last.clean) return { ...condition, start };
  const { started, finished } = last;
  const next = finished + Math.min(LONGEST_PAUSE, Math.max(bake, PAUSE * (finished - started)));
  if (now >= next) return { ...condition, start };
  return {
    ...condition,
    // Whatever else a gate waits for may begin; but no verification before the copy-back that it is to look at.
    ...(start.job === 'verify' ? { lets: true } : {}),
    measured: `${condition.measured}. The controller begins another at ${new Date(next).toISOString()}`,
  };
}

function covers(run: RunEvidence | null, phase: Phase, from: number): boolean {
  return isOf(run, phase, from) && run.clean;
}

/** Whether a run is about this phase, as it is from that time on. */
function isOf(run: RunEvidence | null, phase: Phase, from: number): run is RunEvidence {
  return run?.phase === phase && run.started >= from;
}

function told(name: string, run: RunEvidence | null, phase: Phase, from: number, none: string): string {
  if (run === null) return none;
  const about = titled(run);
  if (run.phase !== phase) return `${about} was in ${run.phase}, and says nothing of ${phase}`;
  if (run.started < from) return `${about} began before ${new Date(from).toISOString()}`;
  const compared = run.mode === null ? '' : ` compared ${run.mode}s and`;
  if (run.unsettled !== undefined) return `${about} ${setAsideText(run.unsettled)}`;
  return run.clean
    ? `${about}${compared} was clean`
    : `${about}${compared} was not clean: npx crossfade verified ${name}`;
}

/** What an operator does for the gate. @param last of this stay. */
function commandFor(name: string, last: RunEvidence | null): string {
  return last?.unsettled === undefined
    ? `npx crossfade backfill start ${name}`
    : `npx crossfade dead-letters explain --collection ${name}`;
}

function setAsideText(unsettled: number): string {
  return unsettled === 0
    ? 'has set documents aside, and all of them are settled'
    : `has set documents aside, and ${unsettled} of them ${unsettled === 1 ? 'is' : 'are'} not settled. Mend them, then redrive or discard: no new backfill is needed`;
}

function titled({ id, started }: RunEvidence): string {
  return `${id} of ${new Date(started).toISOString()}`;
}
