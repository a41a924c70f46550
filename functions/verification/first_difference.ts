/** Where two bodies first differ, as a JSON Pointer (RFC 6901), without telling what stands there. */
import { type Node, parseTree } from 'jsonc-parser';
import { shortened } from '../parsing/quoted.ts';
import { canonicalJson } from '../protocol/canonical.ts';
import { byUtf8 } from '../protocol/order.ts';

/** Characters of a pointer that are told, and of each of its names: both are as long as a client likes. */
const [LONGEST, LONGEST_NAME] = [1000, 100];

/** Null where they are the same document, or one of them is none. `the whole` where one of them is no JSON. */
export function firstDifference(a: Uint8Array | null, b: Uint8Array | null): string | null {
  if (a === null || b === null || Buffer.compare(a, b) === 0) return null;
  const [left, right] = [canonicalJson(a), canonicalJson(b)];
  if (left === null || right === null) return 'the whole';
  if (left === right) return null;
  // Their canonical texts, in which members are sorted, and equal values are equal texts.
  const [one, other] = [parseTree(left), parseTree(right)];
  if (one === undefined || other === undefined) return 'the whole';
  const path = within(one, other, differenceOf(left, right));
  return path.length === 0
    ? 'the whole'
    : shortened(path.map((name) => `/${escaped(name)}`).join(''), LONGEST);
}

/** Where two texts first differ, and which of them comes first in the order of names. */
interface Difference {
  readonly at: number;
  readonly first: 'left' | 'right';
}

function differenceOf(left: string, right: string): Difference {
  let at = 0;
  while (at < left.length && left.charCodeAt(at) === right.charCodeAt(at)) at++;
  return { at, first: byUtf8(left.charAt(at), right.charAt(at)) < 0 ? 'left' : 'right' };
}

/**
 * The names of what differs, the outermost first. Before the difference both texts are the same, so whatever ends before it in both
 * is equal: no text is compared again at each level.
 */
function within(one: Node, other: Node, difference: Difference): string[] {
  const path: string[] = [];
  for (let [a, b] = [one, other]; a.type === b.type; ) {
    const [left, right] = [childrenOf(a), childrenOf(b)];
    const n = left.findIndex(({ end }, index) => Math.max(end, right[index]?.end ?? end) > difference.at);
    const [x, y] = n < 0 ? [undefined, right[left.length]] : [left[n], right[n]];
    if (x === undefined || y === undefined) return [...path, ...[x ?? y].flatMap((only) => only?.name ?? [])];
    // The name that comes first is none of the other's.
    if (x.name !== y.name) return [...path, difference.first === 'left' ? x.name : y.name];
    path.push(x.name);
    [a, b] = [x.value, y.value];
  }
  return path;
}

interface Child {
  readonly name: string;
  readonly value: Node;
  /** The place behind it. */
  readonly end: number;
}

/** Members by their names, elements by their places; none of a scalar. */
function childrenOf({ type, children = [] }: Node): Child[] {
  return children.flatMap((child, n) => {
    const [name, value] = type === 'array' ? [undefined, child] : (child.children ?? []);
    if (value === undefined) return [];
    return [{ name: String(name?.value ?? n), value, end: child.offset + child.length }];
  });
}

function escaped(name: string): string {
  return shortened(name, LONGEST_NAME).replaceAll('~', '~0').replaceAll('/', '~1');
}
