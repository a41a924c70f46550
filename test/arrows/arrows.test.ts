/** The linter refuses every import that points up: from a folder of `functions/` to one that builds on it. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** From the ground up: a folder may import those of the rows above its own, and none of its own row. */
const LAYERS = [
  ['parsing', 'protocol'],
  ['projection/types'],
  ['phases', 'projection'],
  ['records'],
  ['stores'],
  ['stores/couchbase', 'stores/oracle'],
  ['books', 'identity', 'routing'],
  ['configuration', 'reconciliation', 'runs'],
  ['verification', 'diagnosis', 'certification'],
  ['backfill', 'copyback', 'control'],
  ['operations', 'edge/http'],
  ['edge'],
  ['.'],
] as const;

const FOLDERS: readonly string[] = LAYERS.flat();
const heightOf = (folder: string) => LAYERS.findIndex((row: readonly string[]) => row.includes(folder));

interface Arrow {
  readonly from: string;
  readonly to: string;
}

/** Every pair of folders of which the second is not below the first. */
const AGAINST_THE_GRAIN: readonly Arrow[] = FOLDERS.flatMap((from) =>
  FOLDERS.filter((to) => to !== from && heightOf(to) >= heightOf(from)).map((to) => ({ from, to })),
);

const fileOf = ({ from, to }: Arrow) => join('functions', from, `to_${to.replace(/\W/g, '_')}.ts`);

/** The files of a tree that Biome finds fault with for what they import, when it has this repository's rules. */
async function refused(arrows: readonly Arrow[]): Promise<Set<string>> {
  const tree = await mkdtemp(join(tmpdir(), 'crossfade-arrows-'));
  try {
    await cp(join(ROOT, 'biome.json'), join(tree, 'biome.json'));
    await writeFile(join(tree, '.gitignore'), 'node_modules\n');
    for (const arrow of arrows) {
      const file = join(tree, fileOf(arrow));
      await mkdir(dirname(file), { recursive: true });
      const target = relative(dirname(file), join(tree, 'functions', arrow.to, 'any.ts'));
      const path = target.startsWith('.') ? target : `./${target}`;
      await writeFile(file, `import { any } from '${path}';\n\nany();\n`);
    }
    const biome = join(ROOT, 'node_modules/@biomejs/biome/bin/biome');
    const options = ['lint', '--only=style/noRestrictedImports', '--reporter=json', '--max-diagnostics=none'];
    const ran = await promisify(execFile)(process.execPath, [biome, ...options, '.'], {
      ...{ cwd: tree, maxBuffer: 64 * 1024 * 1024, timeout: 60_000 },
    }).catch((failed: { stdout: string }) => failed);
    const { diagnostics } = JSON.parse(ran.stdout) as {
      readonly diagnostics: readonly {
        readonly category: string;
        readonly location: { readonly path: unknown };
      }[];
    };
    return new Set(diagnostics.map(({ location }) => pathIn(location.path)));
  } finally {
    await rm(tree, { recursive: true });
  }
}

function pathIn(path: unknown): string {
  if (typeof path === 'string') return path.replace(/^\.\//, '');
  return (path as { readonly file: string }).file.replace(/^\.\//, '');
}

test('every folder of functions/ has its place in the order', async () => {
  const entries = await readdir(join(ROOT, 'functions'), { recursive: true, withFileTypes: true });
  const found = entries
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map(({ parentPath }) => relative(join(ROOT, 'functions'), parentPath) || '.');
  assert.deepEqual([...new Set(found)].sort(), [...FOLDERS].sort());
});

test('the linter refuses each import that points up or sideways', async () => {
  const found = await refused(AGAINST_THE_GRAIN);
  const missed = AGAINST_THE_GRAIN.filter((arrow) => !found.has(fileOf(arrow)));
  assert.deepEqual(missed, []);
});

test('the linter lets pass what the layers build on', async () => {
  const DOWN = [
    { from: 'books', to: 'stores/oracle' },
    { from: 'stores/oracle', to: 'records' },
    { from: 'runs', to: 'books' },
    { from: 'edge', to: 'control' },
    { from: '.', to: 'edge' },
  ];
  assert.deepEqual([...(await refused(DOWN))], []);
});
