/** The pure folders, and the tests that are nearest to each: those that end within seconds. */
import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type Mutant, mutantsOf } from './mutants.ts';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

export interface Folder {
  readonly name: string;
  /** Files without rules of their own: a bundle's edge, a list of ports. */
  readonly except?: readonly string[];
  readonly tests: readonly string[];
}

export interface Found {
  readonly file: string;
  readonly mutant: Mutant;
}

export const FOLDERS: readonly Folder[] = [
  { name: 'functions/protocol', tests: ['test/protocol/*.test.ts', 'test/model/bugs.test.ts'] },
  { name: 'functions/phases', tests: ['test/phases/*.test.ts', 'test/console/flags.test.ts'] },
  { name: 'functions/parsing', tests: ['test/parsing/*.test.ts'] },
  { name: 'functions/configuration', tests: ['test/configuration/*.test.ts'] },
  { name: 'functions/control', tests: ['test/control/*.test.ts'] },
  {
    name: 'functions/verification',
    tests: ['compare', 'listing', 'look'].map((each) => `test/verification/${each}.test.ts`),
  },
  { name: 'functions/runs', tests: ['test/runs/*.test.ts'] },
];

export function foundIn({ name, except = [] }: Folder): Found[] {
  return globSync(`${name}/*.ts`, { cwd: ROOT })
    .filter((file) => !except.some((each) => file.endsWith(`/${each}`)))
    .toSorted()
    .flatMap((file) =>
      mutantsOf(readFileSync(`${ROOT}/${file}`, 'utf8')).map((mutant) => ({ file, mutant })),
    );
}

export function testsOf({ tests }: Folder): string[] {
  return tests.flatMap((pattern) => globSync(pattern, { cwd: ROOT })).toSorted();
}
