/** Whether operators have left a document out, over both stores. */
import type { LeftOut } from '../books/left_out.ts';
import { letterId } from '../books/letters.ts';
import type { Place } from '../records/letter.ts';
import { PoisonDocument, TooLargeToRead } from '../stores/failure.ts';
import { stateOf } from '../stores/snapshot.ts';
import { LARGEST_BODY } from '../stores/storable.ts';
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

/**
 * Leaves out what Oracle can never take where operators have chosen so for its caller or its key: its letter is written closed, and nothing goes
 * into the queue of dead letters. False where nobody has chosen so, where an open letter is there, and where that cannot be told.
 * @param caller null where the receipt does not tell: then the letter of before may.
 */
export async function leftByChoice(
  parts: Parts,
  { body, reason, place }: { readonly body: string; readonly reason: string; readonly place: Place },
  caller: string | null,
): Promise<boolean> {
  const { leftOut } = parts.stores;
  try {
    if (!(await isChosen(leftOut, place, caller))) return false;
    const state = await presentState(parts, place.collection, place.key);
    return await leftOut.leave({ body, reason, place }, { state, caller, now: parts.now() });
  } catch {
    return false;
  }
}

async function isChosen(
  leftOut: Pick<LeftOut, 'choices' | 'caller'>,
  place: Place,
  caller: string | null,
): Promise<boolean> {
  const choices = await leftOut.choices(place.collection);
  const isOf = (of: 'caller' | 'prefix', matches: (subject: string) => boolean) =>
    choices.some((each) => each.of === of && matches(each.subject));
  if (isOf('prefix', (prefix) => place.key.startsWith(prefix))) return true;
  if (!choices.some(({ of }) => of === 'caller')) return false;
  const writer = caller ?? (await leftOut.caller(letterId('', place)));
  return isOf('caller', (name) => name === writer);
}

/**
 * Whether a difference is one that operators have chosen to leave out: Couchbase holds what the configuration says that Oracle can never take.
 * A document that is written all the time is in another state at every look, so the state that its letter keeps is not enough.
 */
export async function isUnstorableByChoice(
  { stores }: Pick<Parts, 'stores'>,
  collection: string,
  key: string,
): Promise<boolean> {
  if (!(await isChosen(stores.leftOut, { collection, key }, null))) return false;
  const { couchbase, oracle } = stores.of(collection);
  try {
    // One of 20 MiB would end the process.
    const { content } = await couchbase.readUpTo(key, LARGEST_BODY);
    oracle.require(key, content);
    return false;
  } catch (error) {
    if (error instanceof PoisonDocument || error instanceof TooLargeToRead) return true;
    throw error;
  }
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
