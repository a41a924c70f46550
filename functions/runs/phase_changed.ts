/** What a run has found out, or still would, is about the phase that it was begun in, and about no other. */
import type { Phase } from '../protocol/phase.ts';
import type { Run } from '../stores/oracle/ledger_rows.ts';

/** The service has gone on to another phase than the one that a run was begun in. */
export class PhaseChanged extends Error {
  override readonly name = 'PhaseChanged';
}

/** Throws `PhaseChanged`. @param phase that of the collection now. */
export function requirePhase(run: Pick<Run, 'id' | 'kind' | 'collection' | 'phase'>, phase: Phase): void {
  if (phase === run.phase) return;
  throw new PhaseChanged(
    `${run.collection} is in ${phase}, and the ${run.kind} ${run.id} was begun in ${run.phase}. Abandon it, and begin another if it is still wanted`,
  );
}
