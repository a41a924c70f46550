/** A key that the collection does not take: the request is refused before a store is asked. */
import { quoted } from '../../parsing/quoted.ts';
import type { Selection } from '../../stores/selection.ts';
import { type BadRequest, bad } from './problem.ts';

/** Null where it takes the key. No other collection is named: the caller may be granted none of it. */
export function notTaken(collection: string, key: string, selection: Selection): BadRequest | null {
  const taking = selection.of(key);
  if (taking === 'taken') return null;
  const of = `${quoted(key)} ${taking === 'ignored' ? 'is ignored by the settings of' : 'matches no pattern of'} ${quoted(collection)}`;
  const next =
    taking === 'ignored' ? 'No app is served it.' : 'Send the request to the collection that takes the key.';
  return bad('key-not-taken', `The key ${of}. Nothing was done. ${next}`);
}
