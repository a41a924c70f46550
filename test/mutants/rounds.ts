/** Runs the tests of a mutant round after round, until one notices it. */
import type { Found } from './folders.ts';
import { type Ended, tried } from './try.ts';

/** A mutant may take so many times as long as the source as it is, before it counts as one that never ends. */
const PATIENCE = 4;
/** Milliseconds beside that. */
const START = 10_000;
const LONGEST = 600_000;

/** How long each round takes with the source as it is, by its tests. */
const limits = new Map<string, Promise<number>>();

async function measured(file: string, tests: readonly string[]): Promise<number> {
  const began = performance.now();
  if ((await tried({ file }, tests, LONGEST)) !== 'survived')
    throw new Error(`These tests fail without a mutant: ${tests.join(' ')}`);
  return PATIENCE * (performance.now() - began) + START;
}

function limitOf(file: string, tests: readonly string[]): Promise<number> {
  const key = tests.join(' ');
  const limit = limits.get(key) ?? measured(file, tests);
  limits.set(key, limit);
  return limit;
}

async function triedInTime(found: Found, tests: readonly string[]): Promise<Ended> {
  for (;;) {
    const limit = await limitOf(found.file, tests);
    const ended = await tried(found, tests, limit);
    if (ended !== 'timed out') return ended;
    // The machine may be busier than it was when the source was measured.
    const now = await measured(found.file, tests);
    if (now <= 2 * limit) return ended;
    limits.set(tests.join(' '), Promise.resolve(now));
  }
}

export async function triedInRounds(found: Found, rounds: readonly string[][]): Promise<Ended> {
  for (const tests of rounds) {
    const ended = await triedInTime(found, tests);
    if (ended !== 'survived') return ended;
  }
  return 'survived';
}
