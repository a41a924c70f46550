/** Sorts what the driver and Oracle say by what is to be done about it. */
import { shortened } from '../../parsing/quoted.ts';
import { OperatorNeeded, PoisonDocument, StoreUnavailable, type Target } from '../failure.ts';
import { meaningOf } from './meaning.ts';

/** A name as Oracle writes it, or several with points between them. */
const NAME = '(?:"[^"\\n]{1,128}"|[\\w$#]{1,128})(?:\\.(?:"[^"\\n]{1,128}"|[\\w$#]{1,128})){0,2}';

/**
 * What is told of a refusal in Oracle's own words: the names of columns and constraints, and sizes. All else may be the value that was refused, as
 * versions differ in what they quote (23ai quotes whole rows): where the words are not these, the code is all that is told.
 */
const WORDS: Readonly<Record<number, RegExp>> = {
  1: new RegExp(`^ORA-00001: unique constraint(?: \\(${NAME}\\))? violated`),
  1400: new RegExp(`^ORA-01400: cannot insert NULL into \\(${NAME}\\)`),
  1407: new RegExp(`^ORA-01407: cannot update \\(${NAME}\\) to NULL`),
  2290: new RegExp(`^ORA-02290: check constraint \\(${NAME}\\) violated`),
  2291: new RegExp(`^ORA-02291: integrity constraint \\(${NAME}\\) violated(?: - parent key not found)?`),
  12899: new RegExp(
    `^ORA-12899: value too large for column ${NAME}(?: \\((?:actual: \\d+, )?maximum: \\d+\\))?`,
  ),
};

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
    return refusal(target, 'another row has the values of columns that are unique', wordsOf(error), error);
  const meaning = meaningOf(messageOf(error));
  const unavailable = (mayHaveApplied: boolean, words = told(error)) =>
    new StoreUnavailable(target, mayHaveApplied, new Error(words, { cause: error }));
  switch (meaning?.kind) {
    case 'operator':
      return new OperatorNeeded(target, `${codeIn(error)}: ${meaning.text}`, error);
    case 'poison':
      return refusal(target, meaning.text, wordsOf(error), error);
    case 'busy':
    case 'standby':
      return unavailable(false);
    case 'lost':
      return unavailable(mutation);
    case undefined:
      // What nobody has thought of proves nothing about what was done.
      return isDriverError(error) ? unavailable(mutation, unforeseen(error)) : asError(error);
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

function wordsOf(error: unknown): string {
  return shortened(
    WORDS[oraNumber(error) ?? 0]?.exec(messageOf(error))?.[0] ?? codeIn(error),
    LONGEST_MESSAGE,
  );
}

/** The driver's own words quote no row. What Oracle says where nobody has thought of it may. */
function unforeseen(error: unknown): string {
  const number = oraNumber(error);
  if (number === null) return told(error);
  const page = `docs.oracle.com/error-help/db/ora-${String(number).padStart(5, '0')}`;
  return `${codeIn(error)}, whose words may hold values and are not shown: look it up at ${page}`;
}

/** Of those about sessions, locks and rooms, which name no value. Details follow on other lines. */
function firstLine(error: unknown): string {
  return shortened(messageOf(error).split('\n', 1)[0] ?? '', LONGEST_MESSAGE);
}

/** The same, with the code that Oracle gave to the driver, if it is another one: a listener's reason for a refusal, for example. */
function told(error: unknown): string {
  const [first, ...rest] = messageOf(error).split('\n');
  const [code] = /ORA-\d{1,5}/.exec(rest.join('\n')) ?? [];
  const line = (oraNumber(error) ?? 0) in WORDS ? wordsOf(error) : firstLine(error);
  return first?.startsWith('NJS-') && code !== undefined ? `${line} (${code})` : line;
}

function codeIn(error: unknown): string {
  return /^\w+-\d+/.exec(messageOf(error))?.[0] ?? '';
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
