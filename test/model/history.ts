/**
 * Linearizability of one key's finished history: Wing and Gong's search (JPDC 1993) with Lowe's memo of the
 * configurations already visited (2017). It shares nothing with the certification's `register.ts` but the words, so that one can be held
 * against the other.
 */
import type { Answer, Operation, Value } from '../../functions/certification/operation.ts';

export interface Event extends Operation {
  readonly invoked: number;
  /** Infinity for an operation that was never answered: it may take effect at any later time, or never. */
  readonly returned: number;
  /** Null for never answered. */
  readonly answer: Answer | null;
}

const MOST = 30;

/** A forced move was over at this moment, and the stores held these values. */
export interface Forced {
  readonly at: number;
  readonly values: readonly Value[];
}

/** Whether some order of the events, each within its interval, explains every answer that a forced move does not excuse. */
export function linearizable(initial: Value, history: readonly Event[], forced?: Forced): boolean {
  const begins = forced === undefined ? history : history.flatMap((event) => afterForce(event, forced.at));
  const events = begins.filter((event) => event.answer !== null || event.kind === 'write');
  if (events.length > MOST)
    throw new RangeError(`A history of more than ${MOST} events does not fit the bit mask`);
  const answered = events.reduce((mask, { answer }, i) => (answer === null ? mask : mask | (1 << i)), 0);
  const visited = new Set<string>();
  const search = (values: readonly Value[], placed: number): boolean => {
    if ((placed & answered) === answered) return true;
    const configuration = `${placed}|${values.join('|')}`;
    if (visited.has(configuration)) return false;
    visited.add(configuration);
    const waiting = events.filter((_, i) => !(placed & (1 << i)));
    const horizon = Math.min(...waiting.map(({ returned }) => returned));
    return events.some((event, i) => {
      if (placed & (1 << i) || event.invoked > horizon) return false;
      return explained(event, values).some((after) => search(after, placed | (1 << i)));
    });
  };
  return search(forced?.values ?? [initial], 0);
}

/** What a forced move leaves of an event: of before it, nothing; of what was at work then, a write that may have been of before. */
function afterForce(event: Event, at: number): Event[] {
  if (event.invoked > at) return [event];
  return event.returned < at || event.kind === 'read' ? [] : [{ ...event, overtaken: true }];
}

/** What may be held after an event: nothing where it could not have been answered so. */
function explained(
  { kind, value, expected, answer, overtaken }: Event,
  before: readonly Value[],
): (readonly Value[])[] {
  if (kind === 'read') return before.includes(answer?.value ?? null) ? [before] : [];
  const [held, unheld] =
    expected === undefined
      ? [true, false]
      : [before.includes(expected), before.some((each) => each !== expected)];
  const unchanged = overtaken === true || (answer?.kind === 'refused' && unheld);
  const written = held && answer?.kind !== 'refused';
  return [...(unchanged ? [before] : []), ...(written ? [[value]] : [])];
}
