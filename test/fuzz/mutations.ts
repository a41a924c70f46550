/** Events with something wrong in them: of wrong types, lengths, characters and depths, or with members that are missing, or have names of prototypes. */
import fc from 'fast-check';

export type Json = null | boolean | number | string | Json[] | { [name: string]: Json };

/** A text that is JSON, as a body is: what is in it can be changed, too. */
class Text {
  readonly value: Json;
  constructor(value: Json) {
    this.value = value;
  }
}
type Tree = null | boolean | number | string | Text | Tree[] | { [name: string]: Tree };

const NAMES = [
  '__proto__',
  'constructor',
  'toString',
  'hasOwnProperty',
  '',
  'length',
  'KEY',
  '\ud800',
  'x'.repeat(5000),
];
const TEXTS = [
  ...[
    '',
    ' ',
    '\u0000',
    '\ud800',
    '\ufffd',
    '💥',
    '../..',
    '%2F',
    '%',
    '"1"',
    'W/"1"',
    '*',
    'never',
    '-1',
    '0',
  ],
  ...[
    '99999999999999999999',
    '2031-05-06T07:08:09Z',
    'application/json',
    'PUT',
    'x'.repeat(5000),
    '\u0001'.repeat(2000),
  ],
];
/** Bodies that no mutation of a tree spells. */
const BODIES = [
  ...['{', '[1,]', '{"a":1}{"a":1}', '{"a":1,"a":2}', '\ufeff{}', 'NaN', '1', '""', '"\\ud800"'],
  ...[
    `1${'0'.repeat(5000)}1`,
    `0.${'0'.repeat(5000)}1`,
    `1e${'9'.repeat(400)}`,
    '['.repeat(2000),
    `${'['.repeat(1500)}${']'.repeat(1500)}`,
  ],
  '{"__proto__":{"writes":[]},"writes":[{"key":"a","put":1}]}',
];

const value: fc.Arbitrary<Json> = fc.oneof(
  fc.constantFrom<Json>(...TEXTS),
  fc.constantFrom<Json>(null, true, 0, -1, 1e308, 5e-324, 2 ** 53, {}, [], [null], { a: [{}] }),
  fc.string({ unit: 'binary' }),
  fc.jsonValue() as fc.Arbitrary<Json>,
);

const change = fc.oneof(
  fc.record({ kind: fc.constant('replace' as const), value }),
  fc.record({ kind: fc.constant('remove' as const) }),
  fc.record({ kind: fc.constant('rename' as const), name: fc.constantFrom(...NAMES) }),
  fc.record({ kind: fc.constant('case' as const) }),
  fc.record({ kind: fc.constant('add' as const), name: fc.constantFrom(...NAMES), value }),
  fc.record({ kind: fc.constant('nest' as const), depth: fc.constantFrom(1, 20, 300) }),
  fc.record({ kind: fc.constant('repeat' as const), times: fc.constantFrom(2, 101, 1000) }),
  fc.record({ kind: fc.constant('body' as const), body: fc.constantFrom(...BODIES) }),
  fc.record({ kind: fc.constant('base64' as const) }),
);
type Change = typeof change extends fc.Arbitrary<infer C> ? C : never;

/** A sample with up to so many changes. A failure is shrunk to those that it takes. */
export function mutated(samples: readonly Json[], most = 4): fc.Arbitrary<Json> {
  const changes = fc.array(fc.record({ at: fc.nat(), change }), { maxLength: most });
  return fc.tuple(fc.constantFrom(...samples), changes).map(([sample, all]) => changed(sample, all));
}

function changed(sample: Json, changes: readonly { at: number; change: Change }[]): Json {
  let tree = opened(structuredClone(sample));
  for (const { at, change: each } of changes) {
    if (each.kind === 'body' || each.kind === 'base64') tree = withBody(tree, each);
    else {
      const all = placesIn(tree);
      if (all.length > 0) apply(all[at % all.length] as Place, each);
    }
  }
  return closed(tree);
}

interface Place {
  readonly parent: { [name: string]: Tree } | Tree[];
  readonly name: string;
}

function placesIn(tree: Tree): Place[] {
  if (tree instanceof Text) return placesIn(tree.value as Tree);
  if (tree === null || typeof tree !== 'object') return [];
  return Object.keys(tree).flatMap((name) => [
    { parent: tree, name },
    ...placesIn((tree as { [name: string]: Tree })[name] as Tree),
  ]);
}

/** By definition: an assignment to `__proto__` would change the prototype, and make no member. */
function put(parent: Place['parent'], name: string, member: Tree): void {
  Object.defineProperty(parent, name, {
    value: member,
    enumerable: true,
    writable: true,
    configurable: true,
  });
}

function apply(place: Place, each: Change): void {
  const { parent, name } = place;
  const before = (parent as { [name: string]: Tree })[name] as Tree;
  if (each.kind === 'replace') put(parent, name, each.value as Tree);
  if (each.kind === 'remove') remove(place);
  if (each.kind === 'rename') rename(place, each.name);
  if (each.kind === 'case') rename(place, turned(name));
  if (each.kind === 'add' && Array.isArray(parent)) parent.push(each.value as Tree);
  if (each.kind === 'add' && !Array.isArray(parent)) put(parent, each.name, each.value as Tree);
  if (each.kind === 'nest') put(parent, name, nested(before, each.depth));
  if (each.kind === 'repeat') put(parent, name, repeated(before, each.times));
}

function remove({ parent, name }: Place): void {
  if (Array.isArray(parent)) parent.splice(Number(name), 1);
  else delete parent[name];
}

function rename({ parent, name }: Place, to: string): void {
  if (Array.isArray(parent)) return;
  const before = parent[name] as Tree;
  delete parent[name];
  put(parent, to, before);
}

/** Every second letter is a capital. */
function turned(name: string): string {
  return name.replace(/[a-z]/gi, (letter, n) => (n % 2 === 1 ? letter.toUpperCase() : letter.toLowerCase()));
}

function nested(before: Tree, depth: number): Tree {
  let tree = before;
  for (let n = 0; n < depth; n++) tree = [tree];
  return tree;
}

/** Within a bound: what is repeated may hold what was repeated before. */
const [MOST_CHARACTERS, MOST_ELEMENTS] = [100_000, 200];

function repeated(before: Tree, times: number): Tree {
  const within = (most: number, length: number) =>
    Math.max(1, Math.min(times, Math.floor(most / (length + 1))));
  if (typeof before === 'string') return before.repeat(within(MOST_CHARACTERS, before.length));
  if (!Array.isArray(before)) return before;
  return Array.from({ length: within(MOST_ELEMENTS, before.length) }, () => before).flat();
}

function withBody(tree: Tree, each: Extract<Change, { kind: 'body' | 'base64' }>): Tree {
  if (tree === null || typeof tree !== 'object' || Array.isArray(tree) || tree instanceof Text) return tree;
  if (each.kind === 'body') return { ...tree, body: each.body };
  const text = 'body' in tree ? closed(tree.body as Tree) : '';
  if (typeof text !== 'string') return tree;
  return { ...tree, body: Buffer.from(text).toString('base64'), isBase64Encoded: true };
}

/** Texts of objects and lists are opened. */
function opened(json: Json): Tree {
  if (typeof json === 'string' && /^[{[]/.test(json)) {
    try {
      return new Text(opened(JSON.parse(json)) as Json);
    } catch {
      return json;
    }
  }
  return mapped(json as Tree, (each) => opened(each as Json));
}

function closed(tree: Tree): Json {
  if (tree instanceof Text) return JSON.stringify(closed(tree.value as Tree));
  return mapped(tree, closed as (each: Tree) => Tree) as Json;
}

function mapped(tree: Tree, act: (each: Tree) => Tree): Tree {
  if (tree === null || typeof tree !== 'object' || tree instanceof Text) return tree;
  if (Array.isArray(tree)) return tree.map(act);
  const into: { [name: string]: Tree } = {};
  for (const [name, member] of Object.entries(tree)) put(into, name, act(member));
  return into;
}
