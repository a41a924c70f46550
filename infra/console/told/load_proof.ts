/** The proof of load of a collection, as operators read it: both stores side by side. */
import { callsText, LATELY, type LoadProofEvidence } from '../../../functions/control/load_proof.ts';
import type { EffectivePhase } from '../../../functions/phases/effective_phase.ts';
import { isProven, stepAt } from '../../../functions/records/load_proof.ts';
import { instant } from './time.ts';

/** @param now milliseconds since the epoch. */
export function loadProofLines(
  proof: LoadProofEvidence | undefined,
  { phase, since }: Pick<EffectivePhase, 'phase' | 'since'>,
  now: number,
): string[] {
  if (proof === undefined || !isProven(phase)) return [];
  const { couchbase, oracle, writes, skipped, absent, differences } = proof.lately;
  return [
    `  load     ${stepText(proof, phase, since, now)}; of the ${LATELY} minutes until ${instant(proof.until)}:`,
    `    Couchbase  reads   ${callsText(couchbase)}`,
    `    Oracle     reads   ${callsText(oracle)}, ${skipped} skipped, ${absent} of nothing, ${differences} different`,
    `    Oracle     writes  ${callsText(writes)}`,
  ];
}

function stepText(
  { ramp }: LoadProofEvidence,
  phase: EffectivePhase['phase'],
  since: number,
  now: number,
): string {
  const { number, percent, until } = stepAt(ramp, phase, since, now);
  const next = ramp[number];
  if (phase === 'seal') return `each read asks both stores, and ${percent} % are measured`;
  const then = until === null || next === undefined ? '' : `, ${next.percent} % from ${instant(until)} on`;
  return `${percent} % of the reads are asked of Oracle, too (step ${number} of ${ramp.length}${then})`;
}
