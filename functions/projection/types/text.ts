/** VARCHAR2, CLOB and RAW. Oracle counts characters as code points (AL32UTF8), and has no lone surrogates. */
import { type Json, scalarIn } from '../../protocol/json.ts';
import type { RawType, TextType } from './column_type.ts';
import { type Fitted, fits, misfit } from './fitted.ts';
import { kindOf } from './kind_of.ts';

/** Bytes that a VARCHAR2 holds, whatever the unit of its length is (with MAX_STRING_SIZE as it is delivered). */
export const MOST_BYTES = 4000;

/** Of one byte, in any encoding and with its padding: what has more is not decoded. */
const MOST_CHARACTERS = 4;

export function fittedText({ length, unit }: TextType, json: Json): Fitted {
  const text = textIn(json);
  if (typeof text !== 'string') return text;
  const bytes = Buffer.byteLength(text);
  if (bytes > MOST_BYTES || (unit === 'bytes' && bytes > length))
    return misfit(`there is a text of ${bytes} bytes`);
  if (unit === 'bytes' || bytes <= length) return fits(text);
  const characters = [...text].length;
  return characters > length ? misfit(`there is a text of ${characters} characters`) : fits(text);
}

export function fittedClob(json: Json): Fitted {
  const text = textIn(json);
  return typeof text === 'string' ? fits(text) : text;
}

export function fittedRaw({ length, encoding }: RawType, json: Json): Fitted {
  const text = textIn(json);
  if (typeof text !== 'string') return text;
  if (text.length > MOST_CHARACTERS * (length + 1))
    return misfit(`there is ${kindOf(json)}, too long for ${length} bytes`);
  const bytes = encoding === 'hex' ? fromHex(text) : fromBase64(text);
  if (bytes === null) return misfit(`there is ${kindOf(json)}, not ${encoding},`);
  if (bytes.length > length) return misfit(`there are ${bytes.length} bytes as ${encoding}`);
  return fits(bytes.toString('hex').toUpperCase());
}

/** The text, if it is one, has something in it, and is one to Oracle as well. */
function textIn(json: Json): string | Fitted {
  const scalar = scalarIn(json);
  if (scalar?.kind !== 'text') return misfit(`there is ${kindOf(json)}, not a text,`);
  if (scalar.text === '') return { kind: 'empty' };
  return scalar.text.isWellFormed() ? scalar.text : misfit('there is a text with a lone surrogate');
}

/** Null for what is no hex. Node stops at the first digit that is none. */
function fromHex(text: string): Buffer | null {
  const bytes = Buffer.from(text, 'hex');
  return bytes.length * 2 === text.length ? bytes : null;
}

/** Null for what is neither base64 nor base64url (RFC 4648), with its padding or without, in the one spelling that its bytes have. */
function fromBase64(text: string): Buffer | null {
  const bytes = Buffer.from(text, 'base64');
  const spellings = [bytes.toString('base64'), bytes.toString('base64url')];
  const [padded = ''] = spellings;
  return [...spellings, padded.replaceAll('=', ''), urlSafe(padded)].includes(text) ? bytes : null;
}

/** Some encoders keep the padding. */
function urlSafe(padded: string): string {
  return padded.replaceAll('+', '-').replaceAll('/', '_');
}
