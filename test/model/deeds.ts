/** A history as the judge of excuses reads it: what reached a store, what a store forgot, which operations began and were answered. */
import type { Call } from '../../functions/protocol/call.ts';
import type { Phase, StoreName } from '../../functions/protocol/phase.ts';
import { isAway, type Move, runningOf } from './move.ts';
import type { Running, State } from './state.ts';
import type { World } from './world.ts';

export interface Event {
  readonly before: State;
  readonly move: Move;
  readonly after: State;
}

/** A call that a store has carried out. `bit` names the operation or the worker that made it. */
export interface Act<C extends Call = Call> {
  readonly kind: 'act';
  readonly bit: number;
  readonly phase: Phase;
  readonly call: C;
  readonly before: World;
  readonly after: World;
  /** Phases that somebody may act on. */
  readonly phases: readonly (Phase | null)[];
}

export type Deed =
  | Act
  | {
      readonly kind: 'forget';
      readonly store: StoreName;
      readonly before: World;
      readonly after: World;
    }
  /** Somebody else touches what Couchbase holds. */
  | { readonly kind: 'touch'; readonly before: World; readonly after: World }
  | { readonly kind: 'begun'; readonly bit: number }
  /** With anything but 503. */
  | { readonly kind: 'answered'; readonly bit: number; readonly refused: boolean };

/** Bits below are those of clients' operations. */
const FIRST_WORKER = 1 << 24;

export function isClient({ bit }: { readonly bit: number }): boolean {
  return bit < FIRST_WORKER;
}

export function deedsOf(events: readonly Event[]): Deed[] {
  return events.flatMap(deedsIn);
}

function deedsIn({ before, move, after }: Event): Deed[] {
  switch (move.kind) {
    case 'begin':
      return [{ kind: 'begun', bit: bitOf(after.clients[move.client]?.running) }];
    case 'forget':
      return [{ kind: 'forget', store: move.store, before: before.world, after: after.world }];
    case 'touch':
      return [{ kind: 'touch', before: before.world, after: after.world }];
    case 'straggler':
      return act(before.stragglers[move.index] as Running, before, after);
    case 'call': {
      const running = runningOf(before, move.who) as Running;
      const lost =
        isAway(before, running.place.call?.name) || move.fault === 'unapplied' || move.fault === 'straggling';
      const done = lost ? [] : act(running, before, after);
      const answered = typeof move.who === 'number' ? after.clients[move.who]?.answered : '';
      const over = runningOf(after, move.who) === null && answered !== '' && answered !== 'unknown';
      return over ? [...done, { kind: 'answered', bit: running.bit, refused: answered === 'refused' }] : done;
    }
    default:
      return [];
  }
}

function act(
  { place, phase, bit }: Pick<Running, 'place' | 'phase' | 'bit'>,
  before: State,
  after: State,
): Act[] {
  if (place.call === null) return [];
  const phases = [before.phase, before.stale];
  return [{ kind: 'act', bit, phase, call: place.call, before: before.world, after: after.world, phases }];
}

function bitOf(running: Running | null | undefined): number {
  return running?.bit ?? 0;
}
