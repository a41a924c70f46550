/**
 * Columns that are filled from a document's JSON, in the same statement that writes it, so that the service that will read
 * Oracle alone has something to index. They hold copies: the document in `body` stays what counts. Values go as text and
 * are never rounded or cut: one that does not fit is poison for its document.
 */
import { quoted } from '../../parsing/quoted.ts';
import { canonicalDecimal } from '../../protocol/decimal.ts';
import type { Content } from '../../protocol/state.ts';
import { PoisonDocument, type Target } from '../failure.ts';
import { RESERVED } from './reserved.ts';

export interface Column {
  /** Name of the column, in capitals. */
  readonly name: string;
  /** Members and, in brackets, places of arrays: `customer.addresses[0].city`. */
  readonly path: string;
  readonly type:
    | { readonly kind: 'text'; readonly bytes: number }
    | { readonly kind: 'number'; readonly precision: number; readonly scale: number }
    /** 1 or 0. */
    | { readonly kind: 'boolean' };
  /** Whether a document may lack it, or have null there. */
  readonly nullable: boolean;
}

/** A number as the document spells it. */
class Exact {
  readonly source: string;
  constructor(source: string) {
    this.source = source;
  }
}

const OWN = new Set([
  'DOC_KEY',
  'VERSION',
  'HANDOFF',
  'HANDBACK',
  'KIND',
  'BODY',
  'BYTES',
  'EXPIRES',
  'REQUEST',
]);
/** Of a number's digits: an exponent may ask for any number of them. */
const MOST_COUNTED = 1_000_000;
const STEP = /([^.[\]]+)|\[(\d+)\]/y;

/** Throws for a column that could not be, saying what is wrong with it. */
export function requireColumn({ name, path, type }: Column): void {
  const problem =
    !/^[A-Z][A-Z0-9_]{0,99}$/.test(name) || OWN.has(name) || RESERVED.has(name)
      ? 'its name must be capitals, digits and _, no word of Oracle’s, and none of Crossfade’s own'
      : stepsOf(path) === null
        ? `its path ${quoted(path)} cannot be read: write members and places as a.b[0].c`
        : type.kind === 'text' && !(type.bytes >= 1 && type.bytes <= 4000)
          ? 'a text has 1 to 4,000 bytes'
          : type.kind === 'number' && !(type.precision >= 1 && type.precision <= 38 && type.scale >= 0)
            ? 'a number has 1 to 38 digits, and 0 or more of them after the point'
            : null;
  if (problem !== null) throw new Error(`The column ${name} cannot be: ${problem}`);
}

/** Its type, as CREATE TABLE has it. Never NOT NULL: a tombstone has no values. */
export function typeText({ type }: Column): string {
  switch (type.kind) {
    case 'text':
      return `VARCHAR2(${type.bytes} BYTE)`;
    case 'number':
      return `NUMBER(${type.precision}, ${type.scale})`;
    case 'boolean':
      return 'NUMBER(1)';
  }
}

/** The values of columns, by name. Throws `PoisonDocument` for a document that does not have what it should. */
export function valuesOf(
  columns: readonly Column[],
  content: Content,
  target: Target,
): Readonly<Record<string, string | null>> {
  if (columns.length === 0) return {};
  const document = content === null ? undefined : parsed(content.body);
  return Object.fromEntries(
    columns.map((column) => [column.name, content === null ? null : valueIn(column, document, target)]),
  );
}

function valueIn(column: Column, document: unknown, target: Target): string | null {
  let found = document;
  for (const step of stepsOf(column.path) ?? []) {
    const inside = typeof found === 'object' && found !== null && !(found instanceof Exact);
    const has =
      inside && Array.isArray(found) === (typeof step === 'number') && Object.hasOwn(found as object, step);
    found = has ? (found as Record<string | number, unknown>)[step] : undefined;
  }
  const fits = found === undefined || found === null ? missing(column) : fitted(column, found);
  if (typeof fits !== 'object' || fits === null) return fits;
  const where = `${column.path}, for the column ${column.name} (${typeText(column)})`;
  throw new PoisonDocument(target, `${fits.problem} at ${where}. Mend the document, or the column`);
}

type Fitted = string | null | { readonly problem: string };

function missing({ nullable }: Column): Fitted {
  return nullable ? null : { problem: 'there is nothing' };
}

function fitted({ type, nullable }: Column, value: unknown): Fitted {
  switch (type.kind) {
    case 'text':
      return typeof value === 'string'
        ? fittedText(value, type.bytes, nullable)
        : { problem: 'there is no text' };
    case 'number':
      return value instanceof Exact ? fittedNumber(value.source, type) : { problem: 'there is no number' };
    case 'boolean':
      return typeof value === 'boolean'
        ? String(Number(value))
        : { problem: 'there is neither true nor false' };
  }
}

function fittedText(text: string, most: number, nullable: boolean): Fitted {
  const length = Buffer.byteLength(text);
  if (length > most) return { problem: `there is a text of ${length} bytes` };
  if (text === '') return nullable ? null : { problem: 'there is an empty text, which is NULL to Oracle,' };
  return text.isWellFormed() ? text : { problem: 'there is a text with a lone surrogate' };
}

function fittedNumber(source: string, { precision, scale }: Column['type'] & { kind: 'number' }): Fitted {
  const canonical = canonicalDecimal(source);
  const [, sign = '', digits = '', power = ''] = /^(-?)(\d+)e(-?\d+)$/.exec(canonical ?? '') ?? [];
  if (digits === '') return '0';
  const exponent = Number(power);
  const [before, after] = [digits.length + exponent, Math.max(0, -exponent)];
  if (before > precision - scale || after > scale)
    return {
      problem: `there is a number of ${places(before)} before the point and ${places(after)} after it`,
    };
  const padded = digits.padStart(after + 1, '0');
  const whole = exponent >= 0 ? digits + '0'.repeat(exponent) : padded.slice(0, -after);
  return `${sign}${whole}${after === 0 ? '' : `.${padded.slice(-after)}`}`;
}

/** Digits are counted, never shown. */
function places(digits: number): string {
  return digits > MOST_COUNTED ? `more than ${MOST_COUNTED} digits` : `${Math.max(0, digits)} digits`;
}

/** Undefined for what is no JSON. */
function parsed(body: Uint8Array): unknown {
  const exact = (_: string, value: unknown, context?: { source?: string }) =>
    typeof value === 'number' ? new Exact(context?.source ?? '') : value;
  try {
    return JSON.parse(Buffer.from(body).toString('utf8'), exact as (key: string, value: unknown) => unknown);
  } catch {
    return undefined;
  }
}

/** Null for what is no path. */
function stepsOf(path: string): (string | number)[] | null {
  const steps: (string | number)[] = [];
  for (let at = 0; at < path.length; ) {
    if (path[at] === '.' && at > 0) at++;
    STEP.lastIndex = at;
    const found = STEP.exec(path);
    if (found === null) return null;
    steps.push(found[1] ?? Number(found[2]));
    at = STEP.lastIndex;
  }
  return steps.length > 0 ? steps : null;
}
