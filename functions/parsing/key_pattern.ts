/**
 * Patterns of keys: `*` stands for any characters, also for none, and each other character for itself. `\` stands before a `*`, a `?` or a `\` that is meant
 * itself. A pattern is matched in a time that grows with the lengths of pattern and key, and not with their product: a piece between two stars is found at its
 * first place (Knuth, Morris and Pratt), and nothing is tried again.
 */

export interface KeyPattern {
  readonly text: string;
  /** What stands between the stars, the first at the beginning of a key and the last at its end. One alone is a whole key. */
  readonly pieces: readonly string[];
  /** The pieces between the first and the last, without empty ones. */
  readonly inner: readonly Piece[];
}

interface Piece {
  readonly text: string;
  /** For each place, how much of the piece's beginning ends there again. */
  readonly falls: readonly number[];
}

const ESCAPES = /\\[*?\\]/g;
const TOKENS = /\\[*?\\]|[^\\]/gsu;

/** What is wrong with the text of a pattern, as its writer reads it; null where nothing is. @param longest bytes of UTF-8 that a key may have. */
export function patternProblem(text: string, longest: number): string | null {
  if (text === '') return 'it must not be empty: * alone stands for every key';
  if (!text.isWellFormed()) return 'it has a lone surrogate, which no key has';
  if (text.replaceAll(ESCAPES, '').includes('\\'))
    return 'a \\ must stand before the *, ? or \\ that is meant';
  const tokens = tokensOf(text);
  if (tokens.includes('?'))
    return 'a ? is no wildcard here, only * is one: write \\? for the character, or * for any characters';
  const bytes = Buffer.byteLength(literalsOf(tokens).join(''));
  return bytes > longest ? `it wants ${bytes} bytes, and no key has more than ${longest}` : null;
}

/** @param text in which nothing is wrong. */
export function keyPattern(text: string): KeyPattern {
  const pieces = [''];
  for (const token of tokensOf(text))
    if (token === '*') pieces.push('');
    else pieces.push(`${pieces.pop()}${characterOf(token)}`);
  const inner = pieces
    .slice(1, -1)
    .filter((piece) => piece !== '')
    .map((piece) => ({ text: piece, falls: fallsOf(piece) }));
  return { text, pieces, inner };
}

export function matches({ pieces, inner }: KeyPattern, key: string): boolean {
  const [first = '', last] = [pieces[0], pieces.length > 1 ? pieces.at(-1) : undefined];
  if (last === undefined) return key === first;
  const end = key.length - last.length;
  if (end < first.length || !key.startsWith(first) || !key.endsWith(last)) return false;
  let at = first.length;
  for (const piece of inner) {
    at = behind(piece, key, at, end);
    if (at < 0) return false;
  }
  return true;
}

/** The place behind the first occurrence of a piece between two places; -1 for none. */
function behind({ text, falls }: Piece, key: string, from: number, end: number): number {
  let same = 0;
  for (let at = from; at < end; at++) {
    while (same > 0 && text.charCodeAt(same) !== key.charCodeAt(at)) same = falls[same - 1] ?? 0;
    if (text.charCodeAt(same) === key.charCodeAt(at)) same++;
    if (same === text.length) return at + 1;
  }
  return -1;
}

function fallsOf(text: string): number[] {
  const falls = [0];
  let same = 0;
  for (let at = 1; at < text.length; at++) {
    while (same > 0 && text.charCodeAt(same) !== text.charCodeAt(at)) same = falls[same - 1] ?? 0;
    if (text.charCodeAt(same) === text.charCodeAt(at)) same++;
    falls.push(same);
  }
  return falls;
}

/** Whether one pattern matches each key that the other matches. */
export function covers(wide: KeyPattern, narrow: KeyPattern): boolean {
  // A character that the wide pattern does not have is matched by one of its stars alone, and so is whatever stands in its place.
  let fresh = 0;
  while (wide.text.includes(String.fromCharCode(fresh))) fresh++;
  return matches(wide, narrow.pieces.join(String.fromCharCode(fresh)));
}

/** The shortest key that both patterns match; null where there is none of at most so many bytes of UTF-8. */
export function sharedKey(one: KeyPattern, other: KeyPattern, longest: number): string | null {
  const [a, b] = [tokensOf(one.text), tokensOf(other.text)];
  // How few bytes lead to each pair of places in both patterns, and by which step.
  const ways: Way[][] = a.concat('').map(() => b.concat('').map(() => NOWHERE));
  (ways[0] as Way[])[0] = { bytes: 0, from: null, character: '' };
  for (const [i, row] of ways.entries())
    for (const [j, way] of row.entries())
      for (const { di, dj, character } of stepsAt(a[i], b[j])) {
        const bytes = way.bytes + Buffer.byteLength(character);
        const reached = ways[i + di] as Way[];
        if (bytes < (reached[j + dj] as Way).bytes) reached[j + dj] = { bytes, from: way, character };
      }
  const end = ways.at(-1)?.at(-1) ?? NOWHERE;
  if (end.bytes > longest) return null;
  let key = '';
  for (let way: Way | null = end; way !== null; way = way.from) key = way.character + key;
  // Stars alone also match what is no key: the empty text.
  return key === '' ? 'a' : key;
}

interface Way {
  readonly bytes: number;
  readonly from: Way | null;
  /** That the step adds to the key. */
  readonly character: string;
}

const NOWHERE: Way = { bytes: Number.POSITIVE_INFINITY, from: null, character: '' };

/** From a place in both patterns on: a star is left behind, or takes the character of the other; the same character is taken by both. */
function stepsAt(a: string | undefined, b: string | undefined) {
  const steps: { readonly di: 0 | 1; readonly dj: 0 | 1; readonly character: string }[] = [];
  if (a === '*') steps.push({ di: 1, dj: 0, character: '' });
  if (b === '*') steps.push({ di: 0, dj: 1, character: '' });
  if (a === '*' && b !== undefined && b !== '*') steps.push({ di: 0, dj: 1, character: characterOf(b) });
  if (b === '*' && a !== undefined && a !== '*') steps.push({ di: 1, dj: 0, character: characterOf(a) });
  if (a !== undefined && a !== '*' && a === b) steps.push({ di: 1, dj: 1, character: characterOf(a) });
  return steps;
}

/** Stars, and characters as they are spelt. */
function tokensOf(text: string): string[] {
  return text.match(TOKENS) ?? [];
}

function literalsOf(tokens: readonly string[]): string[] {
  return tokens.filter((token) => token !== '*').map(characterOf);
}

function characterOf(token: string): string {
  return token.length > 1 && token.startsWith('\\') ? token.slice(1) : token;
}
