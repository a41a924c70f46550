/** Couchbase whose documents are measured before they are read: reading one that is too large would end the process, or the connection of all others. */
import type { Answers, Measures } from '../stores/port.ts';
import { replacing } from '../stores/replacing.ts';
import { LARGEST_BODY } from '../stores/storable.ts';

type Reads = Pick<Answers<'couchbase'>, 'read'> & Measures<'couchbase'>;

/** The same store; `read` throws `TooLargeToRead`, and takes a request more. A store that cannot measure is left as it is. */
export function measured<Store extends Reads>(store: Store): Store {
  const readMeasured = store.readMeasured?.bind(store);
  if (readMeasured === undefined) return store;
  const read: Reads['read'] = (key, _, isAwaited) => readMeasured(key, LARGEST_BODY, isAwaited);
  return replacing(store, { read } as Partial<Store>);
}
