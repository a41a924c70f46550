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
  readonly faults?: number;
  /** Further conditions, by their names in Promela. `LATE`: a second reader in the place of the second writer. */
  readonly given?: readonly (
    | 'MORTAL'
    | 'LATE'
    | 'FAILOVER'
    | 'FALLBACK'
    | 'DURABLE'
    | 'TOUCH'
    | 'DROPS'
    | 'BUCKET'
  )[];
  /** The rule that is broken, which spin must find out; none where it must find nothing. */
  readonly bug?: string;
}

const EACH_PHASE = ['EXPAND', 'SEAL', 'SWITCH', 'SETTLE'] as const;
const WINDOWS = [
  ['EXPAND', 'SEAL'],
  ['SEAL', 'SWITCH'],
  ['SWITCH', 'SETTLE'],
] as const;
const FORGETTING = { reads: 0, converges: 1 } as const;
/** Others are at work in Couchbase. */
const HANDS: readonly NonNullable<Scenario['given']>[] = [['TOUCH'], ['TOUCH', 'DROPS'], ['BUCKET']];

/** Each is searched in seconds. */
export const SMALL: readonly Scenario[] = [
  ...WINDOWS.map((phases): Scenario => ({ phases, reads: 1, converges: 0 })),
  { phases: ['SEAL', 'SWITCH'], reads: 1, converges: 0, given: ['MORTAL', 'LATE'] },
  ...EACH_PHASE.flatMap((phase): Scenario[] => [
    { phases: [phase, phase], ...FORGETTING, given: ['FAILOVER'] },
    { phases: [phase, phase], ...FORGETTING, given: ['FALLBACK'] },
  ]),
  ...EACH_PHASE.flatMap((phase): Scenario[] =>
    HANDS.map((given) => ({
      phases: [phase, phase],
      reads: 0,
      converges: phase === 'SETTLE' ? 0 : 1,
      given,
    })),
  ),
  { phases: ['SWITCH', 'SETTLE'], reads: 0, converges: 0, given: ['TOUCH'] },
  { phases: ['SWITCH', 'SETTLE'], reads: 0, converges: 0, given: ['BUCKET'] },
  { phases: ['EXPAND', 'EXPAND'], reads: 1, converges: 1, given: ['FAILOVER'] },
  { phases: ['EXPAND', 'SEAL'], ...FORGETTING, given: ['FAILOVER', 'DURABLE'] },
];

/** Each is searched in minutes and gigabytes. */
export const LARGE: readonly Scenario[] = [
  ...WINDOWS.flatMap((phases): Scenario[] => [
    { phases, reads: 2, converges: 0 },
    { phases, reads: 1, converges: 0, faults: 1 },
    { phases, reads: 1, converges: 1 },
    { phases, reads: 1, converges: 0, given: ['MORTAL'] },
    { phases, ...FORGETTING, given: ['FAILOVER'] },
    { phases, ...FORGETTING, given: ['FAILOVER', 'DURABLE'] },
    { phases, reads: 0, converges: 0, given: ['TOUCH', 'BUCKET'] },
  ]),
  ...HANDS.map((given): Scenario => ({ phases: ['SETTLE', 'SETTLE'], reads: 0, converges: 1, given })),
];

export const BUGS: readonly Scenario[] = [
  { phases: ['SEAL', 'SEAL'], ...FORGETTING, given: ['FAILOVER'], bug: 'LIFTED' },
  { phases: ['EXPAND', 'EXPAND'], reads: 1, converges: 1, given: ['FAILOVER'], bug: 'REMINDED_LATE' },
  { phases: ['EXPAND', 'EXPAND'], ...FORGETTING, given: ['FAILOVER'], bug: 'GONE_BELIEVED' },
  { phases: ['SEAL', 'SEAL'], ...FORGETTING, given: ['FAILOVER'], bug: 'MARKED_LATE' },
  { phases: ['SEAL', 'SEAL'], ...FORGETTING, given: ['FAILOVER'], bug: 'NOTHING_KEPT' },
  { phases: ['SETTLE', 'SETTLE'], ...FORGETTING, given: ['FALLBACK'], bug: 'NOTHING_KEPT' },
  {
    phases: ['EXPAND', 'EXPAND'],
    ...FORGETTING,
    given: ['FAILOVER', 'DURABLE'],
    bug: 'PLAIN_NOT_DURABLE',
  },
  { phases: ['SETTLE', 'SETTLE'], reads: 0, converges: 0, given: ['TOUCH'], bug: 'TOUCH_LIFTED' },
  { phases: ['SETTLE', 'SETTLE'], reads: 0, converges: 0, given: ['BUCKET'], bug: 'GIVEN_REFUSED' },
  ...(['READ_WITHOUT_CARRY', 'UNGUARDED_COPY', 'ANSWERED_EARLY'] as const).map(
    (bug): Scenario => ({ phases: ['SEAL', 'SWITCH'], reads: 2, converges: 0, bug }),
  ),
  ...(['GAP_IGNORED', 'NO_FENCE'] as const).map(
    (bug): Scenario => ({ phases: ['SEAL', 'SWITCH'], reads: 1, converges: 0, given: ['MORTAL'], bug }),
  ),
  {
    phases: ['SEAL', 'SWITCH'],
    reads: 1,
    converges: 0,
    given: ['MORTAL', 'LATE'],
    bug: 'EXPIRED_SHOWN',
  },
  { phases: ['SWITCH', 'SETTLE'], reads: 0, converges: 1, bug: 'NEVER_SEEN' },
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
    const { phases, reads, converges, faults = 0, given = [], bug } = scenario;
    const [low, high] = phases;
    const defined = [
      ...[`LOW=${low}`, `HIGH=${high}`, `READS=${reads}`, `CONVERGES=${converges}`, `FAULTS=${faults}`],
      ...given,
      ...(bug === undefined ? [] : [`BUG_${bug}`]),
    ];
    await run('spin', [...defined.map((each) => `-D${each}`), '-a', 'protocol.pml'], { cwd });
    // To make a small search faster takes the compiler longer than the search. One that leaves something out says so: it is no answer.
    const built = [
      LARGE.includes(scenario) ? '-O1' : '-O0',
      '-w',
      '-DSAFETY',
      '-DCOLLAPSE',
      '-DVECTORSZ=2048',
      '-DMEMLIM=12000',
    ];
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
