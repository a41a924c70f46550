/** Runs spin on the protocol's second statement: translates, compiles and searches one scenario after the other. */
import { execFile } from 'node:child_process';
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const MODEL = fileURLToPath(new URL('./protocol.pml', import.meta.url));
const run = promisify(execFile);

export interface Scenario {
  readonly phases: readonly [low: string, high: string];
  readonly reads: number;
  readonly converges: number;
  readonly faults: number;
  /** The first writer's document may expire at any time. */
  readonly mortal?: boolean;
  /** A second reader, in the place of a second writer. */
  readonly late?: boolean;
  /** The rule that is broken, which spin must find out; none where it must find nothing. */
  readonly bug?: string;
}

/** Small ones are searched in seconds, the others in minutes and gigabytes. */
export const SMALL: readonly Scenario[] = [
  { phases: ['EXPAND', 'SEAL'], reads: 2, converges: 0, faults: 0 },
  { phases: ['SEAL', 'SWITCH'], reads: 2, converges: 0, faults: 0 },
  { phases: ['SWITCH', 'SETTLE'], reads: 2, converges: 0, faults: 0 },
  { phases: ['SEAL', 'SWITCH'], reads: 1, converges: 0, faults: 1 },
  { phases: ['SWITCH', 'SETTLE'], reads: 1, converges: 0, faults: 1 },
  { phases: ['SEAL', 'SWITCH'], reads: 1, converges: 0, faults: 0, mortal: true, late: true },
];

export const LARGE: readonly Scenario[] = [
  { phases: ['EXPAND', 'SEAL'], reads: 1, converges: 1, faults: 0 },
  { phases: ['SEAL', 'SWITCH'], reads: 1, converges: 1, faults: 0 },
  { phases: ['SWITCH', 'SETTLE'], reads: 1, converges: 1, faults: 0 },
  { phases: ['EXPAND', 'SEAL'], reads: 1, converges: 0, faults: 0, mortal: true },
  { phases: ['SEAL', 'SWITCH'], reads: 1, converges: 0, faults: 0, mortal: true },
  { phases: ['SWITCH', 'SETTLE'], reads: 1, converges: 0, faults: 0, mortal: true },
];

export const BUGS: readonly Scenario[] = [
  ...(['READ_WITHOUT_CARRY', 'UNGUARDED_COPY', 'ANSWERED_EARLY'] as const).map(
    (bug): Scenario => ({ phases: ['SEAL', 'SWITCH'], reads: 2, converges: 0, faults: 0, bug }),
  ),
  ...(['GAP_IGNORED', 'NO_FENCE'] as const).map(
    (bug): Scenario => ({
      phases: ['SEAL', 'SWITCH'],
      reads: 1,
      converges: 0,
      faults: 0,
      mortal: true,
      bug,
    }),
  ),
  {
    phases: ['SEAL', 'SWITCH'],
    reads: 1,
    converges: 0,
    faults: 0,
    mortal: true,
    late: true,
    bug: 'EXPIRED_SHOWN',
  },
  { phases: ['SWITCH', 'SETTLE'], reads: 1, converges: 0, faults: 0, bug: 'ORDER_BELIEVED' },
  { phases: ['SWITCH', 'SETTLE'], reads: 1, converges: 1, faults: 0, bug: 'NEVER_SEEN' },
];

export interface Searched {
  readonly states: number;
  /** What was violated; null where nothing was, and everything has been searched. */
  readonly violated: string | null;
}

/** Why spin cannot be run here; null where it can. */
export async function missing(): Promise<string | null> {
  const asked = await Promise.allSettled([run('spin', ['-V']), run('cc', ['--version'])]);
  return asked.every(({ status }) => status === 'fulfilled')
    ? null
    : 'there is no spin, or no C compiler: apt-get install spin gcc';
}

/** Throws where it does not come to an end. */
export async function search(scenario: Scenario): Promise<Searched> {
  const cwd = mkdtempSync(join(tmpdir(), 'crossfade-spin-'));
  try {
    copyFileSync(MODEL, join(cwd, 'protocol.pml'));
    const { phases, reads, converges, faults, mortal, late, bug } = scenario;
    const [low, high] = phases;
    const defined = [
      ...[`LOW=${low}`, `HIGH=${high}`, `READS=${reads}`, `CONVERGES=${converges}`, `FAULTS=${faults}`],
      ...(mortal === true ? ['MORTAL'] : []),
      ...(late === true ? ['LATE'] : []),
      ...(bug === undefined ? [] : [`BUG_${bug}`]),
    ];
    await run('spin', [...defined.map((each) => `-D${each}`), '-a', 'protocol.pml'], { cwd });
    // A search that leaves something out says so: it is no answer.
    const built = ['-O1', '-w', '-DSAFETY', '-DCOLLAPSE', '-DVECTORSZ=2048', '-DMEMLIM=12000'];
    await run('cc', [...built, '-o', 'pan', 'pan.c'], { cwd });
    const { stdout } = await run('./pan', ['-m1000000'], { cwd });
    const [, states] = /([\d.e+]+) states, stored/.exec(stdout) ?? [];
    if (states === undefined || /Search not completed|max search depth too small|out of memory/.test(stdout))
      return unfinished(stdout, states);
    return { states: Number(states), violated: null };
  } finally {
    rmSync(cwd, { recursive: true, force: true });
  }
}

/** A violation ends a search, too. */
function unfinished(stdout: string, states = '0'): Searched {
  const [, violated] = /pan:\d+: (.*)/.exec(stdout) ?? [];
  if (violated === undefined || !/errors: [1-9]/.test(stdout))
    throw new Error(`The search did not come to its end: ${stdout.slice(0, 2000)}`);
  return { states: Number(states), violated };
}
