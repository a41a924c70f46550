/** Operations on one register, and what each may do to it: the specification that histories are held against. */

/** A document's digest, or null for absent. */
export type Value = string | null;

export interface Operation {
  readonly kind: 'read' | 'write';
  /** What a write is to leave: null deletes. */
  readonly value: Value;
  /** What a conditional write expects; undefined for no condition. */
  readonly expected?: Value | undefined;
  /** What it expected has expired while it was at work: it may still have found it there, or not. */
  readonly expectedExpired?: boolean;
  /** The time of what it leaves is up in one store, and not yet in the other. */
  readonly fading?: boolean;
  /** It was at work while a forced move was: it may have taken effect before the move was over, and be answered accordingly. */
  readonly overtaken?: boolean;
}

export interface Answer {
  readonly kind: 'done' | 'refused';
  /** What a read saw; undefined for a write. */
  readonly value?: Value | undefined;
}

export interface Effect {
  /** What the register holds from then on; undefined where the operation changes nothing. */
  readonly written?: Value;
  readonly answer: Answer;
}

const DONE: Answer = { kind: 'done' };
const REFUSAL: Effect = { answer: { kind: 'refused' } };

/** What the operation may do to a register that holds `value`, and how it must then answer. */
export function effects(operation: Operation, value: Value): Effect[] {
  if (operation.kind === 'read') return [{ answer: { kind: 'done', value } }];
  const { expected, expectedExpired } = operation;
  const written = { written: operation.value, answer: DONE };
  if (expectedExpired === true && value === null) return [written, REFUSAL];
  return expected === undefined || expected === value ? [written] : [REFUSAL];
}
