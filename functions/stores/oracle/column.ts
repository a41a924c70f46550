/**
 * Columns that are filled from a document's JSON, in the same statement that writes it, so that the service that will read
 * Oracle alone has something to index. They hold copies: the document in `body` stays what counts. Values go as text and
 * are never rounded or cut: one that does not fit is poison for its document.
 */
import { quoted } from '../../parsing/quoted.ts';
import { jsonOf } from '../../projection/document.ts';
import { foundAt, HOW_PATHS_ARE, stepsOf } from '../../projection/path.ts';
import { type Json, type Scalar, scalarIn } from '../../protocol/json.ts';
import { type Payload, payloadOf } from '../../protocol/payload.ts';
import type { Content } from '../../protocol/state.ts';
import { PoisonDocument, type Target } from '../failure.ts';
import { isName } from './names.ts';

export interface Column {
  /** Name of the column, in capitals. */
  readonly name: string;
  /** Members and, in brackets, places of arrays: `customer.addresses[0].city`. See `projection/path.ts`. */
  readonly path: string;
  readonly type:
    | { readonly kind: 'text'; readonly bytes: number }
    | { readonly kind: 'number'; readonly precision: number; readonly scale: number }
    /** 1 or 0. */
    | { readonly kind: 'boolean' };
  /** Whether a document may lack it, or have null there. */
  readonly nullable: boolean;
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

/** Throws for a column that could not be, saying what is wrong with it. */
export function requireColumn({ name, path, type }: Column): void {
  const problem =
    !isName(name) || OWN.has(name)
      ? 'its name must be capitals, digits and _, no word of Oracle’s, and none of Crossfade’s own'
      : stepsOf(path) === null
        ? `its path ${quoted(path)} cannot be read: ${HOW_PATHS_ARE}`
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

type Values = Readonly<Record<string, string | null>>;

/** The values of columns, by name. Throws `PoisonDocument` for a document that does not have what it should. */
export function valuesOf(columns: readonly Column[], content: Content, target: Target): Values {
  if (columns.length === 0) return {};
  if (content === null) return Object.fromEntries(columns.map(({ name }) => [name, null]));
  const payload = payloadOf(content);
  return payload.once(columns, () => cut(columns, payload, target));
}

function cut(columns: readonly Column[], payload: Payload, target: Target): Values {
  const document = jsonOf(payload);
  return Object.fromEntries(columns.map((column) => [column.name, valueIn(column, document, target)]));
}

function valueIn(column: Column, document: Json | null, target: Target): string | null {
  const at = foundAt(document ?? undefined, stepsOf(column.path) ?? []);
  const found = at === undefined ? at : scalarIn(at);
  const fits = found === undefined || found === null ? missing(column) : fitted(column, found);
  if (typeof fits !== 'object' || fits === null) return fits;
  const where = `${column.path}, for the column ${column.name} (${typeText(column)})`;
  throw new PoisonDocument(target, `${fits.problem} at ${where}. Mend the document, or the column`);
}

type Fitted = string | null | { readonly problem: string };

function missing({ nullable }: Column): Fitted {
  return nullable ? null : { problem: 'there is nothing' };
}

function fitted({ type, nullable }: Column, value: NonNullable<Scalar>): Fitted {
  switch (type.kind) {
    case 'text':
      return value.kind === 'text'
        ? fittedText(value.text, type.bytes, nullable)
        : { problem: 'there is no text' };
    case 'number':
      return value.kind === 'number' ? fittedNumber(value.decimal, type) : { problem: 'there is no number' };
    case 'boolean':
      return value.kind === 'boolean'
        ? String(Number(value.is))
        : { problem: 'there is neither true nor false' };
  }
}

function fittedText(text: string, most: number, nullable: boolean): Fitted {
  const length = Buffer.byteLength(text);
  if (length > most) return { problem: `there is a text of ${length} bytes` };
  if (text === '') return nullable ? null : { problem: 'there is an empty text, which is NULL to Oracle,' };
  return text.isWellFormed() ? text : { problem: 'there is a text with a lone surrogate' };
}

/** @param number in canonical spelling. */
function fittedNumber(number: string, { precision, scale }: Column['type'] & { kind: 'number' }): Fitted {
  const [, sign = '', digits = '', power = ''] = /^(-?)(\d+)e(-?\d+)$/.exec(number) ?? [];
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
