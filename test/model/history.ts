/**
 * Linearizability of one key's finished history: Wing and Gong's search (JPDC 1993) with Lowe's memo of the
 * configurations already visited (2017). It shares nothing with `register.ts` but the words, so that one can be held
 * against the other.
 */
import type { Answer, Operation, Value } from './operation.ts';

export interface Event extends Operation {
  readonly invoked: number;
  /** Infinity for an operation that was never answered: it may take effect at any later time, or never. */
  readonly returned: number;
  /** Null for never answered. */
  readonly answer: Answer | null;
}

const MOST = 30;

/** Whether some order of the events, each within its interval, explains every answer. */
export function linearizable(initial: Value, history: readonly Event[]): boolean {
  const events = history.filter((event) => event.answer !== null || event.kind === 'write');
  if (events.length > MOST)
    throw new RangeError(`A history of more than ${MOST} events does not fit the bit mask`);
  const answered = events.reduce((mask, { answer }, i) => (answer === null ? mask : mask | (1 << i)), 0);
  const visited = new Set<string>();
  const search = (value: Value, placed: number): boolean => {
    if ((placed & answered) === answered) return true;
    const configuration = `${placed}|${value}`;
    if (visited.has(configuration)) return false;
    visited.add(configuration);
    const waiting = events.filter((_, i) => !(placed & (1 << i)));
    const horizon = Math.min(...waiting.map(({ returned }) => returned));
    return events.some((event, i) => {
      if (placed & (1 << i) || event.invoked > horizon) return false;
      const after = explained(event, value);
      return after !== undefined && search(after, placed | (1 << i));
    });
  };
  return search(initial, 0);
}

/** The value after an event, or undefined where it could not have been answered so. */
function explained({ kind, value, expected, answer }: Event, before: Value): Value | undefined {
  if (kind === 'read') return answer?.value === before ? before : undefined;
  const held = expected === undefined || expected === before;
  if (answer?.kind === 'refused') return held ? undefined : before;
  return held ? value : undefined;
}
