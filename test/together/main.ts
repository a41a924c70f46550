/**
 * `npm test`: all test files, those that can share a process together. `npm test -- PATTERN…`: those that patterns name, as `test/edge/*.test.ts`. One alone runs by
 * `npx node --test FILE`.
 */
import { globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, posix, sep } from 'node:path';
import { run } from 'node:test';
import { spec } from 'node:test/reporters';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { type Group, groupsOf, spread } from './groups.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** `npm ci` empties it. */
const CACHE = join(ROOT, 'node_modules/.cache/crossfade');
const ENTRIES = join(CACHE, `together-${process.pid}`);

/** Two of them work; the others wait for a stack, a server or a clock. */
const PROCESSES = 4;

/** Processes share what Node has compiled: most spend half of their time on loading the same modules. An entry for each file, replaced when the file changes. */
process.env.NODE_COMPILE_CACHE ??= join(CACHE, 'compiled');

/** Each file is a suite, so that its hooks are for its own tests. */
const suite = (file: string) =>
  `describe(${JSON.stringify(file)}, () => import(${JSON.stringify(pathToFileURL(join(ROOT, file)).href)}));\n`;

/** What runs the tests of a group: its only file, or one that loads all of them. */
function entryOf({ files }: Group, at: number): string {
  const [first = '', ...more] = files;
  if (more.length === 0) return join(ROOT, first);
  const entry = join(ENTRIES, `${posix.dirname(first).replaceAll('/', '.')}.${at}.mjs`);
  writeFileSync(entry, ["import { describe } from 'node:test';\n", ...files.map(suite)].join(''));
  return entry;
}

const patterns = process.argv.slice(2);
const files = globSync(patterns.length === 0 ? ['test/**/*.test.ts'] : patterns, { cwd: ROOT })
  .map((file) => file.replaceAll(sep, '/'))
  .toSorted();
if (files.length === 0) throw new Error(`No test file is named by ${patterns.join(' ')}`);
mkdirSync(ENTRIES, { recursive: true });
process.on('exit', () => rmSync(ENTRIES, { recursive: true, force: true }));
const groups = groupsOf(files, (file) => readFileSync(join(ROOT, file), 'utf8'));
const tests = run({ files: spread(groups).map(entryOf), concurrency: PROCESSES });
tests.on('test:fail', () => {
  process.exitCode = 1;
});
tests.compose(new spec()).pipe(process.stdout);
