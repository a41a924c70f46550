/** Chances that can be had again. */
import { createHash } from 'node:crypto';

/** The same numbers for the same seed. */
export function seeded(seed: number): () => number {
  let drawn = 0;
  return () => {
    const digest = createHash('sha256').update(`${seed} ${drawn++}`).digest();
    return digest.readUInt32BE(0) / 2 ** 32;
  };
}
