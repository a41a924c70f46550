/** Whether the code fails in a way that nobody has foreseen: it fails at the same document each time. */
export function isFault(error: unknown): boolean {
  return [TypeError, RangeError, SyntaxError, ReferenceError].some((kind) => error instanceof kind);
}
