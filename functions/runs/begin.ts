/** Begins a run, or goes on with the one that was begun: the first step of a state machine. */
import type { EffectivePhase } from '../phases/effective_phase.ts';
import { type Phase, ROUTES } from '../protocol/phase.ts';
import type { Kind, Run } from '../records/run.ts';
import { busyBeside, LANES } from './lanes.ts';
import { isOfStay } from './phase_changed.ts';
import { type Forecast, type PlanPorts, plan } from './plan.ts';
import { RunRefused, type RunRequest } from './request.ts';
import { isOfMapping, stampOf } from './stamp.ts';
import { type Books, type Progress, progressOf } from './summary.ts';

export interface BeginPorts extends PlanPorts {
  readonly books: Books;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

export interface Surroundings {
  readonly phase: EffectivePhase;
  /** Milliseconds after which nobody acts on the phase before. */
  readonly bake: number;
  /** What a run depends on beside the stores: the mapping of the collection. */
  readonly mapping: unknown;
  /** Documents a second for all workers together. */
  readonly rate: number;
  /** Seconds that one invocation works for. */
  readonly turn: number;
}

export interface Begun {
  readonly run: string;
  /** Whether there is nothing to be done: a dry run, or a run that was abandoned. */
  readonly over: boolean;
  /** Whether the run had been begun before. */
  readonly resumed: boolean;
  /** Numbers of shards to begin with, no more than there are lanes: their workers find the others. */
  readonly open: readonly number[];
  /** Null for a run that is resumed. */
  readonly forecast: Forecast | null;
  /** Of a run that was only looked at. */
  readonly progress?: Progress;
}

/** @param id of the run, if it is a new one. Throws `RunRefused`. */
export async function begin(
  id: string,
  request: RunRequest,
  ports: BeginPorts,
  surroundings: Surroundings,
): Promise<Begun> {
  const { books, now } = ports;
  if (request.abandon || request.look) return atUnfinished(request, books, now());
  const refused = whyNot(request, surroundings, now());
  if (refused !== null) {
    if (request.ifPossible) return nothing(id);
    throw new RunRefused(refused);
  }
  if (request.resume) return resumed(request, books, surroundings);
  const { rate, turn, phase } = surroundings;
  const planned = await plan(request, ports, rate, turn, ROUTES[phase.phase].second !== null);
  const { forecast, shards } = planned;
  if (request.dryRun) return { run: id, over: true, resumed: false, open: [], forecast };
  const { kind, collection, options } = request;
  const run: Run = {
    ...{ id, kind, collection, options, phase: phase.phase },
    ...{ stamp: stampOf(request, surroundings.mapping), started: now() },
  };
  const { ledger } = books;
  let other = await ledger.begin(run, shards, LANES);
  // Of a stay that is over: no worker goes on with it, and no gate takes it. A move that needs a run of this stay must not wait for it.
  if (other !== null && !isOfStay(other, phase)) {
    await ledger.end(other.id, 'stopped', now());
    other = await ledger.begin(run, shards, LANES);
  }
  if (other === null)
    return { run: id, over: false, resumed: false, open: shards.slice(0, LANES).map((_, n) => n), forecast };
  return inItsPlace(other, run, request, ports);
}

/** What becomes of a request where there is a run in its place. */
async function inItsPlace(
  other: Run,
  { id, stamp }: Run,
  { collection, ifPossible }: RunRequest,
  { books: { ledger }, now }: BeginPorts,
): Promise<Begun> {
  // This step was taken before, and nobody heard of it.
  if (other.id === id) return goneOn(other, ledger);
  const same = other.stamp === stamp;
  // A schedule lets alone what somebody else has begun, or is still at work on.
  if (ifPossible && (!same || (await isBusy(other, ledger, now()))))
    return { ...nothing(other.id), resumed: true };
  if (!same)
    throw new RunRefused(
      `The run ${other.id} of ${collection} is not finished, and was begun with another range, mode or mapping. Go on with it ` +
        'as it was, or abandon it first',
    );
  return goneOn(other, ledger);
}

async function isBusy({ id }: Run, ledger: Books['ledger'], now: number): Promise<boolean> {
  const [{ changed }, runs] = [await ledger.totals(id), await ledger.countUnderWay()];
  return now - changed < busyBeside(runs);
}

async function goneOn({ id }: Run, ledger: Books['ledger']): Promise<Begun> {
  const open = await ledger.giveOut(id, LANES);
  return { run: id, over: false, resumed: true, open, forecast: null };
}

/** The range is the one that the run was begun with; the rest must be as it was then. */
async function resumed(
  { kind, collection }: RunRequest,
  { ledger }: Books,
  { phase, mapping }: Surroundings,
): Promise<Begun> {
  const run = await unfinished(kind, collection, ledger);
  if (!isOfStay(run, phase) || !isOfMapping(run, mapping))
    throw new RunRefused(
      `The run ${run.id} of ${collection} was begun in ${run.phase} at ${new Date(run.started).toISOString()}, and the phase is ` +
        `${phase.phase} since ${new Date(phase.since).toISOString()}, or the columns have changed since: abandon it, and begin ` +
        'another if it is still wanted',
    );
  return goneOn(run, ledger);
}

async function unfinished(kind: Kind, collection: string, ledger: Books['ledger']): Promise<Run> {
  const run = await ledger.unfinished(kind, collection);
  if (run === null)
    throw new RunRefused(
      `No ${kind} of ${collection} is unfinished: there is nothing to see, to go on with or to abandon`,
    );
  return run;
}

function nothing(run: string): Begun {
  return { run, over: true, resumed: false, open: [], forecast: null };
}

async function atUnfinished(
  { kind, collection, look }: RunRequest,
  books: Books,
  now: number,
): Promise<Begun> {
  const run = await unfinished(kind, collection, books.ledger);
  const over = { run: run.id, over: true, resumed: true, open: [], forecast: null };
  if (look) return { ...over, progress: await progressOf(run, books, now) };
  await books.ledger.end(run.id, 'stopped', now);
  return over;
}

/** In which phases a kind of run has a meaning, and why in no other. */
const RUNS_IN: Readonly<Record<Kind, { readonly phases: readonly Phase[]; readonly why: string }>> = {
  backfill: {
    phases: ['expand'],
    why: 'a backfill runs in expand, where both stores are written and Couchbase is read',
  },
  copyback: {
    // In `seal` it is needed after a forced move alone.
    phases: ['settle', 'switch', 'seal'],
    why: 'a copy-back runs in settle, where Couchbase is told what Oracle has written, and in switch and seal, where it gets its keys back',
  },
  verify: {
    // In `contract` an operator alone begins one: see `whyNoLook`.
    phases: ['legacy', 'expand', 'seal', 'switch', 'settle'],
    why: 'Couchbase is not written, so a schedule has nothing to compare',
  },
};

/** Whether a run of this kind has a meaning in a phase, whoever begins it. */
export function runsIn(kind: Kind, phase: Phase): boolean {
  return RUNS_IN[kind].phases.includes(phase);
}

/**
 * In `contract` a verification compares rows with what Couchbase was last told, and so finds those that were changed by SQL. Null where it may begin. It asks a
 * store that requests do not need there any more, so no schedule begins it.
 */
function whyNoLook({ options, resume }: RunRequest, { retired }: EffectivePhase): string | null {
  if (retired === true)
    return 'the collection is retired, and Couchbase is not kept, so there is nothing to compare';
  if (options.repair === true && !resume)
    return 'a verification repairs nothing, but finds rows that were changed by SQL: leave --repair out, and decide with npx crossfade sql-changes';
  return options.mode === 'count'
    ? 'that a key is in one store alone says nothing: verify by content, or by version'
    : null;
}

/** The phase must be a bake old, or somebody still acts on the one before: a backfill could pass by what is created meanwhile. */
function whyNot(request: RunRequest, { phase: stay, bake }: Surroundings, now: number): string | null {
  const { phase, since } = stay;
  const { kind, ifPossible } = request;
  const looks = kind === 'verify' && phase === 'contract' && !ifPossible;
  if (!looks && !runsIn(kind, phase)) return `The phase is ${phase}: ${RUNS_IN[kind].why}`;
  const noLook = looks ? whyNoLook(request, stay) : null;
  if (noLook !== null) return `The phase is ${phase}: ${noLook}`;
  const left = since + bake - now;
  if (left <= 0) return null;
  const wait = `Try again in ${Math.ceil(left / 1000)} s`;
  return `The phase has been ${phase} for a moment only: some requests may still be served as before. ${wait}`;
}
