/**
 * Linearizability of one key's history: a register with conditional writes and deletions (Wing and Gong's search,
 * with Lowe's memo of configurations already visited). A state is a document's digest, or null for absent.
 */

export type Value = string | null;

export interface Operation {
  readonly label: string;
  readonly kind: 'read' | 'write';
  /** What a read saw, or what a write was to leave. */
  readonly value: Value;
  /** What a conditional write expected; undefined for no condition. */
  readonly expected?: Value | undefined;
  readonly invoked: number;
  /** Infinity for an operation that was never answered: it may take effect at any later time, or never. */
  readonly returned: number;
  readonly outcome: 'done' | 'refused' | 'unknown';
}

/** Whether some order of the operations, each within its interval, explains every answer. */
export function linearizable(initial: Value, operations: readonly Operation[]): boolean {
  const relevant = operations.filter((op) => op.outcome !== 'unknown' || op.kind === 'write');
  if (relevant.length > 30)
    throw new RangeError('A history of more than 30 operations does not fit the bit mask');
  const answered = relevant.reduce((mask, op, i) => (op.outcome === 'unknown' ? mask : mask | (1 << i)), 0);
  const visited = new Set<string>();
  const search = (state: Value, placed: number): boolean => {
    if ((placed & answered) === answered) return true;
    const key = `${placed}|${state}`;
    if (visited.has(key)) return false;
    visited.add(key);
    let horizon = Number.POSITIVE_INFINITY;
    for (const [i, op] of relevant.entries())
      if (!(placed & (1 << i))) horizon = Math.min(horizon, op.returned);
    return relevant.some((op, i) => {
      if (placed & (1 << i) || op.invoked > horizon) return false;
      const after = effect(op, state);
      return after !== undefined && search(after, placed | (1 << i));
    });
  };
  return search(initial, 0);
}

/** The state after an operation, or undefined where it could not have answered so in this state. */
function effect(op: Operation, state: Value): Value | undefined {
  if (op.kind === 'read') return op.value === state ? state : undefined;
  const held = op.expected === undefined || op.expected === state;
  if (op.outcome === 'refused') return held ? undefined : state;
  return held ? op.value : undefined;
}
