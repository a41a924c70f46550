/**
 * What `IS JSON` accepts, as Oracle's JSON Developer's Guide has it: before COMPATIBLE 20 an object or an array at the top level
 * (RFC 4627), from then on any value (RFC 8259); in every version names of 32,767 bytes at most. PostgreSQL accepts all of that.
 */

/** From this value of the parameter COMPATIBLE on, a scalar is JSON. */
const SCALARS = 20;
const LONGEST_NAME = 32_767;

/** The name of the function that stands for `IS JSON`. No statement of a client can call it: functions are a closed set. */
export const IS_JSON = '"IS_JSON"';

/** @param compatible as Oracle's parameter COMPATIBLE. @returns definitions, one a statement, that replace those of before. */
export function jsonFunctions(compatible: number): string[] {
  const whole =
    compatible >= SCALARS ? '$1 IS JSON' : `CASE WHEN ${OPENS} THEN $1 IS JSON ELSE $1 IS NULL END`;
  return [
    defined('"JSON_NAMES_FIT"(bytea)', NAMES_FIT),
    defined(
      `${IS_JSON}(bytea)`,
      `CASE WHEN octet_length($1) <= ${LONGEST_NAME} THEN ${whole} ELSE ${whole} AND "JSON_NAMES_FIT"($1) END`,
    ),
    defined(`${IS_JSON}(text)`, `${IS_JSON}(convert_to($1, 'UTF8'))`),
  ];
}

/** Whether the first byte after white space opens an object or an array. */
const OPENS = String.raw`substring(ltrim($1, '\x20090a0d'::bytea) FROM 1 FOR 1) IN ('\x7b', '\x5b')`;

const NAMES_FIT = String.raw`NOT EXISTS (
  SELECT FROM regexp_matches(convert_from($1, 'UTF8'), '"((?:[^"\\]|\\.)*)"\s*:', 'g') AS name
  WHERE octet_length(name[1]) > ${LONGEST_NAME})`;

function defined(signature: string, expression: string): string {
  return `CREATE OR REPLACE FUNCTION ${signature} RETURNS boolean LANGUAGE sql IMMUTABLE AS $$ SELECT ${expression} $$`;
}
