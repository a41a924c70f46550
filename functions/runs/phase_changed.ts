/** What a run has found out, or still would, is about the stay in a phase that it was begun in, and about no other. */
import type { EffectivePhase } from '../phases/effective_phase.ts';
import type { Run } from '../records/run.ts';

/** A phase, and since when. A service that comes back to a phase begins another stay in it. */
export type Stay = Pick<EffectivePhase, 'phase' | 'since'>;

/** The service has gone on to another phase than the one that a run was begun in, or has come back to it since. */
export class PhaseChanged extends Error {
  override readonly name = 'PhaseChanged';
}

/** Whether a run was begun in this stay: only then can it be finished, and be evidence for a move. */
export function isOfStay({ phase, started }: Pick<Run, 'phase' | 'started'>, stay: Stay): boolean {
  // A run begins a bake after its phase, at the earliest.
  return phase === stay.phase && started >= stay.since;
}

/** Throws `PhaseChanged`. @param stay that of the collection now. */
export function requirePhase(
  run: Pick<Run, 'id' | 'kind' | 'collection' | 'phase' | 'started'>,
  stay: Stay,
): void {
  if (isOfStay(run, stay)) return;
  const { phase, since } = stay;
  const again = phase === run.phase ? ` before ${new Date(since).toISOString()}, in an earlier stay` : '';
  throw new PhaseChanged(
    `${run.collection} is in ${phase}, and the ${run.kind} ${run.id} was begun in ${run.phase}${again}. Abandon it, and begin another if it is still wanted`,
  );
}
