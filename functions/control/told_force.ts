/** What operators are told of forced moves that nothing has healed: who has forced them, and why, is in their claims. */
import type { ForcedMove } from '../phases/forced_mark.ts';
import type { Phase } from '../protocol/phase.ts';
import { healing, toldForce } from './forced.ts';
import type { Register } from './publish.ts';
import type { Seen } from './seen.ts';

export async function toldForces(
  register: Pick<Register, 'claimed'>,
  collection: string,
  phase: Phase,
  forced: readonly ForcedMove[],
): Promise<Pick<Seen, 'forced' | 'heals'>> {
  const told = forced.map(async (each) => {
    const claim = await register.claimed(each.claim);
    return toldForce(each, claim?.text ?? null);
  });
  return { forced: await Promise.all(told), heals: forced.length === 0 ? null : healing(collection, phase) };
}
