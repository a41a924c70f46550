/** Which scenarios an exhaustive run goes through. */
import { nextPhase, PHASES, type Phase } from '../../functions/protocol/phase.ts';
import { SANE_CLOCK, type Scenario, startsOf, type Task } from './scenario.ts';

export interface Bound {
  readonly name: string;
  readonly what: string;
  /** See `explore`; undefined for every schedule. */
  readonly preemptions: number | undefined;
  readonly scenarios: () => Generator<Scenario>;
}

const TASKS = {
  read: { kind: 'read', condition: 'none' },
  put: { kind: 'put', condition: 'none' },
  remove: { kind: 'delete', condition: 'none' },
  replace: { kind: 'put', condition: 'seen' },
  create: { kind: 'put', condition: 'absent' },
  removeSeen: { kind: 'delete', condition: 'seen' },
} as const satisfies Record<string, Task>;

const MORTAL: Task = { kind: 'put', condition: 'none', mortal: true };
const ALL: readonly Task[] = Object.values(TASKS);
const WRITES: readonly Task[] = [TASKS.put, TASKS.remove, TASKS.replace];
const MAIN: readonly Task[] = [TASKS.read, ...WRITES];

export const BOUNDS: readonly Bound[] = [
  {
    name: 'small',
    what: '2 clients with 1 operation each, 1 converge, no fault, one move: every schedule',
    preemptions: undefined,
    scenarios: () => scenarios({ tasks: ALL, each: 1, walks: oneMove, faults: 0, repairs: 1 }),
  },
  {
    name: 'expiry',
    what: 'the same, and one of both puts a document that may expire at any time: every schedule',
    preemptions: undefined,
    scenarios: () =>
      scenarios({ tasks: [MORTAL, ...MAIN], each: 1, walks: oneMove, faults: 0, repairs: 1 }, [MORTAL]),
  },
  {
    name: 'pairs',
    what: '2 clients with 1 operation each, 2 converges, 1 fault, two moves (on, or there and back): every schedule',
    preemptions: undefined,
    scenarios: () => scenarios({ tasks: ALL, each: 1, walks: twoMoves, faults: 1, repairs: 2 }),
  },
  {
    name: 'fours',
    what: '2 clients with 2 operations each, 1 converge, no fault, one move: every schedule with at most 2 preemptions',
    preemptions: 2,
    scenarios: () => scenarios({ tasks: MAIN, each: 2, walks: oneMove, faults: 0, repairs: 1 }),
  },
  {
    name: 'faults',
    what: '2 clients with 2 writes each, 1 converge, 1 fault, one move: every schedule with at most 1 preemption',
    preemptions: 1,
    scenarios: () => scenarios({ tasks: WRITES, each: 2, walks: oneMove, faults: 1, repairs: 1 }),
  },
  {
    name: 'failover',
    what: '2 clients, of which one reads, 1 converge, one failover of Couchbase that forgets, one move: every schedule',
    preemptions: undefined,
    scenarios: () => scenarios({ ...FAILOVER, tasks: FORGOTTEN }, [TASKS.read]),
  },
  {
    name: 'failover-writes',
    what: 'the same, and both clients write',
    preemptions: undefined,
    scenarios: () => scenarios({ ...FAILOVER, tasks: [TASKS.put, TASKS.remove] }),
  },
  {
    name: 'ramp',
    what: '2 clients with 1 operation each, 1 converge, no fault, a ramp that turns round and is left: every schedule',
    preemptions: undefined,
    scenarios: () =>
      scenarios({
        tasks: ALL,
        each: 1,
        walks: (from) => RAMPS[from] ?? [],
        faults: 0,
        repairs: 1,
        ramp: true,
      }),
  },
];

const RAMPS: Partial<Readonly<Record<Phase, Phase[][]>>> = {
  expand: [
    ['seal', 'expand', 'seal'],
    ['seal', 'expand', 'legacy'],
  ],
  seal: [
    ['switch', 'seal', 'switch'],
    ['switch', 'seal', 'expand'],
  ],
  switch: [
    ['seal', 'switch', 'settle'],
    ['seal', 'switch', 'seal'],
  ],
};

interface Shape {
  readonly tasks: readonly Task[];
  readonly each: 1 | 2;
  readonly walks: (from: Phase) => Phase[][];
  readonly faults: number;
  readonly repairs: number;
  readonly failovers?: number;
  readonly ramp?: boolean;
}

/** Conditions are checked by what the same reads tell. */
const FORGOTTEN: readonly Task[] = [TASKS.read, TASKS.put, TASKS.remove];
const FAILOVER = { each: 1, walks: oneMove, faults: 0, repairs: 1, failovers: 1 } as const;

/** @param only what the first client may begin with, where that is less than all. */
function* scenarios(
  { tasks, each, walks, faults, repairs, failovers = 0, ramp = false }: Shape,
  only = tasks,
): Generator<Scenario> {
  const one = tasks.map((task) => [task]);
  const programs = each === 1 ? one : one.flatMap(([task]) => tasks.map((then) => [task as Task, then]));
  for (const phase of PHASES)
    for (const walk of walks(phase))
      for (const start of startsOf(phase))
        for (const [i, first] of programs.entries())
          for (const second of only.includes(first[0] as Task) ? programs.slice(i) : []) {
            const clients = [first, second];
            const bounds = {
              faults,
              repairs,
              duplicates: false,
              verification: 'gates',
              forced: [],
              outages: 0,
              ...{ failovers, fallbacks: 0, close: false, ramp },
            } as const;
            yield { start, phase, walk, clients, ...bounds, clock: SANE_CLOCK };
          }
}

function neighbours(phase: Phase): Phase[] {
  const both = [nextPhase(phase, 'legacy'), nextPhase(phase, 'contract')];
  return both.filter((neighbour) => neighbour !== phase);
}

function oneMove(from: Phase): Phase[][] {
  return neighbours(from).map((to) => [to]);
}

function twoMoves(from: Phase): Phase[][] {
  return neighbours(from).flatMap((to) => neighbours(to).map((then) => [to, then]));
}
