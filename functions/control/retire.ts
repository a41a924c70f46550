/** Whether a collection can be retired: after that there is no way back, and Couchbase may be dropped. */
import type { EffectivePhase } from '../phases/effective_phase.ts';
import { type Flags, wantedPhase } from '../protocol/phase.ts';
import { bakeOf, type Condition, measuredIn, type Times } from './conditions.ts';
import { MoveRefused, type Planned } from './move_refused.ts';
import type { Move } from './publish.ts';

/** All of it is known to Oracle and to queues: whether Couchbase still answers does not matter. */
export interface Remains {
  readonly deadLetters: number;
  /** Names of kinds of runs that are not finished. */
  readonly runs: readonly string[];
  /** Those that nobody has decided on. */
  readonly conflicts: number;
  /** Rows that were changed by SQL, and that nobody has decided on. */
  readonly sqlChanges?: number;
}

/** What came of it, or would. */
export interface Retirement {
  readonly conditions: readonly Condition[];
  /** Null where nothing was done. */
  readonly moved: Move | null;
  /** What retires it; null where it is retired already. */
  readonly planned: Planned | null;
}

/** Throws `MoveRefused` where one does not hold. */
export function requireAll(conditions: readonly Condition[]): void {
  const missing = conditions.filter(({ holds }) => !holds);
  if (missing.length > 0) throw new MoveRefused(measuredIn(missing));
}

export function retirement(
  flags: Flags,
  effective: EffectivePhase,
  { deadLetters, runs, conflicts, sqlChanges = 0 }: Remains,
  times: Times,
): Condition[] {
  const { phase } = effective;
  const wanted = wantedPhase(flags);
  const wish = 'refused' in wanted ? 'nothing that could be' : wanted.phase;
  return [
    {
      ...{ name: 'phase', holds: phase === 'contract' },
      measured: phase === 'contract' ? 'contract' : `${phase}: Couchbase is still written or read`,
    },
    { name: 'flags', holds: wish === 'contract', measured: `they ask for ${wish}` },
    bakeOf(effective, times),
    ...forcedIn(effective),
    {
      ...{ name: 'dead letters', holds: deadLetters === 0 },
      measured: deadLetters === 0 ? 'there are none' : `${deadLetters}: redrive or discard them`,
    },
    {
      ...{ name: 'conflicts', holds: conflicts === 0 },
      measured:
        conflicts === 0
          ? 'there are none'
          : `${conflicts}: keep or restore them, npx crossfade set-aside list tells them`,
    },
    ...changedBySql(sqlChanges),
    {
      ...{ name: 'runs', holds: runs.length === 0 },
      measured: runs.length === 0 ? 'none is unfinished' : `${runs.join(', ')}: abandon what is unfinished`,
    },
  ];
}

function changedBySql(rows: number): Condition[] {
  if (rows === 0) return [];
  const measured = `${rows} rows: accept or leave them, npx crossfade sql-changes list tells them`;
  return [{ name: 'changes by SQL', holds: false, measured }];
}

/** It holds up nobody: where Couchbase stays away for good, nothing could heal them any more. */
function forcedIn({ forced = [] }: EffectivePhase): Condition[] {
  if (forced.length === 0) return [];
  const moves = forced.map(({ from, to }) => `${from} to ${to}`).join(', ');
  const measured = `not healed: ${moves}. What only Couchbase has is given up; to look for it, set the flags to settle and verify first`;
  return [{ name: 'forced moves', holds: true, measured }];
}
