/** When each collection has its turn in a look that makes a few moves. */
import type { EffectivePhase } from '../phases/effective_phase.ts';
import type { Wish } from '../phases/flags.ts';
import { PHASES, type Phase, wantedPhase } from '../protocol/phase.ts';
import { isForced } from './forced.ts';
import type { Found, Move } from './publish.ts';
import { isShareBack } from './ramp.ts';

/** What decides when a collection has its turn. */
export interface Turn {
  /** Whether its next move goes back, or was forced: so a service leaves an emergency. */
  readonly urgent: boolean;
  /** Whether a move of it is claimed, and not published yet. */
  readonly claimed: boolean;
  /** When its phase began. */
  readonly since: number;
}

/** Of a collection whose phase could not be read. */
const LAST: Turn = { urgent: false, claimed: false, since: Number.MAX_VALUE };

/**
 * The collections in the order in which they may move. The urgent ones come first, and all of them have had their turn before the first of the
 * others: one that waits for an answer keeps its place. Then those whose move is claimed: nothing else happens to them before it is published.
 * Then the one that has stayed in its phase for the longest time, so a collection that has just moved keeps no other from its move.
 */
export async function inTurn(
  collections: readonly string[],
  turnOf: (collection: string) => Promise<Turn>,
): Promise<{ readonly urgent: readonly string[]; readonly others: readonly string[] }> {
  const turns = await Promise.all(
    collections.map(async (collection) => ({ collection, ...(await turnOf(collection).catch(() => LAST)) })),
  );
  const sorted = turns.sort(
    (one, other) => Number(other.claimed) - Number(one.claimed) || one.since - other.since,
  );
  const named = (wanted: boolean) =>
    sorted.filter(({ urgent }) => urgent === wanted).map(({ collection }) => collection);
  return { urgent: named(true), others: named(false) };
}

/** @param wish of the collection, or why it has none. */
export function turnOf({ standing, left }: Found, wish: Wish | { readonly refused: string }): Turn {
  const { effective } = standing;
  const { since } = effective;
  const urgent = (left !== null && isUrgent(left.move)) || ('flags' in wish && isWishedBack(wish, effective));
  return { urgent, claimed: left !== null, since };
}

function isUrgent(move: Move): boolean {
  return isForced(move) || isBack(move.from, move.to) || move.share === 0;
}

function isWishedBack({ flags }: Wish, effective: EffectivePhase): boolean {
  const wanted = wantedPhase(flags);
  if (!('phase' in wanted)) return false;
  return isBack(effective.phase, wanted.phase) || isShareBack(effective, wanted.phase);
}

function isBack(from: Phase, to: Phase): boolean {
  return PHASES.indexOf(to) < PHASES.indexOf(from);
}
