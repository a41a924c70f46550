/** The mark of forced moves: which of them nothing has healed yet, and what heals them. */
import { type ForcedMove, withMark, withoutMark } from '../phases/forced_mark.ts';
import type { RampMark } from '../phases/ramp_mark.ts';
import type { Phase } from '../protocol/phase.ts';
import type { Times } from './conditions.ts';
import { type Evidence, type Missing, provenSince, untilNow, writesBoth } from './evidence.ts';
import type { Move } from './publish.ts';

/** Bytes that a parameter has room for. */
const ROOM = 4096;

/**
 * The forced moves that nothing is known to have healed. A move is healed by a clean verification of all keys by content that began
 * after its bake, in a phase in which both stores are written: what such a run has found equal does not depend on the gate that the
 * move has skipped. One that a later run has found a difference after heals nothing.
 * @param evidence null, or missing, where nothing is known.
 */
export function unhealed(
  forced: readonly ForcedMove[] | undefined,
  evidence: Evidence | Missing | null,
  { bake, now }: Pick<Times, 'bake' | 'now'>,
): readonly ForcedMove[] {
  if (forced === undefined) return [];
  if (evidence === null || 'missing' in evidence) return forced;
  const { verifications } = untilNow(evidence.collection, now);
  // Its publication takes less than one bake after it was decided, and its own bake is another.
  return forced.filter((move) => !provenSince(verifications, move.at + 2 * bake));
}

/** What an operator does about forced moves. */
export function healing(collection: string, phase: Phase): string {
  const verify = `npx crossfade verify start ${collection} --repair, until a run is clean`;
  return writesBoth(phase)
    ? verify
    : `in ${phase} only one store is written, so nothing can be compared. Once the collection has left ${phase}: ${verify}`;
}

/** A move that is to be made. */
export interface AskedMove extends Omit<Move, 'at'> {
  /** Forced moves that nothing is known to have healed. */
  readonly forced?: readonly ForcedMove[] | undefined;
  /** Whether it is made without its gate. */
  readonly skips?: boolean;
  /** The mark of a ramp that it leaves. */
  readonly ramp?: RampMark | null;
}

/** The move as it is claimed, with the mark that it leaves, and within the room of a parameter. @param version that it leaves. */
export function marked(
  { skips = false, forced = [], ramp = null, ...asked }: AskedMove,
  version: number,
  at: number,
): Move {
  const { from, to, why } = asked;
  const all = skips ? [...forced, { from, to, at, claim: version }] : forced;
  const beside = from === 'contract' && to === 'settle' ? 'from contract' : ramp;
  const move = { ...asked, at, by: withMark(withoutMark(asked.by), all, beside) };
  const rest = Buffer.byteLength(JSON.stringify({ ...move, why: '' }));
  return { ...move, why: cut(why, ROOM - rest) };
}

/** A forced move with what its claim says of it. */
export interface ToldForce extends ForcedMove {
  /** Null where the claim is gone. */
  readonly by: string | null;
  readonly why: string | null;
}

/** @param claim of the move; null where it is gone. */
export function toldForce(move: ForcedMove, claim: string | null): ToldForce {
  if (claim === null) return { ...move, by: null, why: null };
  const { by, why } = JSON.parse(claim) as Move;
  return { ...move, by: withoutMark(by), why: why.replace(FORCED, '') };
}

/** What the reason of a forced move begins with. */
const FORCED = /^forced: /;

export function isForced({ why }: Pick<Move, 'why'>): boolean {
  return FORCED.test(why);
}

/** The beginning of a text that takes at most so many bytes as JSON. */
function cut(text: string, bytes: number): string {
  const fits = (length: number) => Buffer.byteLength(JSON.stringify(text.slice(0, length))) <= bytes;
  let [least, most] = [0, text.length];
  while (least < most) {
    const middle = Math.ceil((least + most) / 2);
    if (fits(middle)) least = middle;
    else most = middle - 1;
  }
  // Not the half of a character.
  return text.slice(0, least).toWellFormed();
}
