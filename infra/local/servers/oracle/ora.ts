/** Oracle's errors, and which of them stands for what PostgreSQL says. */

export class OraError extends Error {
  override readonly name = 'OraError';
  readonly number: number;
  /** The same text with the values that were refused, as 23ai has it. */
  readonly quoting: string;

  constructor(number: number, text: string, quoting = text) {
    super(`ORA-${String(number).padStart(5, '0')}: ${text}`);
    this.number = number;
    this.quoting = quoting;
  }
}

/** Whoever breaks a call off is told this of it. */
export const CANCELLED = new OraError(1013, 'user requested cancel of current operation');

/** The next call of a killed session is told this. */
export const KILLED = new OraError(28, 'your session has been killed');

/** What PostgreSQL tells about a failure. */
interface Failure {
  readonly code?: string;
  readonly constraint?: string | undefined;
  readonly column?: string | undefined;
  readonly table?: string | undefined;
  readonly message?: string;
  /** Has the values of the row that was refused. */
  readonly detail?: string | undefined;
}

type Translation = (failure: Failure) => OraError;
const simple =
  (number: number, text: string): Translation =>
  ({ message }) =>
    new OraError(number, `${text} (${message})`);

/** By SQLSTATE. */
const TRANSLATIONS: Readonly<Record<string, Translation>> = {
  '22001': simple(12899, 'value too large for column'),
  '22003': simple(1438, 'value larger than specified precision allowed for this column'),
  '22007': simple(1861, 'literal does not match format string'),
  '22008': simple(1843, 'not a valid month'),
  '22023': simple(1465, 'invalid hex number'),
  '22P02': ({ message = '' }) => {
    if (message.includes('type json')) return new OraError(40441, 'JSON syntax error');
    const quoted = `unable to convert string value containing ${message.split(': ').at(-1)} to a number: `;
    return new OraError(1722, 'invalid number', quoted);
  },
  '23502': ({ table, column }) => new OraError(1400, `cannot insert NULL into ("${table}"."${column}")`),
  '23503': ({ constraint, message = '' }) =>
    message.startsWith('insert')
      ? new OraError(2291, `integrity constraint (EMBEDDED.${constraint}) violated - parent key not found`)
      : new OraError(2292, `integrity constraint (EMBEDDED.${constraint}) violated - child record found`),
  '23505': notUnique,
  '23514': checked,
  '25P02': simple(2091, 'transaction rolled back'),
  '40001': simple(8177, "can't serialize access for this transaction"),
  '40P01': simple(60, 'deadlock detected while waiting for resource'),
  '42601': simple(933, 'SQL command not properly ended'),
  '42701': simple(1430, 'column being added already exists in table'),
  '42703': simple(904, 'invalid identifier'),
  '42804': simple(932, 'inconsistent datatypes'),
  '42883': simple(932, 'inconsistent datatypes'),
  '42P01': simple(942, 'table or view does not exist'),
  '42P07': simple(955, 'name is already used by an existing object'),
  '57014': () => CANCELLED,
  '2BP01': simple(2449, 'unique/primary keys in table referenced by foreign keys'),
  OR481: ({ message = '' }) => new OraError(1481, `invalid number format model: ${message}`),
  OR821: ({ message = '' }) => new OraError(1821, `date format not recognized: ${message}`),
  OR001: ({ message = '' }) => new OraError(20001, message),
  OR080: ({ message = '' }) => new OraError(4080, message),
  '55P03': simple(54, 'resource busy and acquire with NOWAIT specified or timeout expired'),
};

export function fromPostgres(error: unknown): OraError {
  if (error instanceof OraError) return error;
  const failure = error as Failure;
  const translate = TRANSLATIONS[failure.code ?? ''];
  return translate?.(failure) ?? new OraError(600, `internal error code (${failure.message})`);
}

/** The name of the constraint that keeps a column's length in bytes, and what it means when it is violated. */
export function lengthConstraint(column: string, bytes: number): string {
  return `ORA-12899:${column}:${bytes}`;
}

/** The same of a length in characters. */
export function charactersConstraint(column: string, characters: number): string {
  return `ORA-12899C:${column}:${characters}`;
}

function notUnique({ constraint, detail = '' }: Failure): OraError {
  const [, values = ''] = /^Key \(.*?\)=\((.*)\) already exists/s.exec(detail) ?? [];
  return twice(` (${constraint})`, [values]);
}

/** @param name of the constraint, in brackets; nothing where that is not known. @param row the values of one that is there already. */
export function twice(name: string, row: readonly unknown[]): OraError {
  const shown = row.filter((each) => typeof each === 'string').map((each) => `'${each.slice(0, 64)}'`);
  const text = `unique constraint${name} violated`;
  const details = `row with column values (${shown.join(', ')}) already exists`;
  return new OraError(1, text, `${text}\nORA-03301: (ORA-00001 details) ${details}`);
}

function checked({ constraint = '', detail = '', table }: Failure): OraError {
  const [, column, bytes] = /^ORA-12899C?:(.*):(\d+)$/.exec(constraint) ?? [];
  const text = `check constraint (${constraint}) violated`;
  return column === undefined
    ? new OraError(2290, text, `${text}\n(ORA-02290 details) ${detail}`)
    : new OraError(12899, `value too large for column "EMBEDDED"."${table}"."${column}" (maximum: ${bytes})`);
}
