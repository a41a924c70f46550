/** Sorts what the driver and Oracle say by what is to be done about it. */
import { shortened } from '../../parsing/quoted.ts';
import { OperatorNeeded, PoisonDocument, StoreUnavailable, type Target } from '../failure.ts';
import { meaningOf } from './meaning.ts';

/**
 * Of these Oracle's own words name columns, constraints and sizes alone. Of others they may have the value that was refused, as those of
 * ORA-01438 and ORA-01722 in some versions: then the code is all that is told.
 */
const NAMES_ONLY: ReadonlySet<number> = new Set([1400, 1407, 2290, 2291, 12899]);

/** Characters of what the driver or Oracle says. */
const LONGEST_MESSAGE = 300;

export function oraNumber(error: unknown): number | null {
  const found = /^ORA-(\d{5})/.exec(messageOf(error));
  return found === null ? null : Number(found[1]);
}

/** Whether an insertion met a row that is there already. */
export function isUniqueViolation(error: unknown): boolean {
  return oraNumber(error) === 1;
}

/** Whether there is no such table, which Oracle also says without a grant. */
export function isNoTable(error: unknown): boolean {
  return oraNumber(error) === 942;
}

/** A privilege is missing; 41900 is what 23ai says of a table. */
const MISSING_PRIVILEGE: readonly (number | null)[] = [1031, 41_900];

/** Whether something may not be read: it is not there, or a privilege is missing. */
export function isNotGranted(error: unknown): boolean {
  return isNoTable(error) || MISSING_PRIVILEGE.includes(oraNumber(error));
}

/** Whether the login itself was refused: a new password cures it, or another user. */
export function isRefusedLogin(error: unknown): boolean {
  return [1017, 28000, 28001].includes(oraNumber(error) ?? 0);
}

/**
 * Whether Oracle says that the session is of no use any more, or leads to a database that takes no writes: the next call has to have another one.
 * What the driver itself finds dead (NJS) it gives out no more.
 */
export function endsSession(error: unknown): boolean {
  const kind = oraNumber(error) === null ? null : meaningOf(messageOf(error))?.kind;
  return kind === 'lost' || kind === 'standby';
}

/**
 * The unique constraint or index that a row would violate, without its schema; null where that is none of the message.
 * An insertion of a row that is there violates the primary key.
 */
export function violatedIn(error: unknown): string | null {
  return isUniqueViolation(error)
    ? (/\((?:[^().]*\.)?([^().]+)\)/.exec(messageOf(error))?.[1] ?? null)
    : null;
}

/** The failure to throw for what was thrown. @param mutation whether the call would have changed something. */
export function failureOf(error: unknown, target: Target, mutation: boolean): Error {
  // Keys never change, and an insertion of a row that is there is no failure: it is another column whose values are taken.
  if (isUniqueViolation(error) && target.key !== null)
    return refusal(target, 'another row has the values of columns that are unique', firstLine(error), error);
  const meaning = meaningOf(messageOf(error));
  const unavailable = (mayHaveApplied: boolean) =>
    new StoreUnavailable(target, mayHaveApplied, new Error(told(error), { cause: error }));
  switch (meaning?.kind) {
    case 'operator':
      return new OperatorNeeded(target, `${codeIn(error)}: ${meaning.text}`, error);
    case 'poison': {
      const words = NAMES_ONLY.has(oraNumber(error) ?? 0) ? firstLine(error) : codeIn(error);
      return refusal(target, meaning.text, words, error);
    }
    case 'busy':
    case 'standby':
      return unavailable(false);
    case 'lost':
      return unavailable(mutation);
    case undefined:
      // What nobody has thought of proves nothing about what was done.
      return isDriverError(error) ? unavailable(mutation) : asError(error);
  }
}

function refusal(target: Target, why: string, told: string, cause: unknown): PoisonDocument {
  return new PoisonDocument(target, `${why} (${told}). Mend the document, or the table`, cause);
}

function isDriverError(error: unknown): boolean {
  return /^(ORA|NJS|DPI)-\d+/.test(messageOf(error));
}

/** Where a constraint is looked at in the commit, the line after ORA-02091 says which. */
function messageOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.replace(/^ORA-02091[^\n]*\n(?=ORA-)/, '');
}

/** Details, with the values that they are about, follow on other lines. */
function firstLine(error: unknown): string {
  return shortened(messageOf(error).split('\n', 1)[0] ?? '', LONGEST_MESSAGE);
}

/** The same, with the code that Oracle gave to the driver, if it is another one: a listener's reason for a refusal, for example. */
function told(error: unknown): string {
  const [first, ...rest] = messageOf(error).split('\n');
  const [code] = /ORA-\d{1,5}/.exec(rest.join('\n')) ?? [];
  const line = firstLine(error);
  return first?.startsWith('NJS-') && code !== undefined ? `${line} (${code})` : line;
}

function codeIn(error: unknown): string {
  return /^\w+-\d+/.exec(messageOf(error))?.[0] ?? '';
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
