/** How long the whole migration of a collection takes, and what it needs: computed from its size and the pace of its runs. */
import type { RampStep, RampSteps } from '../../../functions/control/ramp.ts';
import { tableBytes } from '../../../functions/operations/space.ts';
import type { Phase } from '../../../functions/protocol/phase.ts';
import { LANES } from '../../../functions/runs/lanes.ts';
import { LISTED } from '../../../functions/runs/passed.ts';
import { PER_SHARD } from '../../../functions/runs/plan.ts';
import { PRICE } from './prices.ts';

/** What it is computed from. */
export interface Facts {
  readonly documents: number;
  /** Of all bodies. */
  readonly bytes: number;
  /** Documents a second of all runs together, more than 0. */
  readonly pace: number;
  /** Milliseconds: a bake, and the time of a request, which a move takes to be published. */
  readonly bake: number;
  readonly request: number;
  /** Containers at most of the functions that copy and that compare. */
  readonly workers: { readonly copy: number; readonly verify: number };
  /** Requests of apps a second, on average. */
  readonly reads: number;
  readonly writes: number;
  /** How long the service is to stay in `settle`. */
  readonly days: number;
  /** Minutes: from the beginning of `expand` until the last step of the proof of load is over, and of the guard after each bake. 0 where no move waits for them. */
  readonly ramp: number;
  readonly guard: number;
  /** Whether an index of versions excuses verifications by version from looking at each document. */
  readonly lists: boolean;
  /** Shares of the keys that go into `seal` and `switch` before the others. */
  readonly shares: RampSteps;
}

/** A part of the way that takes its time. */
export interface Stage {
  readonly phase: Phase;
  readonly what:
    | 'wait'
    | 'backfill'
    | 'verification by content'
    | 'verification by version'
    | 'load proof'
    | 'guard'
    | 'ramp'
    | 'stay';
  readonly seconds: number;
}

export interface Outlook {
  readonly stages: readonly Stage[];
  /** From the first move until reads come from Oracle; in `seal` and `switch` together, where each write needs both stores; to `contract`. */
  readonly seconds: { readonly toOracle: number; readonly bothNeeded: number; readonly all: number };
  /** Of the table in Oracle with its indexes; of the redo that the backfill makes, and of a day of writes. Not measured on a real database. */
  readonly bytes: { readonly table: number; readonly redoOfBackfill: number; readonly redoOfDay: number };
  /** US dollars. `runs`: the functions and messages of all runs, at most. `standing`: of what runs anyway. `apps`: of the API until `contract`. */
  readonly dollars: { readonly runs: number; readonly standing: number; readonly apps: number };
}

const DAY = 86_400;
const MINUTE = 60;
const PHASES = ['expand', 'seal', 'switch', 'settle'] as const;
/** Bytes of redo for a row beside its body: its other columns, its entry in the index of keys, and the undo of both. */
const REDO = 600;
/** Dollars a day without traffic: looks of the controller with their executions, and long polling of queues. See the manual, "What it costs". */
const STANDING =
  (43_200 * (PRICE.invocation + 0.2 * PRICE.gibibyteSecond) +
    44_000 * 4 * PRICE.stateTransition +
    1.5e6 * PRICE.sqs) /
  30;
/** Dollars of a request of an app, receipts included: `npm run bench -- --only costs`. */
const [READ, WRITE] = [1.21e-6, 1.75e-6];
/** Requests to SQS a minute of a lane. */
const PER_MINUTE = 3;

export function outlookOf(facts: Facts): Outlook {
  const stages = stagesOf(facts);
  const passed = (phases: readonly Phase[]) =>
    stages.filter(({ phase }) => phases.includes(phase)).reduce((sum, { seconds }) => sum + seconds, 0);
  const all = passed(PHASES);
  const { documents, bytes, reads, writes } = facts;
  const mean = documents === 0 ? 0 : bytes / documents;
  return {
    stages,
    seconds: {
      toOracle: passed(['expand', 'seal']) + moveOf(facts),
      bothNeeded: passed(['seal', 'switch']),
      all,
    },
    bytes: {
      table: tableBytes(documents, bytes),
      redoOfBackfill: Math.round(bytes + documents * REDO),
      // A write over a row also keeps what was there, as undo.
      redoOfDay: Math.round(writes * DAY * (2 * mean + REDO)),
    },
    dollars: {
      runs: runsCost(stages, facts),
      standing: (all / DAY) * STANDING,
      apps: all * (reads * READ + writes * WRITE),
    },
  };
}

/** Seconds: a phase is published, and bakes. */
function moveOf({ request, bake }: Facts): number {
  return (request + bake) / 1000;
}

/** What a move forward waits for beside its runs begins with the phase, so it takes what the runs of the phase leave of it. */
function stagesOf(facts: Facts): Stage[] {
  const stages = runsOf(facts);
  return PHASES.flatMap((phase) => {
    const own = stages.filter((stage) => stage.phase === phase);
    const passed = own.reduce((sum, { seconds }) => sum + seconds, 0);
    const ramp = phase === 'expand' ? facts.request / 1000 + facts.ramp * MINUTE - passed : 0;
    const proof = facts.ramp === 0 ? 0 : Math.max(0, ramp);
    const guard = facts.guard === 0 ? 0 : moveOf(facts) + facts.guard * MINUTE - passed - proof;
    const waits: Stage[] = [
      { phase, what: 'load proof', seconds: proof },
      { phase, what: 'guard', seconds: guard },
      { phase, what: 'ramp', seconds: sharesIn(phase, facts, passed + proof + Math.max(0, guard)) },
    ];
    return [...own, ...waits.filter(({ seconds }) => seconds > 0)];
  });
}

/** Seconds that shares of the keys take, and before them what is left of the minutes of the last share of the phase before. @param passed seconds of the phase until then. */
function sharesIn(phase: Phase, facts: Facts, passed: number): number {
  const { shares, guard } = facts;
  const last = phase === 'seal' || phase === 'switch' ? (shares.at(-1)?.minutes ?? 0) : 0;
  const left = last === 0 ? 0 : Math.max(0, moveOf(facts) + last * MINUTE - passed);
  if (phase !== 'expand' && phase !== 'seal') return left;
  const lasts = (sum: number, { minutes }: RampStep) =>
    sum + moveOf(facts) + Math.max(minutes, guard) * MINUTE;
  return shares.slice(0, -1).reduce(lasts, left);
}

function runsOf(facts: Facts): Stage[] {
  const { documents, pace, bake, days, lists } = facts;
  const seconds = Math.ceil(documents / pace);
  const move = moveOf(facts);
  // A bake after the first one receipts of before it have been delivered once.
  const delivered = bake / 1000;
  return [
    { phase: 'expand', what: 'wait', seconds: move },
    { phase: 'expand', what: 'backfill', seconds },
    { phase: 'expand', what: 'verification by content', seconds },
    { phase: 'seal', what: 'wait', seconds: move + delivered },
    {
      ...{ phase: 'seal', what: 'verification by version' },
      seconds: lists ? Math.ceil(documents / (pace * LISTED)) : seconds,
    },
    { phase: 'switch', what: 'wait', seconds: move },
    { phase: 'settle', what: 'wait', seconds: move },
    { phase: 'settle', what: 'stay', seconds: days * DAY },
    { phase: 'settle', what: 'verification by content', seconds },
  ];
}

function isRun(what: Stage['what']): boolean {
  return what === 'backfill' || what === 'verification by content' || what === 'verification by version';
}

/** Workers wait for the pace in their functions, so they cost time: as many as there are at most. */
function runsCost(stages: readonly Stage[], { documents, workers }: Facts): number {
  const lanes = Math.min(LANES, Math.max(1, Math.ceil(documents / PER_SHARD)));
  const costs = stages.map(({ what, seconds }) => {
    if (!isRun(what)) return 0;
    const busy = Math.min(lanes, what === 'backfill' ? workers.copy : workers.verify);
    return busy * seconds * PRICE.gibibyteSecond + (seconds / 60) * lanes * PER_MINUTE * PRICE.sqs;
  });
  return costs.reduce((sum, each) => sum + each, 0);
}
