/**
 * Publishes a phase so that of any number of controllers exactly one decides each move, and whoever dies in the middle is
 * followed. 1. The move is claimed: a parameter named after the version of the phase that it leaves can be created once. 2. The
 * phase is written. Whoever finds a claim of the present version whose owner may still live writes what was claimed. One that
 * nobody writes any more was decided on evidence that is old by now: the present phase is written anew, in a version without a claim.
 *
 * All times here are those of one clock, the register's: when a version or a claim was written, and when an answer was given. The clocks
 * of controllers count for nothing. A phase begins when its value was written, so a write that lands late begins its bake late. A second
 * write of the same move lands within the time of its sender, who has read the version before; and the next move comes a bake after the
 * first one landed, which is longer. So no late write can follow a later move.
 */
import type { EffectivePhase } from '../phases/effective_phase.ts';
import { phaseIn, type StoredPhase } from '../phases/stored_phase.ts';
import type { Phase } from '../protocol/phase.ts';

/** What the register answers, and when: `now` is not after its answer, and at most a `RESOLUTION` before it. */
export interface Reading extends StoredPhase {
  readonly now: number;
}

/** Milliseconds by which `now` may be too early: an answer carries its time in whole seconds, cut off. */
export const RESOLUTION = 1000;

/** A claim, and when it was made. */
export interface Claim {
  readonly text: string;
  readonly at: number;
}

/** Where the phase is kept. */
export interface Register {
  read(): Promise<Reading>;
  /** The claim of the move that leaves this version, if there is one. */
  claimed(version: number): Promise<Claim | null>;
  /** Claims it. False where somebody has. */
  claim(version: number, text: string): Promise<boolean>;
  write(value: string): Promise<void>;
}

/** What is written down of a move. */
export interface Move {
  readonly from: Phase;
  readonly to: Phase;
  /** Percent of the keys that it has set a phase ahead, from `from`, which is `to`. Missing for a move of all keys. */
  readonly share?: number | undefined;
  readonly by: string;
  /** Milliseconds since the epoch, by the register's clock: when the controller looked. */
  readonly at: number;
  /** Why it was made, with what was measured. */
  readonly why: string;
  /** Whether it is the last: from `contract` to `contract`, without a way back. */
  readonly retired?: true | undefined;
}

/** The phase, and what time it is where it is kept. */
export interface Standing {
  readonly effective: EffectivePhase;
  readonly version: number;
  /** As in a `Reading`. */
  readonly now: number;
}

/** What is read of a collection. */
export interface Found {
  /** While a claim is left, nothing is to be decided: its phase begins later. */
  readonly standing: Standing;
  /** A move that somebody has claimed and not published; null where there is none, or another may be publishing it just now. */
  readonly left: {
    readonly move: Move;
    /** Publishes it, or gives it up where it was decided too long ago. To be called within the time of the look. */
    finish(): Promise<Standing>;
  } | null;
}

/** Reads the phase and its version, and writes nothing. @param time milliseconds that any controller has. */
export async function found(register: Register, time: number): Promise<Found> {
  const read = await register.read();
  const { version, now } = read;
  const effective = phaseIn(read, time);
  const claim = await register.claimed(version);
  if (claim === null) return { standing: { effective, version, now }, left: null };
  const undecided = { effective: { ...effective, since: now + time }, version, now };
  // Somebody may have finished it just now, and what was written may still be on its way.
  if (now >= claim.at + time && now < claim.at + 2 * time + RESOLUTION)
    return { standing: undecided, left: null };
  const move = JSON.parse(claim.text) as Move;
  const { to, by, retired } = move;
  const next = now < claim.at + time ? { to, by, retired } : { ...effective, to: effective.phase };
  // Its version is looked up when the next move is due, a bake from now.
  const finish = async () => ({
    effective: await publish(register, next, now, time),
    version: version + 1,
    now,
  });
  return { standing: undecided, left: { move, finish } };
}

/** The phase, and its version. Finishes, or gives up, a move that somebody has claimed and not published. */
export async function standing(register: Register, time: number): Promise<Standing> {
  const { standing: read, left } = await found(register, time);
  return left === null ? read : left.finish();
}

/**
 * Claims a move and publishes it, or publishes what somebody else has claimed. A claim that was made a moment ago may not be readable yet,
 * since reads are eventually consistent: then nothing is published here, and the next look finishes the move.
 * @param time milliseconds that this controller has left.
 * @returns the phase that was published here, if one was.
 */
export async function move(
  register: Register,
  version: number,
  made: Move,
  time: number,
): Promise<{ readonly effective: EffectivePhase | null; readonly won: boolean }> {
  const won = await register.claim(version, JSON.stringify(made));
  const claim = won ? made : await claimOf(register, version);
  if (claim === null) return { effective: null, won };
  return { effective: await publish(register, claim, made.at, time), won };
}

async function claimOf(register: Register, version: number): Promise<Move | null> {
  const claim = await register.claimed(version);
  return claim === null ? null : (JSON.parse(claim.text) as Move);
}

type Next = Pick<Move, 'to' | 'by' | 'retired'>;

async function publish(
  register: Register,
  { to, by, retired }: Next,
  now: number,
  time: number,
): Promise<EffectivePhase> {
  const lasting = retired === true ? { retired } : {};
  // For functions of the version before, which count from this: by then the write has landed, or never will.
  const since = now + RESOLUTION + time;
  const effective: EffectivePhase = { phase: to, since, by, ...lasting };
  await register.write(JSON.stringify(effective));
  return effective;
}
