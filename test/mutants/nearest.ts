/** Which tests load a file, and over how many imports: those over the fewest are the likeliest to notice its mutants. */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Types are erased: importing them loads nothing. */
const IMPORT = /^(?:import|export)\s(?!type\b)[^;]*?'(\.[^']+\.ts)';/gm;
const importsOf = new Map<string, readonly string[]>();

function imported(file: string): readonly string[] {
  const known = importsOf.get(file);
  if (known !== undefined) return known;
  const source = existsSync(file) ? readFileSync(file, 'utf8') : '';
  const found = [...source.matchAll(IMPORT)].map(([, path = '']) => join(dirname(file), path));
  importsOf.set(file, found);
  return found;
}

/** @returns undefined if the test does not load the file. */
export function distance(test: string, file: string): number | undefined {
  const seen = new Set([test]);
  let reached = [test];
  for (let steps = 0; reached.length > 0; steps++) {
    if (reached.includes(file)) return steps;
    reached = reached.flatMap(imported).filter((each) => !seen.has(each) && seen.add(each));
  }
  return undefined;
}

/** The tests that load the file: first the nearest, then the others. */
export function nearestFirst(tests: readonly string[], file: string): string[][] {
  const loading = tests.flatMap((test) => {
    const steps = distance(test, file);
    return steps === undefined ? [] : [{ test, steps }];
  });
  const least = Math.min(...loading.map(({ steps }) => steps));
  const rounds = [
    loading.filter(({ steps }) => steps === least),
    loading.filter(({ steps }) => steps > least),
  ];
  return rounds.map((round) => round.map(({ test }) => test)).filter((round) => round.length > 0);
}
