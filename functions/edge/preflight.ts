/** What a look at Couchbase before a backfill reads. */
import type { PreflightPorts } from '../operations/preflight.ts';
import { type Both, CONCURRENCY, couchbaseKeys, couchbaseSizes } from '../runs/ports.ts';
import { readMany } from '../stores/couchbase/read_many.ts';
import { probeKeys } from './probe_keys.ts';

/**
 * @param call the longest time of one call, in milliseconds.
 * @param timely whether there is time for another batch.
 * @param load of Oracle, as it is now.
 */
export function preflightPorts(
  both: Both,
  call: number,
  timely: () => boolean,
  load: PreflightPorts['load'],
): PreflightPorts {
  const { couchbase, oracle } = both;
  return {
    ...{ keys: couchbaseKeys(both, call), sizes: couchbaseSizes(both, call), timely, load },
    read: (keys) => readMany(couchbase, keys, { concurrency: CONCURRENCY, most: Number.POSITIVE_INFINITY }),
    require: (key, content) => oracle.require(key, content),
    durabilityProblem: () => couchbase.durabilityProblem(probeKeys()),
  };
}
