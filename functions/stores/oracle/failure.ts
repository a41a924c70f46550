/** Sorts what the driver and Oracle say by what is to be done about it. */
import { shortened } from '../../parsing/quoted.ts';
import { OperatorNeeded, PoisonDocument, StoreUnavailable, type Target } from '../failure.ts';

/**
 * `lost`: the connection is gone, and with it the answer. `busy`: Oracle says not now, and has done nothing. `operator`:
 * it will say so until somebody has changed something. `poison`: it will never take this document.
 */
export type FailureClass = 'lost' | 'busy' | 'operator' | 'poison';

type Codes = Readonly<Record<number, string>>;

const LOST_ORA = [
  28, 31, 1012, 1033, 1034, 1089, 1090, 1092, 2396, 3113, 3114, 3135, 12153, 12170, 12514, 12537, 12541,
  12547, 12570, 12571,
];
const LOST_NJS = [500, 501, 503, 510, 511, 518, 521, 530, 123];
const BUSY_ORA = [1, 18, 20, 54, 60, 1013, 4068, 8177, 12516, 12519, 12520, 30006];
/** No connection was to be had from the pool: nothing was sent. */
const BUSY_NJS = [40, 76];

const OPERATOR: Codes = {
  257: 'the archiver is stuck. Make room for the archived logs',
  904: 'a column is missing. Run npx crossfade schema as the owner of the tables: it adds the columns of the configuration',
  942: 'there is no such table, or it may not be seen. Run npx crossfade schema --grant-to USER as the owner of the tables',
  1017: 'the user name or password was refused. Check the secret',
  1031: 'a privilege is missing. Run npx crossfade schema --grant-to USER as the owner of the tables, who may create tables',
  1536: 'the quota of the tablespace is used up. Raise it',
  1653: 'the tablespace is full. Extend it',
  1654: 'the tablespace of the index is full. Extend it',
  1688: 'the tablespace of the partition is full. Extend it',
  28000: 'the account is locked. Unlock it, and check who has been guessing its password',
  28001: 'the password has expired. Change it, and the secret',
};

const OPERATOR_NJS: Codes = {
  515: 'the connect string cannot be read. Check the configuration',
};

const POISON: Codes = {
  1400: 'a column that must have a value would get none',
  1438: 'a number is larger than its column',
  1461: 'a value is too long to be bound like this',
  1722: 'a text is no number',
  2290: 'a constraint of the table refuses the document',
  2291: 'the document refers to a row that is not there',
  12899: 'a text is longer than its column',
  40441: 'the body is no JSON to Oracle',
  40604: 'the JSON in the body is larger than Oracle takes',
  42712: 'the JSON in the body is nested deeper than Oracle takes',
};
/**
 * Of these Oracle's own words name columns, constraints and sizes alone. Of others they may have the value that was refused, as those of
 * ORA-01438 and ORA-01722 in some versions: then the code is all that is told.
 */
const NAMES_ONLY: ReadonlySet<number> = new Set([1400, 2290, 2291, 12899]);
const POISON_NJS: Codes = {
  115: 'a value is out of the range of its type',
  194: 'a value in the JSON cannot be bound',
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

/** Whether something may not be read: it is not there, or a privilege is missing. */
export function isNotGranted(error: unknown): boolean {
  return isNoTable(error) || oraNumber(error) === 1031;
}

/** Whether the login itself was refused: a new password cures it, or another user. */
export function isRefusedLogin(error: unknown): boolean {
  return [1017, 28000, 28001].includes(oraNumber(error) ?? 0);
}

/** Null for what nobody has thought of. */
export function classOf(error: unknown): FailureClass | null {
  const [, system, digits] = /^(ORA|NJS)-(\d+)/.exec(messageOf(error)) ?? [];
  const code = Number(digits);
  if (system === 'ORA') {
    if (LOST_ORA.includes(code)) return 'lost';
    if (BUSY_ORA.includes(code)) return 'busy';
    if (code in OPERATOR) return 'operator';
    return code in POISON ? 'poison' : null;
  }
  if (system !== 'NJS') return null;
  if (LOST_NJS.includes(code)) return 'lost';
  if (BUSY_NJS.includes(code)) return 'busy';
  if (code in OPERATOR_NJS) return 'operator';
  return code in POISON_NJS ? 'poison' : null;
}

/** The failure to throw for what was thrown. @param mutation whether the call would have changed something. */
export function failureOf(error: unknown, target: Target, mutation: boolean): Error {
  const found = classOf(error);
  const code = Number(/^(?:ORA|NJS)-(\d+)/.exec(messageOf(error))?.[1]);
  const ours = messageOf(error).startsWith('NJS');
  switch (found) {
    case 'operator':
      return new OperatorNeeded(target, (ours ? OPERATOR_NJS : OPERATOR)[code] as string, error);
    case 'poison': {
      const why = (ours ? POISON_NJS : POISON)[code];
      return new PoisonDocument(
        target,
        `${why} (${!ours && NAMES_ONLY.has(code) ? firstLine(error) : codeIn(error)}). Mend the document, or the table`,
        error,
      );
    }
    case 'busy':
      return new StoreUnavailable(target, false, new Error(firstLine(error), { cause: error }));
    case 'lost':
      return new StoreUnavailable(target, mutation, new Error(firstLine(error), { cause: error }));
    case null:
      // What nobody has thought of proves nothing about what was done.
      return isDriverError(error)
        ? new StoreUnavailable(target, mutation, new Error(firstLine(error), { cause: error }))
        : asError(error);
  }
}

function isDriverError(error: unknown): boolean {
  return /^(ORA|NJS|DPI)-\d+/.test(messageOf(error));
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Details, with the values that they are about, follow on other lines. */
function firstLine(error: unknown): string {
  return shortened(messageOf(error).split('\n', 1)[0] ?? '', LONGEST_MESSAGE);
}

function codeIn(error: unknown): string {
  return /^\w+-\d+/.exec(messageOf(error))?.[0] ?? '';
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
