/**
 * Text as PostgreSQL can hold it. Oracle's strings may have U+0000, PostgreSQL's may not: it becomes U+0001 U+0002, and
 * U+0001 becomes U+0001 U+0003, so that strings keep their order.
 */

export function toEngine(text: string): string {
  return text.replaceAll('\x01', '\x01\x03').replaceAll('\0', '\x01\x02');
}

export function fromEngine(text: string): string {
  return text.replaceAll('\x01\x02', '\0').replaceAll('\x01\x03', '\x01');
}

/** SQL for the length in characters of the text that a column stands for. */
export function characterLength(column: string): string {
  return `length(replace("${column}", chr(1), ''))`;
}

/** SQL for the length in bytes of the text that a column stands for. */
export function byteLength(column: string): string {
  return `octet_length("${column}") - (length("${column}") - length(replace("${column}", chr(1), '')))`;
}
