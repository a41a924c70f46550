/**
 * A phase as its parameter holds it, and since when it lasts: by the clock of the service that keeps the parameter, which is one for all.
 * What the value says of its own beginning is the time of the publisher, whose clock may be off by any amount.
 */
import { type EffectivePhase, parsePhase } from './effective_phase.ts';

export interface StoredPhase {
  readonly value: string;
  /** Rises with every change, from 1. */
  readonly version: number;
  /** When this version was written, in milliseconds since the epoch, by the clock of the service that keeps it. */
  readonly changed: number;
}

/**
 * Throws `MalformedPhase`.
 * @param settling milliseconds for which the version before may still be read: reads of parameters are eventually consistent.
 */
export function phaseIn({ value, version, changed }: StoredPhase, settling: number): EffectivePhase {
  const phase = parsePhase(value);
  // A deployment made the first version: no phase came before it, so nothing has to be waited for.
  if (version === 1) return phase;
  const since = changed + settling;
  const { ramp } = phase;
  if (ramp === undefined) return { ...phase, since };
  // No stay begins after its last change: one that a hand has written so would hold each move for as long.
  const stay = Math.min(phase.since, since);
  return { ...phase, ramp: { ...ramp, since }, since: ramp.percent === 100 ? since : stay };
}
