/** The moves between phases: they begin on evidence, or by force, and each has its bake. */

import { nextPhase, PHASES, type Phase, ROUTES } from '../../functions/protocol/phase.ts';
import { writtenIn } from './documents.ts';
import { gateHolds } from './move.ts';
import { provenBy } from './ramp.ts';
import type { Bug, Scenario } from './scenario.ts';
import { held, over, type Receipt, receiptSet, type State } from './state.ts';

/** A run of copy-back asks for every key. */
const COPY_BACK: Receipt = { waits: 0, expired: 0n, old: true, run: true };

/** The next phase begins; routers act on the one before for as long as its bake takes. */
export function walk(state: State, scenario: Scenario, { rules = {} }: Bug): State {
  const next = scenario.walk[state.walked] ?? state.phase;
  const phase = rules.skipPhase ? nextPhase(next, beyond(state.phase, next)) : next;
  const backfilled = state.backfilled && phase !== 'legacy';
  const unwitnessed = state.unwitnessed || phase === 'legacy';
  const moved = { phase, stale: state.phase, walked: state.walked + 1 };
  const shards = scenario.shards === true ? leftBy(state) : state.shards;
  const held = gateHolds(state, scenario, rules);
  const proven = provenBy(state, phase, held, scenario, rules);
  const entered = { ...state, ...moved, ...{ verified: false, proven }, backfilled, unwitnessed, shards };
  return held ? entered : force(state, entered);
}

/** Phases in which runs act on the stores. */
const RUNS: ReadonlySet<Phase> = new Set(['expand', 'switch', 'settle']);
/** Messages that are left: more of them say nothing new. */
const MOST_LEFT = 2;

/** The messages with shards that are left when a phase is. */
function leftBy({ shards, phase, walked }: State): State['shards'] {
  return RUNS.has(phase) ? [...shards, { phase, walked }].slice(-MOST_LEFT) : shards;
}

/** What an earlier phase has not finished, nobody will. */
function force(before: State, entered: State): State {
  const receipts = entered.receipts.filter(({ run }) => !run);
  // What was acknowledged in `seal` is in both stores, and Couchbase orders its key.
  const excused = !(before.sealed && before.phase === 'seal' && entered.phase === 'expand');
  const marked = { ...entered, receipts, forced: true, excused, unwitnessed: true, due: [] };
  if (!apart(before)) return marked;
  return {
    ...marked,
    struck: before.struck + 1,
    owed: entered.phase === 'legacy' ? before.owed : owed(before),
  };
}

/** The stores hold different things, or Oracle orders the key. */
function apart({ world }: State): boolean {
  return world.row.handoff !== null || writtenIn(world.content) !== writtenIn(world.row.content);
}

/**
 * What was acknowledged last, where that is certain. A row that an earlier forced move has left handed off speaks for its key wherever
 * Oracle counts: who forces moves on without having looked at it gives up what Couchbase holds.
 */
function owed({ world, register, owed: before, phase }: State): readonly string[] {
  const forward = ROUTES[phase].order === 'couchbase' && world.row.handoff !== null;
  const kept = forward ? before.filter((value) => value === writtenIn(world.row.content)) : before;
  const { values, undecided } = register.possible;
  if (forward || undecided || values.length !== 1) return kept;
  return [...new Set([...kept, ...held(world).filter((value) => values.includes(value))])];
}

/** Nobody acts on the phase before any more. */
export function bake(state: State, noCopyBack: boolean): State {
  // What has begun in a ramp is no evidence for the phase that is alone now.
  const ended = state.proven === null ? null : state.verifier;
  const waits = ~(ended?.bit ?? 0);
  const receipts = state.receipts.map((each) => ({ ...each, old: true, waits: each.waits & waits }));
  const copyBack = state.stale === 'contract' && !noCopyBack;
  const all = receiptSet(copyBack ? [...receipts, COPY_BACK] : receipts);
  return {
    ...state,
    stale: null,
    sealed: false,
    verifier: ended === null ? state.verifier : null,
    receipts: all,
    register: determined(state),
    excused: state.crossing !== 0,
  };
}

/** What the key holds from now on, as far as that is known. */
function determined(state: State): State['register'] {
  const { phase, world, register, excused } = state;
  const [couchbase, oracle] = [writtenIn(world.content), writtenIn(world.row.content)];
  const known = excused ? register.fluid([couchbase, oracle], over(state)) : register;
  if (phase === 'legacy') return known.determine(couchbase);
  // Where Couchbase still orders the key, what it holds may come to Oracle on the way back.
  return phase === 'contract' && world.row.handoff !== null ? known.determine(oracle) : known;
}

function beyond(from: Phase, to: Phase): Phase {
  return PHASES.indexOf(to) > PHASES.indexOf(from) ? 'contract' : 'legacy';
}
