/** Lets a system that nobody uses any more come to rest, and holds what it then is against what was promised. */

import type { Value } from '../../functions/certification/operation.ts';
import type { Phase } from '../../functions/protocol/phase.ts';
import { agree, type Content } from '../../functions/protocol/state.ts';
import { isListed, writtenIn } from './documents.ts';
import { halfExpired } from './expiry.ts';
import { type Move, moves } from './move.ts';
import { KERNEL, SANE_CLOCK, type Scenario } from './scenario.ts';
import { atWork, held, type State } from './state.ts';
import type { System } from './step.ts';
import { couchbase } from './world.ts';

/** More than any rest has ever needed; beyond it, the system is taken to run in circles. */
const PATIENCE = 400;

/** Phases that are left towards `legacy` on evidence only, or where Couchbase is not looked at any more. */
const GUARDED: ReadonlySet<Phase> = new Set(['switch', 'settle', 'contract']);

export type Rest = { readonly kind: 'rest' } | { readonly kind: 'violation'; readonly what: string };

type Log = (move: Move, after: State) => void;

/** Run all that is left, without faults and one after the other, then look at the stores. */
export function drain(from: State, system: System, log: Log = () => {}): Rest {
  const state = expiredWhole(from, system, log);
  const finished = {
    ...state,
    failovers: 0,
    fallbacks: 0,
    faults: 0,
    repairs: PATIENCE,
    away: null,
    outages: 0,
  };
  // Receipts alone must have brought the stores together, wherever none was lost and backfill is done.
  const settled = run({ ...finished, verified: true }, system, log);
  if (settled.what !== null) return { kind: 'violation', what: settled.what };
  const { phase, backfilled, unwitnessed, forced } = settled.state;
  const apart = phase !== 'contract' && (phase !== 'expand' || backfilled) && !storesAgree(settled.state);
  if (apart && !unwitnessed) return { kind: 'violation', what: 'receipts did not bring the stores together' };
  // Nobody verifies on the last part of the way back, and clients of Couchbase would take a marker for a document.
  // After a forced move somebody has to, before anybody counts on it.
  // A failover may bring one back whose receipt is done.
  const forgot = state.failovers < system.scenario.failovers;
  const buried = system.bug.rules?.noDeadLettersGate === true || forgot;
  if (!GUARDED.has(phase) && !forced && !buried && markerIn(settled.state))
    return { kind: 'violation', what: 'receipts left a marker in Couchbase' };
  const verified = run({ ...settled.state, verified: false }, system, log);
  return verified.what === null ? atRest(verified.state, system) : { kind: 'violation', what: verified.what };
}

/** The clock that is behind gets as far as the other. */
function expiredWhole(from: State, system: System, log: Log): State {
  return halfExpired(from.world).reduce((state, digest) => {
    const move = { kind: 'expire', digest } as const;
    const next = system.step(state, move);
    log(move, next);
    return next;
  }, from);
}

function run(from: State, system: System, log: Log): { state: State; what: string | null } {
  const stay: Scenario = { ...system.scenario, walk: [], verification: 'always' };
  let state = from;
  for (let i = 0; i < PATIENCE; i++) {
    // Documents may as well live on.
    const left = moves(state, stay, system.bug).filter(({ kind }) => kind !== 'expire' && kind !== 'ttl');
    // Whoever touches documents does it at once from now on, and no repair is quicker.
    const touch = left.find((move) => move.kind === 'touch');
    const other = left.find(({ kind }) => kind === 'call') ?? left[0];
    const next = touch === undefined ? other : { ...touch, late: touch.late && i === 0 };
    if (next === undefined) return { state, what: null };
    state = system.step(state, next);
    log(next, state);
  }
  return { state, what: `still at work after ${PATIENCE} steps` };
}

/** What is wrong with a state on its way, if anything. */
export function wrong({ register, outage, excused }: State, system: System): string | null {
  if (register.broken && !excused && comparable(system)) return 'not linearizable';
  return outage ? 'no answer, though nothing had failed' : null;
}

/** A clock behind the versions in use leaves no order to hold a history against; the rest is still asked for. */
function comparable({ scenario }: System): boolean {
  return scenario.clock >= SANE_CLOCK || scenario.close;
}

export function quiet(state: State, system: System): boolean {
  const { clients } = system.scenario;
  return state.clients.every(({ begun }, i) => begun === clients[i]?.length) && atWork(state).length === 0;
}

function atRest(state: State, system: System): Rest {
  const { phase, register } = state;
  const seen = lastRead(state, system);
  const read = register.invoke(99, { kind: 'read', value: null });
  const value = writtenIn(seen);
  if (comparable(system) && read.answer(99, { kind: 'done', value }).broken)
    return { kind: 'violation', what: `at rest a read sees ${value ?? 'nothing'}: not linearizable` };
  const lost = state.owed.find((digest) => !isKept(digest, state));
  if (lost !== undefined)
    return { kind: 'violation', what: `${lost}, acknowledged before a forced move, is gone without a trace` };
  const missed = phase === 'legacy' ? undefined : state.due.find((value) => !isShown(value, seen, state));
  if (missed !== undefined)
    return {
      kind: 'violation',
      what: `${missed ?? 'a deletion'}, which a store had kept, is not back at rest`,
    };
  if (phase === 'contract') return { kind: 'rest' };
  if (markerIn(state)) return { kind: 'violation', what: 'a marker is left in Couchbase at rest' };
  if (!storesAgree(state)) return { kind: 'violation', what: 'the stores differ at rest' };
  return { kind: 'rest' };
}

function lastRead({ phase, world }: State, system: System): Content {
  const read = system.bug.kernel?.read ?? KERNEL.read;
  let place = system.memory.beginning(`last read ${phase}`, () => read(phase));
  for (let at = world; place.call !== null; ) {
    // The queue takes receipts: a read sends one where it gives a key back.
    if (place.call.name.startsWith('receipt.')) {
      place = place.after(place.call.name === 'receipt.sent' ? true : null);
      continue;
    }
    const reached = system.memory.reached(place, at);
    at = reached.world;
    place = place.after(reached.reply);
  }
  return place.ending?.kind === 'returned' ? (place.ending.value as { content: Content }).content : null;
}

/** It is what a read sees, or its time is up. */
function isShown(value: Value, seen: Content, { world }: State): boolean {
  return writtenIn(seen) === value || (value !== null && world.expired.includes(value));
}

/** In a store, set aside, or of a time that is up. */
function isKept(digest: string, { world }: State): boolean {
  return held(world).includes(digest) || isListed(world.aside, digest) || world.expired.includes(digest);
}

function markerIn({ world }: State): boolean {
  const held = couchbase(world, {});
  return held.cas !== 0n && held.content === null;
}

function storesAgree({ phase, world }: State): boolean {
  return phase === 'legacy' || agree(couchbase(world, {}), world.row);
}
