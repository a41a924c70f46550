/**
 * Publishes a phase so that of any number of controllers exactly one decides each move, and whoever dies in the middle is
 * followed. 1. The move is claimed: a parameter named after the version of the phase that it leaves can be created once. 2. The
 * phase is written. Whoever finds a claim of the present version whose owner may still live writes what was claimed. One that
 * nobody writes any more was decided on evidence that is old by now: the present phase is written anew, in a version without a claim.
 *
 * A write that its sender no longer waits for lands before the `since` that it carries, since the sender's time is up by then; and
 * the next move comes a bake after that. So no late write can follow a later move.
 */
import { type EffectivePhase, parsePhase } from '../phases/effective_phase.ts';
import type { Phase } from '../protocol/phase.ts';

/** Where the phase is kept. */
export interface Register {
  read(): Promise<{ readonly value: string; readonly version: number }>;
  /** The claim of the move that leaves this version, if there is one. */
  claimed(version: number): Promise<string | null>;
  /** Claims it. False where somebody has. */
  claim(version: number, text: string): Promise<boolean>;
  write(value: string): Promise<void>;
}

/** What is written down of a move. */
export interface Move {
  readonly from: Phase;
  readonly to: Phase;
  readonly by: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** Why it was made, with what was measured. */
  readonly why: string;
  /** Whether it is the last: from `contract` to `contract`, without a way back. */
  readonly retired?: true | undefined;
}

/** The phase, and its version. Finishes, or gives up, a move that somebody has claimed and not published. */
export async function standing(
  register: Register,
  now: number,
  time: number,
): Promise<{ readonly effective: EffectivePhase; readonly version: number }> {
  const { value, version } = await register.read();
  const standing = parsePhase(value);
  const claim = await register.claimed(version);
  if (claim === null) return { effective: standing, version };
  const { to, by, at, retired } = JSON.parse(claim) as Move;
  // Its version is looked up when the next move is due, a bake from now.
  const written = async (next: Next) => ({
    effective: await publish(register, next, now, time),
    version: version + 1,
  });
  if (now < at + time) return written({ to, by, retired });
  // Somebody may have finished it just now, and what was written may still be on its way: nothing is to be decided yet.
  if (now < at + 2 * time) return { effective: { ...standing, since: now + time }, version };
  return written({ ...standing, to: standing.phase });
}

/** Claims a move and publishes it, or publishes what somebody else has claimed. @param time milliseconds that this controller has left. */
export async function move(
  register: Register,
  version: number,
  made: Move,
  time: number,
): Promise<{ readonly effective: EffectivePhase; readonly won: boolean }> {
  const won = await register.claim(version, JSON.stringify(made));
  const claim = won ? made : (JSON.parse((await register.claimed(version)) ?? 'null') as Move | null);
  if (claim === null)
    throw new Error(`The claim of the move from version ${version} is gone: leave claims alone`);
  return { effective: await publish(register, claim, made.at, time), won };
}

type Next = Pick<Move, 'to' | 'by' | 'retired'>;

async function publish(
  register: Register,
  { to, by, retired }: Next,
  now: number,
  time: number,
): Promise<EffectivePhase> {
  // By then this write has landed, or never will.
  const lasting = retired === true ? { retired } : {};
  const effective: EffectivePhase = { phase: to, since: now + time, by, ...lasting };
  await register.write(JSON.stringify(effective));
  return effective;
}
