/** Runs that are under way when a move is made. No move waits for them. */
import type { Run } from '../records/run.ts';
import type { Condition } from './condition.ts';
import type { Decision } from './decide.ts';
import type { LookPorts } from './ports.ts';

/**
 * What operators read about them beside the conditions of a move; null where there are none. It always holds: a worker looks at the phase
 * before each act, so all of them have stopped within a bake after the move. No later move takes such a run for evidence.
 */
export function underWay(runs: readonly Pick<Run, 'id' | 'kind' | 'phase'>[]): Condition | null {
  if (runs.length === 0) return null;
  const named = runs.map(({ id, kind, phase }) => `${kind} ${id} of ${phase}`).join(', ');
  return { name: 'runs under way', holds: true, measured: `${named}: the move stops them, within a bake` };
}

/** Names the runs that the next move stops, where Oracle tells of them. No move waits for it. */
export async function withRuns<Of extends Decision>(
  ports: Pick<LookPorts, 'underWay'>,
  collection: string,
  decision: Of,
): Promise<Of> {
  if (decision.kind !== 'move' && decision.kind !== 'wait') return decision;
  const condition = underWay(await ports.underWay(collection).catch(() => []));
  return condition === null ? decision : { ...decision, conditions: [...decision.conditions, condition] };
}
