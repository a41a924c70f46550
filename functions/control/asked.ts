/** What operators want of one collection, and what its moves may wait for beside their gates. */
import { type Wish, wished } from '../phases/flags.ts';
import { isTurnedBack } from '../phases/guard_note.ts';
import { shareOf } from '../phases/ramp.ts';
import type { Phase } from '../protocol/phase.ts';
import type { Beside } from './decide.ts';
import { type Waits, waitsOf } from './hold.ts';
import type { ControllerPorts, Wanting } from './ports.ts';
import type { Standing } from './publish.ts';
import { changedAt } from './ramp.ts';
import { passageOf } from './windows.ts';

export interface Asked {
  readonly wish: Wish | { readonly refused: string };
  readonly waits: Waits;
}

type Ports = Pick<ControllerPorts, 'bake' | 'request' | 'moves'>;

export function askedOf(ports: Ports, wanting: Wanting, collection: string): Asked {
  return {
    wish: wished(() => wanting.wish(collection)),
    waits: waitsFor(ports, wanting, collection),
  };
}

export function waitsFor({ bake, request, moves }: Ports, wanting: Wanting, collection: string): Waits {
  const [settings, holding] = [moves(collection), wanting.holding(collection)];
  const watch = settings.guard ?? null;
  const { note, own } = wanting.guard?.(collection) ?? { note: null, own: [] };
  const turnedBack = isTurnedBack(note, own);
  const guard = watch === null ? null : { settings: watch, bake, note, turnedBack };
  return { collection, settings, holding, passage: passageOf(request, bake, watch?.minutes), guard };
}

/** What a move from there waits for beside its gate. */
export function besideOf({ effective, version, now }: Standing, waits: Waits): Beside {
  const since = changedAt(effective);
  const move = { from: effective.phase, version, since, begun: shareOf(effective) > 0 };
  return { waits: (to: Phase) => waitsOf({ ...move, to }, waits, now), ramp: waits.settings.ramp };
}
