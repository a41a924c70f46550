/** What a message of Oracle or of its driver means for the call that it answers. */
import { type FailureClass, type Group, NJS, ORA } from './codes.ts';

export interface Meaning {
  readonly kind: FailureClass;
  readonly text: string;
}

/** Those of a trigger or a procedure that somebody has written: whatever it says, it says so of this row. */
const RAISED = { from: 20_000, to: 20_999 };
const REFUSED_BY_CODE: Meaning = { kind: 'poison', text: 'a trigger of the database refuses the document' };

const byCode = (groups: readonly Group[]): ReadonlyMap<number, Meaning> =>
  new Map(
    groups.flatMap(({ kind, codes, text = '' }) => codes.map((code) => [code, { kind, text }] as const)),
  );

const TABLE = { ORA: byCode(ORA), NJS: byCode(NJS) };

/** How many codes have a meaning. */
export const knownCodes = TABLE.ORA.size + TABLE.NJS.size;

/**
 * They only say where something went wrong; what it was, the next code says: an error of a statement that Oracle has made by itself, and of a process
 * that works in parallel.
 */
const WRAPPERS: ReadonlySet<number> = new Set([604, 12801]);

function isRaised(code: number): boolean {
  return code >= RAISED.from && code <= RAISED.to;
}

const CODED = /^(ORA|NJS)-\d/;

/** @param message as the driver has it. Null for what nobody has thought of. */
export function meaningOf(message: string): Meaning | null {
  const found = CODED.test(message) ? message.matchAll(/^(ORA|NJS)-(\d+)/gm) : [];
  for (const [, system, digits] of found) {
    const code = Number(digits);
    if (system === 'ORA' && WRAPPERS.has(code)) continue;
    // Behind a wrapper it is the words of a trigger on a login, say, and tells nothing of the row.
    if (system === 'ORA' && isRaised(code))
      return message.startsWith(`ORA-${digits}`) ? REFUSED_BY_CODE : null;
    return TABLE[system as keyof typeof TABLE].get(code) ?? null;
  }
  return null;
}
