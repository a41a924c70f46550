/** A key that the collection does not take: the request is refused before a store is asked. */
import { quoted } from '../../parsing/quoted.ts';
import type { Selection } from '../../stores/selection.ts';
import { type BadRequest, bad } from './problem.ts';

/** Null where it takes the key. No other collection is named: the caller may be granted none of it. */
export function notTaken(collection: string, key: string, selection: Selection): BadRequest | null {
  const taking = selection.of(key);
  if (taking === 'taken') return null;
  const why =
    taking === 'ignored'
      ? 'is one that no app is served, since the settings of the collection ignore it.'
      : 'matches no pattern of the collection: its documents have other keys.';
  return bad(
    'key-not-taken',
    `The key ${quoted(key)} ${why} Nothing was done. Ask ${quoted(collection)} for its own keys, and the collection that takes this one for this one.`,
  );
}
