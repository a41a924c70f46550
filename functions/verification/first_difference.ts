/** Where two bodies first differ, as a JSON Pointer (RFC 6901), without telling what stands there. */
import { type Node, parseTree } from 'jsonc-parser';
import { canonicalJson } from '../protocol/canonical.ts';

/** Null where they are the same document, or one of them is none. `the whole` where one of them is no JSON. */
export function firstDifference(a: Uint8Array | null, b: Uint8Array | null): string | null {
  if (a === null || b === null) return null;
  const [left, right] = [canonicalJson(a), canonicalJson(b)];
  if (left === null || right === null) return Buffer.compare(a, b) === 0 ? null : 'the whole';
  if (left === right) return null;
  // Their canonical texts, in which members are sorted, and equal values are equal texts.
  const [one, other] = [parseTree(left), parseTree(right)];
  if (one === undefined || other === undefined) return 'the whole';
  return within({ text: left, node: one }, { text: right, node: other }, '') || 'the whole';
}

interface Part {
  readonly text: string;
  readonly node: Node;
}

function within(a: Part, b: Part, path: string): string {
  if (a.node.type !== b.node.type) return path;
  const [left, right] = [childrenOf(a), childrenOf(b)];
  if (left === null || right === null) return path;
  for (let n = 0; n < Math.max(left.length, right.length); n++) {
    const [x, y] = [left[n], right[n]];
    if (x === undefined || y === undefined) return `${path}/${escaped((x ?? y)?.name ?? '')}`;
    if (x.name !== y.name) return `${path}/${escaped(x.name < y.name ? x.name : y.name)}`;
    if (textOf(x.part) !== textOf(y.part)) return within(x.part, y.part, `${path}/${escaped(x.name)}`);
  }
  return path;
}

/** Members by their names, elements by their places; null for a scalar. */
function childrenOf({ text, node }: Part): { readonly name: string; readonly part: Part }[] | null {
  const { type, children = [] } = node;
  if (type === 'array') return children.map((child, n) => ({ name: String(n), part: { text, node: child } }));
  if (type !== 'object') return null;
  return children.flatMap(({ children: member = [] }) => {
    const [name, value] = member;
    return value === undefined ? [] : [{ name: String(name?.value), part: { text, node: value } }];
  });
}

function textOf({ text, node }: Part): string {
  return text.slice(node.offset, node.offset + node.length);
}

function escaped(name: string): string {
  return name.replaceAll('~', '~0').replaceAll('/', '~1');
}
