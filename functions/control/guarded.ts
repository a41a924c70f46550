/** Where each collection stands, as the guard looks at it. Asks no store. */
import type { Wish } from '../phases/flags.ts';
import { wished } from '../phases/flags.ts';
import { PHASES, type Phase, wantedPhase } from '../protocol/phase.ts';
import { atOnce, readTogether } from './collections.ts';
import type { ControllerPorts, GuardState } from './ports.ts';
import { found, type Move, type Standing } from './publish.ts';
import { isShareBack } from './ramp.ts';

export interface Guarded extends GuardState {
  readonly collection: string;
  readonly standing: Standing;
  /** The move that has led there; null where nobody knows it, or another is under way. */
  readonly move: Move | null;
  readonly wish: Wish | { readonly refused: string };
}

const NOTHING: GuardState = { note: null, own: [] };

export async function guarded(
  { flags, register, request }: Pick<ControllerPorts, 'flags' | 'register' | 'request'>,
  collections: readonly string[],
): Promise<Guarded[]> {
  const reading = readTogether(collections, (collection) => found(register(collection), request));
  const wanting = await flags();
  return atOnce(collections, async (collection) => {
    const { standing, left } = await reading(collection);
    const claim = left === null ? await register(collection).claimed(standing.version - 1) : null;
    const move = claim === null ? null : (JSON.parse(claim.text) as Move);
    const wish = wished(() => wanting.wish(collection));
    return { collection, standing, move, wish, ...(wanting.guard?.(collection) ?? NOTHING) };
  });
}

/** Whether operators want the collection there, or further on. */
export function isWantedOn({ wish, standing }: Pick<Guarded, 'wish' | 'standing'>): boolean {
  if ('refused' in wish) return false;
  const wanted = wantedPhase(wish.flags);
  const { effective } = standing;
  if (!('phase' in wanted) || isShareBack(effective, wanted.phase)) return false;
  return at(wanted.phase) >= at(effective.phase);
}

const at = (phase: Phase) => PHASES.indexOf(phase);
