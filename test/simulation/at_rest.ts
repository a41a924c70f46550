/** What is wrong with a system in which nothing is on its way any more. */

import type { Value } from '../../functions/certification/operation.ts';
import { type Call, perform, type Reply } from '../../functions/protocol/call.ts';
import type { Phase } from '../../functions/protocol/phase.ts';
import { read } from '../../functions/protocol/read.ts';
import { verify } from '../../functions/protocol/verify.ts';
import type { Clients } from './clients.ts';
import type { Container } from './container.ts';
import type { Operators } from './operators.ts';
import type { ReceiptQueue } from './queue.ts';
import type { Process } from './scheduler.ts';
import { heldIn } from './trace.ts';
import type { SimulatedStores } from './world.ts';

export interface AtRest {
  readonly clients: Clients;
  readonly router: Container;
  readonly queue: ReceiptQueue;
  readonly stores: SimulatedStores;
  readonly operators: Operators;
  readonly phase: Phase;
  readonly keys: readonly string[];
  /** Further promises. @param shown what a read of the key finds. */
  readonly judges: readonly ({ judge(key: string, shown: Value): string | null } | null)[];
}

/** Null for nothing. What clients read is told to their history. */
export async function wrongAtRest(operator: Process, parts: AtRest): Promise<string | null> {
  const { clients, router, queue, stores, operators, phase, keys, judges } = parts;
  for (const key of keys) await clients.read(operator, router, key);
  if (queue.dead.length > 0) return `Receipts are dead: ${queue.dead.join()}`;
  let wrong: string | null = null;
  for (const key of keys) {
    const calls = callsOf(stores, key);
    const verdict = await perform(verify(phase), calls);
    const isLeft = operators.leavesMarkers && verdict === 'marker';
    if (verdict !== 'equal' && !isLeft) wrong ??= `${key}: ${verdict} in ${phase}, at rest`;
    const shown = heldIn((await perform(read(phase), calls)).content);
    for (const each of judges) wrong ??= each?.judge(key, shown) ?? null;
  }
  return wrong;
}

/** Calls of a key, with nobody at work beside it. */
function callsOf(stores: SimulatedStores, key: string) {
  return async ({ name, ...args }: Call): Promise<Reply> => {
    if (name === 'receipt.send') return null;
    return name === 'receipt.sent' ? true : stores.execute(key, name, args as never);
  };
}
