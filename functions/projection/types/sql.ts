/**
 * Types of columns in SQL: how they are declared, how the spelling of a value (`policy.ts`) is bound, and how it is read. Format models stand in the text, so
 * that no setting of a session counts but NLS_NUMERIC_CHARACTERS and NLS_CALENDAR, which each session sets.
 *
 * - Numbers are bound as texts, which Oracle converts to NUMBER exactly (at most 38 digits), and read by TM9, which gives all their digits, with an exponent
 *   where they would take more than 64 characters. (Oracle Database SQL Language Reference, "Format Models".)
 * - Doubles are bound and read as doubles, bit by bit: texts would be converted to and fro.
 * - A document's JSON is bound as a text, in which no digit is lost, and read as one.
 */
import type { ColumnType, TimeType } from './column_type.ts';
import { LONGEST_PLAIN } from './digits.ts';
import { MOST_BYTES } from './text.ts';

const DATE_MODEL = 'YYYY-MM-DD HH24:MI:SS';
/** A sign before it. */
const LONGEST_NUMBER = LONGEST_PLAIN + 1;
/** Bytes of a character of AL32UTF8. */
const LONGEST_CHARACTER = 4;

/** As CREATE TABLE has it. Never NOT NULL: the settings say what is refused. */
export function ddlOf(type: ColumnType): string {
  switch (type.kind) {
    case 'number':
      return type.precision === null && type.scale === null
        ? 'NUMBER'
        : `NUMBER(${type.precision ?? 38}, ${type.scale ?? 0})`;
    case 'double':
      return 'BINARY_DOUBLE';
    case 'text':
      return `VARCHAR2(${type.length} ${type.unit === 'bytes' ? 'BYTE' : 'CHAR'})`;
    case 'clob':
      return 'CLOB';
    case 'boolean':
      return type.native ? 'BOOLEAN' : 'NUMBER(1)';
    case 'date':
      return 'DATE';
    case 'timestamp':
      return `TIMESTAMP(${type.fraction})${type.zone ? ' WITH TIME ZONE' : ''}`;
    case 'raw':
      return `RAW(${type.length})`;
    case 'json':
      return type.native ? 'JSON' : 'CLOB';
  }
}

/** The expression that gives a column its value. @param name of the bind variable, without its colon. */
export function bindText(type: ColumnType, name: string): string {
  switch (type.kind) {
    case 'boolean':
      return type.native ? `TO_BOOLEAN(:${name})` : `:${name}`;
    case 'date':
      return `TO_DATE(:${name}, '${DATE_MODEL}')`;
    case 'timestamp':
      return `${type.zone ? 'TO_TIMESTAMP_TZ' : 'TO_TIMESTAMP'}(:${name}, '${modelOf(type)}')`;
    case 'raw':
      return `HEXTORAW(:${name})`;
    default:
      return `:${name}`;
  }
}

/** The expression that gives the text, or for a double the double, that `readBack` takes. @param column its name, with what stands before it. */
export function readText(type: ColumnType, column: string): string {
  switch (type.kind) {
    case 'number':
      return `TO_CHAR(${column}, 'TM9')`;
    case 'boolean':
      return type.native
        ? `CASE WHEN ${column} THEN '1' WHEN NOT ${column} THEN '0' END`
        : `TO_CHAR(${column})`;
    case 'date':
      return `TO_CHAR(${column}, '${DATE_MODEL}')`;
    case 'timestamp':
      return `TO_CHAR(${column}, '${modelOf(type)}')`;
    case 'raw':
      return `RAWTOHEX(${column})`;
    case 'json':
      return type.native ? `JSON_SERIALIZE(${column} RETURNING CLOB)` : column;
    default:
      return column;
  }
}

/** What the driver is told of a bind variable. */
export interface BindOf {
  /** `double`: the number that the spelling says, as BINARY_DOUBLE. `text`: the spelling, as VARCHAR2. */
  readonly as: 'text' | 'double';
  /** Bytes of the longest spelling; null where only the values say it, as for a CLOB. */
  readonly maxSize: number | null;
}

export function bindOf(type: ColumnType): BindOf {
  return type.kind === 'double' ? { as: 'double', maxSize: null } : { as: 'text', maxSize: longestOf(type) };
}

function longestOf(type: ColumnType): number | null {
  switch (type.kind) {
    case 'number':
      return LONGEST_NUMBER;
    case 'text':
      return type.unit === 'bytes' ? type.length : Math.min(MOST_BYTES, type.length * LONGEST_CHARACTER);
    case 'boolean':
      return 1;
    case 'date':
    case 'timestamp':
      return '2024-02-29 23:59:59.123456789 +01:00'.length;
    case 'raw':
      return type.length * 2;
    default:
      return null;
  }
}

function modelOf(type: TimeType & { readonly kind: 'timestamp' }): string {
  const fraction = type.fraction === 0 ? '' : `.FF${type.fraction}`;
  return `${DATE_MODEL}${fraction}${type.zone ? ' TZH:TZM' : ''}`;
}
