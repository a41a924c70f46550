/** The order of keys: by their UTF-8 bytes, as Couchbase and Oracle's BINARY sort them. JavaScript's `<` differs above U+FFFF. */

/**
 * Compares by UTF-8 bytes without encoding: the order of code points, of which UTF-16 code units differ only between
 * surrogates (which stand for U+10000 and up) and U+E000 to U+FFFF.
 */
export function byUtf8(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const [x, y] = [a.charCodeAt(i), b.charCodeAt(i)];
    if (x !== y) return rank(x) - rank(y);
  }
  return a.length - b.length;
}

function rank(unit: number): number {
  if (unit < 0xd800) return unit;
  return unit < 0xe000 ? unit + 0x2000 : unit - 0x800;
}
