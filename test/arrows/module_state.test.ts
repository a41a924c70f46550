/**
 * No module of `functions/` has state of its own: what a container remembers is made by the composition, in a Lambda file or in `edge`, and
 * passed to whoever needs it. Biome keeps statements of the top level at the beginning of their lines, which is what is looked at here.
 */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../functions', import.meta.url));

/** Methods that change what they are called on. */
const CHANGES = 'set|add|delete|clear|push|pop|shift|unshift|splice|sort|reverse|fill|copyWithin';

/** What a module keeps between calls, as the beginnings of the lines that declare it. */
function stateIn(source: string): string[] {
  const lines = source.split('\n');
  const variables = lines.filter((line) =>
    /^(export )?(let|var)\b|^\s+(private |readonly )*static (?!async )[#\w]+ *[:=]/.test(line),
  );
  // Neither has a use without being changed.
  const weak = lines.filter((line) => /^(export )?const .*= new Weak(Map|Set)\b/.test(line));
  const constants = lines.flatMap((line) => {
    const [, name] = /^(?:export )?const (\w+)\b/.exec(line) ?? [];
    return name !== undefined && isChanged(name, line, source) ? [line] : [];
  });
  return [...variables, ...weak, ...constants];
}

function isChanged(name: string, line: string, source: string): boolean {
  // A pattern keeps the place where its last search ended, where it is global or sticky.
  const isPattern = /= (\/|new RegExp\()/.test(line);
  if (isPattern)
    return /\/\w*[gy]\w*;$/.test(line) && new RegExp(`\\b${name}\\.(exec|test|lastIndex)\\b`).test(source);
  const isCollection = /= (new (Map|Set|Array)\b|\[|\{)/.test(line) || /= new [A-Z]\w*\(/.test(line);
  const changed = new RegExp(
    `\\b${name}(\\.(${CHANGES})\\(|(\\[[^\\]]*\\]|\\.\\w+) *([-+*/|&?]{0,2}=)(?![=>]))`,
  );
  return isCollection && changed.test(source);
}

/** Lambda files and their composition make what a container remembers. */
const isComposition = (file: string) => !file.includes('/') || file.startsWith('edge/');

test('no module below the composition remembers anything by itself', () => {
  const files = readdirSync(ROOT, { recursive: true, encoding: 'utf8' }).filter((file) =>
    file.endsWith('.ts'),
  );
  const found = files
    .filter((file) => !isComposition(file))
    .flatMap((file) => stateIn(readFileSync(`${ROOT}/${file}`, 'utf8')).map((line) => `${file}: ${line}`));
  assert.deepEqual(found, []);
  assert.ok(files.length > 200, `${files.length} files`);
});

test('each way in which a module could remember something is found', () => {
  for (const source of [
    'let count = 0;',
    'export let last: string | null = null;',
    'var old;',
    'const KNOWN = new WeakMap<Uint8Array, string>();',
    'const SEEN = new Set<string>();\nfunction see(key: string) {\n  SEEN.add(key);\n}',
    'const KNOWN: Map<string, number> = new Map();\nconst keep = () => KNOWN.set("a", 1);',
    'const LIST: string[] = [];\nexport const more = () => LIST.push("a");',
    'const TABLE: Record<string, number> = {};\nfunction count() {\n  TABLE["a"] ??= 1;\n}',
    'const STATE = { count: 0 };\nfunction count() {\n  STATE.count += 1;\n}',
    'const STEP = /a/y;\nfunction next() {\n  STEP.lastIndex = 1;\n}',
    'class Kept {\n  static last: string | null = null;\n}',
  ])
    assert.equal(stateIn(source).length, 1, source);
  for (const source of [
    'const OWN = new Set(["A"]);\nconst has = (name: string) => OWN.has(name);',
    'const STEP = /a/g;\nconst all = (path: string) => path.matchAll(STEP);',
    'const LIMITS = { most: 1 };\nconst isMost = (n: number) => LIMITS.most === n;',
    'function count() {\n  let n = 0;\n  return n;\n}',
  ])
    assert.deepEqual(stateIn(source), [], source);
});
