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
}

export interface Answer {
  readonly kind: 'done' | 'refused';
  /** What a read saw; undefined for a write. */
  readonly value?: Value | undefined;
}

export interface Effect {
  readonly value: Value;
  readonly answer: Answer;
}

const DONE: Answer = { kind: 'done' };
const REFUSED: Answer = { kind: 'refused' };

/** What the operation does to a register that holds `value`, and how it must then answer. */
export function effects(operation: Operation, value: Value): Effect[] {
  if (operation.kind === 'read') return [{ value, answer: { kind: 'done', value } }];
  if (operation.expectedExpired === true && value === null)
    return [
      { value: operation.value, answer: DONE },
      { value, answer: REFUSED },
    ];
  const holds = operation.expected === undefined || operation.expected === value;
  return holds ? [{ value: operation.value, answer: DONE }] : [{ value, answer: REFUSED }];
}
