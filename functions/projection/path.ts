/**
 * Paths into a document: members, and places of arrays in brackets, `customer.addresses[0].city`. A place from the end is negative, `[-1]` for the last element.
 * A member whose name has a dot, a bracket or nothing in it stands in brackets as a JSON string: `geo["lat.deg"]`. Of a name that stands twice the last counts.
 */
import { childAt, type Json } from '../protocol/json.ts';

export type Step = string | number;

/** One step after the other. The dot stands between two steps only; before a bracket it may be left out. */
const STEP = /(\.?)(?:([^.[\]]+)|\[(?:(-?\d+)|("(?:[^"\\]|\\.)*"))\])/gy;

/** How a path is written, as an operator reads it. */
export const HOW_PATHS_ARE =
  'write members and places as a.b[0].c, the last place as [-1], and other names as a["b.c"]';

/** Null for what is no path. */
export function stepsOf(path: string): readonly Step[] | null {
  const steps: Step[] = [];
  let read = 0;
  for (const { 0: text, 1: dot = '', 2: name, 3: place, 4: literal } of path.matchAll(STEP)) {
    const step = literal === undefined ? (name ?? Number(place)) : unquoted(literal);
    if (step === null || (dot !== '' && read === 0)) return null;
    steps.push(step);
    read += text.length;
  }
  return read === path.length && steps.length > 0 ? steps : null;
}

/** The same, but nothing stands for where the path begins: the document, or the element. */
export function stepsFrom(path: string): readonly Step[] | null {
  return path === '' ? [] : stepsOf(path);
}

/** Null for what is no JSON string. */
function unquoted(literal: string): string | null {
  try {
    return JSON.parse(literal) as string;
  } catch {
    return null;
  }
}

/** Undefined where there is nothing. */
export function foundAt(from: Json | undefined, steps: readonly Step[]): Json | undefined {
  let found = from;
  for (const step of steps) {
    if (found === undefined) return undefined;
    found = typeof step === 'number' && step < 0 ? fromEnd(found, step) : childAt(found, step);
  }
  return found;
}

function fromEnd(json: Json, place: number): Json | undefined {
  return typeof json === 'string' || json.close !== ']' ? undefined : json.values.at(place);
}

/** The path of something in an element: `lines[3].price`. @param below path from the element on; empty for the element itself. */
export function pathInElement(each: string, place: number, below: string): string {
  const dot = below === '' || below.startsWith('[') ? '' : '.';
  return `${each}[${place}]${dot}${below}`;
}
