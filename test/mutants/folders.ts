/** The pure folders, and the tests that are nearest to each: those that end within seconds. */
import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type Mutant, mutantsOf } from './mutants.ts';
import { nearestFirst } from './nearest.ts';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

export interface Folder {
  readonly name: string;
  /** Files without rules of their own: a bundle's edge, a list of ports. */
  readonly except?: readonly string[];
  readonly tests: readonly string[];
  /** Tests that run only for a mutant that the tests above have not noticed. */
  readonly slow?: readonly string[];
}

export interface Found {
  readonly file: string;
  readonly mutant: Mutant;
}

export const FOLDERS: readonly Folder[] = [
  { name: 'functions/protocol', tests: ['test/protocol/*.test.ts'], slow: ['test/model/bugs.test.ts'] },
  { name: 'functions/phases', tests: ['test/phases/*.test.ts', 'test/console/flags.test.ts'] },
  { name: 'functions/parsing', tests: ['test/parsing/*.test.ts'] },
  { name: 'functions/projection/types', tests: ['test/projection/types_*.test.ts'] },
  { name: 'functions/configuration', tests: ['test/configuration/*.test.ts'] },
  { name: 'functions/projection', tests: ['test/projection/*.test.ts'] },
  { name: 'functions/identity', tests: ['test/identity/*.test.ts'] },
  {
    name: 'functions/diagnosis',
    tests: ['test/diagnosis/lines.test.ts', 'test/diagnosis/limits.test.ts'],
    slow: ['test/diagnosis/doctor.test.ts'],
  },
  { name: 'functions/control', tests: ['test/control/*.test.ts'] },
  {
    name: 'functions/verification',
    tests: [
      ...['compare', 'compare_shard', 'explain_rows', 'listing', 'look', 'projected', 'recheck_rows'],
      ...['recheck_run', 'rows_changed', 'version_lists'],
    ].map((each) => `test/verification/${each}.test.ts`),
    slow: ['test/verification/planted.test.ts'],
  },
  { name: 'functions/reconciliation', tests: ['test/reconciliation/*.test.ts'] },
  // Its ports only connect a run to both stores: tests of copies and verifications use them on the embedded servers.
  { name: 'functions/runs', except: ['ports.ts'], tests: ['test/runs/*.test.ts'] },
];

export function foundIn({ name, except = [] }: Folder): Found[] {
  return globSync(`${name}/*.ts`, { cwd: ROOT })
    .filter((file) => !except.some((each) => file.endsWith(`/${each}`)))
    .toSorted()
    .flatMap((file) =>
      mutantsOf(readFileSync(`${ROOT}/${file}`, 'utf8')).map((mutant) => ({ file, mutant })),
    );
}

/** The tests of a file, in rounds: a mutant that one round does not notice goes to the next. */
export function roundsOf({ tests, slow = [] }: Folder, file: string): string[][] {
  return [...nearestFirst(among(tests), `${ROOT}${file}`), ...nearestFirst(among(slow), `${ROOT}${file}`)];
}

export function testsOf({ tests, slow = [] }: Folder): string[] {
  return among([...tests, ...slow]);
}

function among(patterns: readonly string[]): string[] {
  return patterns.flatMap((pattern) => globSync(`${ROOT}${pattern}`)).toSorted();
}
