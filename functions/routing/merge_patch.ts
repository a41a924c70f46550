/**
 * JSON merge patch (RFC 7396) on texts: what the patch leaves alone keeps its spelling, numbers of any size, names
 * that stand twice and lone surrogates included.
 */
import { type Node, parseTree } from 'jsonc-parser';

/** @param target the document as JSON text. @param patch JSON text. Both must be valid JSON. Returns the patched text. */
export function mergePatch(target: string, patch: string): string {
  return merged({ text: target, node: tree(target) }, { text: patch, node: tree(patch) });
}

/** A value and the text that it stands in. */
interface Place {
  readonly text: string;
  readonly node: Node;
}

const NOTHING = null;

function merged(target: Place | typeof NOTHING, patch: Place): string {
  if (patch.node.type !== 'object') return spelling(patch);
  const members = target?.node.type === 'object' ? membersOf(target) : [];
  const changes = membersOf(patch);
  const changed = new Map(changes.map((change) => [change.name, change]));
  const kept = members.flatMap(({ name, spelt, value }) => {
    const change = changed.get(name);
    if (change === undefined) return [`${spelt}:${spelling(value)}`];
    return isNull(change.value) ? [] : [`${spelt}:${merged(value, change.value)}`];
  });
  const known = new Set(members.map(({ name }) => name));
  const added = [...changed.values()]
    .filter(({ name, value }) => !known.has(name) && !isNull(value))
    .map(({ spelt, value }) => `${spelt}:${merged(NOTHING, value)}`);
  return `{${[...kept, ...added].join(',')}}`;
}

interface Member {
  readonly name: string;
  /** The name as its text spells it, quotes included. */
  readonly spelt: string;
  readonly value: Place;
}

function membersOf({ text, node }: Place): Member[] {
  return (node.children ?? []).map(({ children }) => {
    const [name, value] = children as [Node, Node];
    return {
      name: name.value as string,
      spelt: spelling({ text, node: name }),
      value: { text, node: value },
    };
  });
}

function isNull({ node }: Place): boolean {
  return node.type === 'null';
}

function spelling({ text, node }: Place): string {
  return text.slice(node.offset, node.offset + node.length);
}

function tree(text: string): Node {
  const node = parseTree(text, [], { allowTrailingComma: false, disallowComments: true });
  if (node === undefined) throw new SyntaxError('A merge patch needs two JSON texts');
  return node;
}
