/**
 * Documents that are set aside since they were written past Oracle, which orders their keys. Whoever meets one first replaces it: a receipt of our own write, one
 * of a change feed, a request, a copy-back. Nobody finds it afterwards, so each of them tells of it.
 */
import { isGivenAfter, type Version } from '../protocol/version.ts';
import type { Answers } from './port.ts';
import { replacing } from './replacing.ts';

type Keeps = Pick<Answers<'oracle'>, 'keep'>;

/** The same store. @param told of each such document, once it is set aside; more than once where what follows fails. Must not throw. */
export function tellingPastOracle<Store extends Keeps>(
  store: Store,
  told: (key: string, version: Version) => void,
): Store {
  const keep: Keeps['keep'] = async (key, args, isAwaited) => {
    const reply = await store.keep(key, args, isAwaited);
    if (args.reason === 'past oracle') told(key, args.state.version);
    return reply;
  };
  return replacing(store, { keep } as Partial<Store>);
}

/**
 * Whether somebody else has written it for sure. During a move, and a bake longer, a plain write of our own may be on its way while Oracle begins to order its key.
 * @param version that Couchbase has given it: nanoseconds since the epoch, by its clock. @param since when the phase began, in milliseconds since the epoch.
 * @param bake milliseconds.
 */
export function isForeign(version: Version, since: number, bake: number): boolean {
  return isGivenAfter(version, since + bake);
}
