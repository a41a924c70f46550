/** What a look at Couchbase before a backfill reads, and where it is kept. */
import type { PreflightPorts } from '../operations/preflight.ts';
import { filledBy } from '../projection/filled.ts';
import { CONCURRENCY, couchbaseKeys, couchbaseSizes } from '../runs/ports.ts';
import { mappingStamp } from '../runs/stamp.ts';
import { readMany } from '../stores/couchbase/read_many.ts';
import { isProbe } from '../stores/feed_probe.ts';
import { byBeginning, ownerOf, rangesBeside } from '../stores/selection.ts';
import type { Container } from './container.ts';
import { presentLoad } from './load.ts';
import { namedTables } from './named_tables.ts';
import { probeKeys } from './probe_keys.ts';

/** Where none of those that are asked at a time is answered, the others would only cost as much time again. */
const READING = { concurrency: CONCURRENCY, most: Number.POSITIVE_INFINITY, silent: CONCURRENCY };

/** @param timely whether there is time for another batch. */
export function preflightPorts(parts: Container, collection: string, timely: () => boolean): PreflightPorts {
  const { stores, configuration, now } = parts;
  const { call } = configuration.timing;
  const both = stores.of(collection);
  const { couchbase, oracle, selection, table } = both;
  const { projections } = table;
  const siblings = stores.siblings(collection);
  // Also what no collection takes; and not what certainly is another one's.
  const ranges = rangesBeside(siblings.flatMap(({ own }) => own).toSorted(byBeginning));
  return {
    keys: couchbaseKeys(both, call, ranges),
    owner: (key) => (isProbe(key) ? 'ignored' : ownerOf(key, selection, siblings)),
    ...{ sizes: couchbaseSizes(both, call), timely, now },
    read: (keys) => readMany(couchbase, keys, READING),
    require: (key, content) => oracle.require(key, content),
    filling: (key, content) => filledBy(projections, key, content),
    projections: namedTables(projections),
    durabilityProblem: () => couchbase.durabilityProblem(probeKeys()),
    load: () => presentLoad(parts),
    ...{ walks: stores.preflights, attempts: stores.attempts },
    stamp: mappingStamp(stores.mapping(collection)),
  };
}
