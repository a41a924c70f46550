/** What operators want of one collection, and what its moves may wait for beside their gates. */
import { type Wish, wished } from '../phases/flags.ts';
import type { Waits } from './hold.ts';
import type { ControllerPorts, Wanting } from './ports.ts';

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
  // Into seal, switch and settle: each is published, and bakes before the next; in seal a verification begins after a second bake.
  return { collection, settings, holding, passage: 3 * (request + bake) };
}
