/**
 * Makes a schedule that fails easier to read: as much of it as possible is calmed, so that nothing rare happens there, and it still
 * fails. What is left of faults, deaths, pauses and doubles is what it takes. (Delta debugging: A. Zeller and R. Hildebrandt,
 * Simplifying and Isolating Failure-Inducing Input, 2002.)
 */
import type { Calm } from './scheduler.ts';
import { type Bug, type Outcome, simulate } from './system.ts';

/** Simulations that are tried. */
const TRIES = 150;
/** Parts that a stretch is cut into. */
const PARTS = 8;

export interface Shrunk {
  readonly outcome: Outcome;
  readonly calm: readonly Calm[];
}

/** @param failing the outcome without any calm. @param most simulations. @param run simulates. */
export async function shrink(failing: Outcome, bug: Bug = {}, most = TRIES, run = simulate): Promise<Shrunk> {
  let best: Shrunk = { outcome: failing, calm: [] };
  let [stormy, tries]: [Calm[], number] = [[[0, failing.draws]], 0];
  while (stormy.length > 0 && tries < most) {
    const left: Calm[] = [];
    for (const stretch of stormy.flatMap(partsOf)) {
      const calm = [...best.calm, stretch];
      const outcome = tries++ < most ? await run(failing.seed, bug, calm) : null;
      if (outcome !== null && kindOf(outcome) === kindOf(failing)) best = { outcome, calm };
      else left.push(stretch);
    }
    // A stretch of one draw cannot be cut any more.
    stormy = left.filter(([from, to]) => to - from > 1);
  }
  return { ...best, calm: joined(best.calm) };
}

function partsOf([from, to]: Calm): Calm[] {
  const each = Math.max(1, Math.ceil((to - from) / PARTS));
  const begins = Array.from({ length: Math.ceil((to - from) / each) }, (_, n) => from + n * each);
  return begins.map((begin) => [begin, Math.min(to, begin + each)]);
}

/** Which promise is broken, whatever key and numbers it is told with. */
function kindOf({ wrong }: Outcome): string | null {
  return wrong?.replaceAll(/[a-z]?\d+/g, '') ?? null;
}

function joined(calm: readonly Calm[]): Calm[] {
  const all: Calm[] = [];
  for (const [from, to] of [...calm].sort(([a], [b]) => a - b)) {
    const last = all.at(-1);
    if (last !== undefined && last[1] === from) all[all.length - 1] = [last[0], to];
    else all.push([from, to]);
  }
  return all;
}

/** Of a story, what is about the key that went wrong, and what is about no key at all. */
export function storyOf({ wrong, story }: Outcome, keys: readonly string[]): readonly string[] {
  const about = keys.find((key) => wrong?.startsWith(`${key}:`));
  if (about === undefined) return story;
  const others = keys.filter((key) => key !== about);
  return story.filter((line) => !others.some((key) => new RegExp(`\\b${key}\\b`).test(line)));
}
