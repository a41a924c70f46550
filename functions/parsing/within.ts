/** The beginning of a text that takes at most so many bytes as UTF-8: whole characters only. */
export function withinBytes(text: string, bytes: number): string {
  const encoded = Buffer.from(text);
  let end = Math.min(bytes, encoded.length);
  // Each byte of a character but its first looks like this.
  while (((encoded[end] ?? 0) & 0xc0) === 0x80) end--;
  return encoded.subarray(0, end).toString('utf8');
}
