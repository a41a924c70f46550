/**
 * JSON as a parameter of SSM takes it: a value with a text between double braces is refused, since that would name another parameter. (SSM API
 * reference, "PutParameter", 2026-11-28.) Whoever parses it reads what was written.
 * @param json in which objects stand side by side, and none at the beginning of another: then double braces stand in texts alone.
 */
export function parameterText(json: string): string {
  return json.replaceAll('{{', '{\\u007b');
}
