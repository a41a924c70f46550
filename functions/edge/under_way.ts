/** Runs that are under way, beside what a move waits for. */

import type { Ledger } from '../books/ledger.ts';
import type { Decision } from '../control/decide.ts';
import { underWay } from '../control/under_way.ts';
import type { Reach } from '../stores/reach.ts';

/** Names the runs that the next move stops, where Oracle tells of them. No move waits for it. */
export async function withRuns<Of extends Decision>(
  ledger: Pick<Ledger, 'underWay'>,
  collection: string,
  decision: Of,
  reach: Reach,
): Promise<Of> {
  if (decision.kind !== 'move' && decision.kind !== 'wait') return decision;
  const runs = await reach.ask('oracle', () => ledger.underWay(collection)).catch(() => []);
  const condition = underWay(runs);
  return condition === null ? decision : { ...decision, conditions: [...decision.conditions, condition] };
}
