/** One core's share of a long run. */
import { BOUNDS, type Bound } from './bounds.ts';
import { BUGS } from './bugs.ts';
import { type Excused, type Explored, explore } from './explore.ts';
import { FOCUSES } from './focus.ts';
import { Memory } from './memory.ts';
import { type Sampled, sample } from './sample.ts';
import type { Bug, Focus } from './scenario.ts';
import { startingState } from './state.ts';
import { System } from './step.ts';
import { line } from './timeline.ts';

/** Every `of`-th schedule or scenario, from the `index`-th on. */
export interface Share {
  readonly bound: string | null;
  readonly bug: string | null;
  readonly focus: string | null;
  readonly seed: number;
  readonly runs: number;
  /** The number of the first scenario of an exhaustive run; the first of all is 0. */
  readonly from: number;
  readonly index: number;
  readonly of: number;
}

export interface Tally {
  readonly done: number;
  readonly operations: number;
  readonly unanswered: number;
  /** Schedules in which a forced move or a store that forgot has struck. */
  readonly struck: number;
  /** Schedules in which a worker was given the shard of an earlier phase. */
  readonly late: number;
  readonly states: number;
  readonly transitions: number;
  readonly findings: readonly string[];
  readonly excused: Excused;
}

/** What an exhaustive run tells while it goes on: up to which scenario this share has come, and what it has found there. */
export interface Progress {
  readonly scenario: number;
  readonly finding: string | null;
}

/** How many scenarios a share goes through between two words on its progress. */
const REPORT = 20;

export function bugNamed(name: string | null | undefined, focused?: string | null): Bug {
  const focus = focused === null || focused === undefined ? {} : { focus: focusNamed(focused) };
  if (name === null || name === undefined) return focus;
  const bug = BUGS.find((one) => one.name === name);
  if (bug === undefined) throw new Error(`No seeded bug is called ${name}; --bugs lists them`);
  return { ...bug, ...focus };
}

function focusNamed(name: string): Focus {
  const focus = (FOCUSES as Readonly<Record<string, Focus>>)[name];
  if (focus === undefined)
    throw new Error(`No focus is called ${name}; there are ${Object.keys(FOCUSES).join(', ')}`);
  return focus;
}

export function boundNamed(name: string): Bound {
  const bound = BOUNDS.find((one) => one.name === name);
  if (bound === undefined)
    throw new Error(`No bound is called ${name}; there are ${BOUNDS.map((one) => one.name).join(', ')}`);
  return bound;
}

/** @param progress told now and then how far an exhaustive run has come, and at once what it has found. */
export function runShare(share: Share, progress: (progress: Progress) => void): Tally {
  return share.bound === null ? runRandom(share) : runExhaustive(share, boundNamed(share.bound), progress);
}

function runRandom({ bug, focus, seed, runs, index, of }: Share): Tally {
  const [findings, excuses] = [[] as string[], [] as string[]];
  const counts = { done: 0, operations: 0, unanswered: 0, struck: 0, late: 0 };
  const seeded = bugNamed(bug, focus);
  for (let i = index; i < runs; i += of) {
    const run = sample(seed + i, seeded);
    counts.done++;
    counts.operations += run.operations;
    counts.unanswered += run.unanswered;
    counts.struck += run.struck > 0 ? 1 : 0;
    counts.late += run.lateShards > 0 ? 1 : 0;
    if (run.what !== null) findings.push(describe(run, bug, focus));
    if (run.excuse !== null) excuses.push(run.excuse.name);
  }
  return { ...counts, states: 0, transitions: 0, findings, excused: counted(excuses) };
}

function runExhaustive(
  { bug, from, index, of }: Share,
  bound: Bound,
  progress: (progress: Progress) => void,
): Tally {
  const [findings, counts] = [[] as string[], { done: 0, states: 0, transitions: 0 }];
  const seeded = bugNamed(bug);
  let excused: Excused = {};
  for (const [number, scenario] of [...bound.scenarios()].entries()) {
    if (number < from || number % of !== index) continue;
    const system = new System(scenario, seeded, new Memory(seeded.tampering ?? {}));
    const { states, transitions, finding, excused: more } = explore(system, bound.preemptions);
    excused = total([excused, more]);
    counts.done++;
    counts.states += states;
    counts.transitions += transitions;
    const found = finding === null ? null : `scenario ${number}: ${storyOf(finding, system)}`;
    if (found !== null || counts.done % REPORT === 0) progress({ scenario: number, finding: found });
    if (found !== null) findings.push(found);
  }
  return { ...counts, operations: 0, unanswered: 0, struck: 0, late: 0, findings, excused };
}

function storyOf({ what, path }: NonNullable<Explored['finding']>, system: System): string {
  let state = startingState(system.scenario, system.memory);
  const lines = path.map((move) => {
    const before = state;
    state = system.step(before, move);
    return line(before, move, state);
  });
  return [what, ...lines].join('\n');
}

function counted(names: readonly string[]): Excused {
  return total(names.map((name) => ({ [name]: 1 })));
}

/** The sums of several counts. */
export function total(counts: readonly Excused[]): Excused {
  const sums: Record<string, number> = {};
  for (const [name, count] of counts.flatMap((each) => Object.entries(each)))
    sums[name] = (sums[name] ?? 0) + count;
  return sums;
}

function describe({ seed, what }: Sampled, bug: string | null, focus: string | null): string {
  const named = (option: string, name: string | null) => (name === null ? '' : ` --${option} ${name}`);
  const replay = `npm run model -- --replay ${seed}${named('focus', focus)}${named('bug', bug)}`;
  return `seed ${seed}: ${what}. Its time line: ${replay}`;
}
