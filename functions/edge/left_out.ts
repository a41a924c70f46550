/** Whether operators have left a document out, over both stores. */
import { letterId } from '../books/letters.ts';
import { stateOf } from '../stores/snapshot.ts';
import { look } from '../verification/look.ts';
import { looksAt } from '../verification/ports.ts';
import type { Container } from './container.ts';
import type { Decisions, Leave } from './dead_letters.ts';

type Parts = Pick<Container, 'stores' | 'phases' | 'now'> & {
  readonly configuration: { readonly timing: Pick<Container['configuration']['timing'], 'call'> };
};

/** The state of both stores, without the bodies: reading one may be what workers die of. Null where it cannot be read. */
export async function presentState(
  { stores, phases, configuration, now }: Parts,
  collection: string,
  key: string,
): Promise<string | null> {
  try {
    const { phase } = await phases.current(collection);
    const looks = looksAt(stores.of(collection), 'glance', now, configuration.timing.call);
    const [pair] = await look([key], looks, phase);
    return pair === undefined ? null : stateOf(pair);
  } catch {
    return null;
  }
}

/** Whether the document is in the state in which it was left out. Where that cannot be read, it is not: it is set aside again. */
export async function isLeftOut(parts: Parts, collection: string, key: string): Promise<boolean> {
  const left = await leftState(parts, collection, key).catch(() => null);
  return left !== null && left === (await presentState(parts, collection, key));
}

/** In which state an operator has left the document out; null where none has. */
export function leftState(
  { stores }: Pick<Parts, 'stores'>,
  collection: string,
  key: string,
): Promise<string | null> {
  return stores.leftOut.state(letterId('', { collection, key }));
}

/** Of one request: once the state of a document cannot be read, that of no other is, since each would take a call's time. */
export function leaveOut(parts: Parts): Leave {
  let readable = true;
  return async ({ id, collection, key }) => {
    if (collection === null || key === null) return;
    const state = readable ? await presentState(parts, collection, key) : null;
    readable = state !== null;
    await parts.stores.leftOut.note(id, state);
  };
}

/** What sweeps and operators ask and decide of documents that are left out. */
export function decisionsOver(parts: Parts): Decisions {
  return { leave: leaveOut(parts), isLeftOut: (letter) => isLetterLeftOut(parts, letter) };
}

/** The same of the document of a letter; false where it names none. Never rejects. */
export async function isLetterLeftOut(
  parts: Parts,
  { collection, key }: Parameters<Decisions['isLeftOut']>[0],
): Promise<boolean> {
  return collection !== null && key !== null && isLeftOut(parts, collection, key);
}
