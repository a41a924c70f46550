/** The range of the texts that begin with a prefix, in the order of their UTF-8 bytes. */
import { withinBytes } from './within.ts';

/** The last characters of 1, 2, 3 and 4 bytes. */
const LAST = ['\u007f', '\u07ff', '\uffff', '\u{10ffff}'] as const;

/**
 * Above `after`, and up to `upTo`; null is no bound. It is open below, so it begins after the highest text below the prefix: the one in which the prefix's last
 * character is one less, and all that can follow is the highest there is. @param prefix not empty. @param longest bytes that a text has.
 */
export function prefixRange(
  prefix: string,
  longest: number,
): { readonly after: string | null; readonly upTo: string } {
  return { after: highestBelow(prefix, longest), upTo: filled(prefix, longest) };
}

/** The highest text below this one; null for none. @param text not empty. */
export function highestBelow(text: string, longest: number): string | null {
  const characters = [...text];
  const before = ((characters.pop() as string).codePointAt(0) as number) - 1;
  const stem = characters.join('');
  if (before < 0) return stem === '' ? null : stem;
  return filled(stem + well(before), longest);
}

/** The highest text that begins so. */
function filled(beginning: string, longest: number): string {
  const room = longest - Buffer.byteLength(beginning);
  if (room < 0) return withinBytes(beginning, longest);
  const rest = room % 4 === 0 ? '' : (LAST[(room % 4) - 1] as string);
  return beginning + LAST[3].repeat(Math.floor(room / 4)) + rest;
}

/** The character of a code point, or the last one before the halves of pairs where it is such a half. */
function well(codePoint: number): string {
  const inPair = codePoint >= 0xd800 && codePoint <= 0xdfff;
  return String.fromCodePoint(inPair ? 0xd7ff : codePoint);
}
