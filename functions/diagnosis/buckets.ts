/** How the buckets keep documents: copies, durability, expiry, and what apps leave in them. */
import type { BucketFacts, BucketSettings, CouchbaseFacts } from '../stores/facts.ts';
import type { CouchbaseWanted } from './couchbase_lines.ts';
import { bad, doubtful, good, judged, together, type Verdict } from './line.ts';

/** The roles that may read all of a bucket's settings. */
const READERS = 'one of the roles Read-Only Admin (ro_admin) or Bucket Admin (bucket_admin)';
/** More of them, and the bucket takes no durable write. */
const MOST_REPLICAS = 2;
/** The version that brought `durabilityImpossibleFallback`. */
const FALLBACK_SINCE = 8;

export function bucketVerdicts(
  { buckets, collections, nodes }: CouchbaseFacts,
  wanted: CouchbaseWanted,
): Readonly<Record<string, Verdict>> {
  const each = (judge: (bucket: BucketFacts, name: string) => Verdict) =>
    together(Object.entries(buckets).map(([name, bucket]) => [name, judge(bucket, name)]));
  const setting = (judge: (settings: BucketSettings, bucket: string) => Verdict) =>
    each(({ settings }, name) => judged(settings, (value) => judge(value, name)));
  return {
    COUCHBASE_REPLICAS: setting(({ replicas }, bucket) =>
      told(replicas, (number) => replicasVerdict(number, isDurable(bucket, wanted))),
    ),
    COUCHBASE_DURABILITY_FALLBACK: setting(({ fallback }) => fallbackVerdict(fallback, nodes)),
    COUCHBASE_KEPT: setting(({ type, eviction }) => told(type, (found) => kept(found, eviction))),
    COUCHBASE_MAX_TTL: each((bucket, name) => maxTtl(bucket, name, wanted)),
    COUCHBASE_TRANSACTIONS: together([
      ...Object.entries(buckets).map(
        ([name, { transactions }]) => [name, judged(transactions, inBucket)] as const,
      ),
      ...Object.entries(collections).map(
        ([name, { transactions }]) => [name, judged(transactions, inCollection)] as const,
      ),
    ]),
  };
}

function told<Value>(value: Value | undefined, judge: (value: Value) => Verdict): Verdict {
  return judged(
    value === undefined ? { kind: 'notGranted', right: READERS } : { kind: 'read', value },
    judge,
  );
}

function isDurable(bucket: string, { collections }: CouchbaseWanted): boolean {
  return Object.values(collections).some(
    ({ place, durability }) => place.bucket === bucket && durability !== 'none',
  );
}

function replicasVerdict(replicas: number, durable: boolean): Verdict {
  const seen = `replicas: ${replicas}`;
  const todo = 'Give the bucket one or two replicas, with two or three nodes, and rebalance';
  if (replicas > MOST_REPLICAS && durable)
    return bad(
      `${seen}: durable writes are impossible`,
      `${todo}; or set durability: none for its collections`,
    );
  if (replicas === 0) return bad(`${seen}: a node that fails takes its documents with it`, todo);
  return durable
    ? good(seen)
    : doubtful(
        `${seen}, and a collection has durability: none: a failover may lose what was acknowledged`,
        'Set durability: majority, unless the bucket can never make such writes',
      );
}

/** Before 8.0 there is no such setting. */
function fallbackVerdict(fallback: string | undefined, nodes: CouchbaseFacts['nodes']): Verdict {
  if (fallback === undefined) {
    const major = (version: string) => Number.parseInt(version, 10);
    const isOld =
      nodes.kind === 'read' && nodes.value.every(({ version }) => major(version) < FALLBACK_SINCE);
    return isOld ? good('this version has no durabilityImpossibleFallback') : told<string>(undefined, good);
  }
  return fallback === 'disabled' || fallback === 'false'
    ? good('durabilityImpossibleFallback is off')
    : bad(
        `durabilityImpossibleFallback is ${fallback}: writes are acknowledged as durable that are not, and nothing tells`,
        'Set durabilityImpossibleFallback of the bucket to disabled',
      );
}

function kept(type: string, eviction: string | undefined): Verdict {
  if (type !== 'ephemeral') return good(`documents are on disk (${type})`);
  const gone = eviction === 'nruEviction' ? ', and drops documents where it is full' : '';
  return bad(
    `the bucket is Ephemeral: it keeps nothing on disk${gone}`,
    'Copy the documents into a Couchbase bucket first; whatever is evicted or lost counts as deleted',
  );
}

function maxTtl(
  { settings, maxTtl: ofCollections }: BucketFacts,
  bucket: string,
  wanted: CouchbaseWanted,
): Verdict {
  return judged(settings, ({ maxTtl: ofBucket }) =>
    told(ofBucket, (seconds) => {
      const set = [
        ...(seconds > 0 ? [`the bucket has ${seconds} s`] : []),
        ...Object.values(wanted.collections).flatMap(({ place }) => {
          if (place.bucket !== bucket || ofCollections.kind !== 'read') return [];
          const own = ofCollections.value[`${place.scope}.${place.collection}`] ?? 0;
          return own > 0 ? [`${place.scope}.${place.collection} has ${own} s`] : [];
        }),
      ];
      if (set.length > 0)
        return bad(
          `a maximum TTL: ${set.join(', ')}. Oracle takes the expiry that Couchbase gives only with the receipt of the write, and from contract on nobody gives one`,
          'Set maxTTL to 0, and let the apps give their documents an expiry',
        );
      return ofCollections.kind === 'read' ? good('no maximum TTL') : judged(ofCollections, () => good(''));
    }),
  );
}

function inBucket(found: boolean): Verdict {
  return found
    ? doubtful(
        'an app uses transactions: the API knows none, and what they have staged is in no document yet',
        'Let apps that write our collections do it through the API alone before expand',
      )
    : good('no records of transactions');
}

function inCollection(found: boolean): Verdict {
  return found
    ? bad(
        'records of transactions (_txn:…) lie among its documents: they would be copied, and change all the time',
        'Ignore them (keys.ignore of the collection), or let the apps keep their transaction metadata in another collection (metadataCollection), then delete these records',
      )
    : good('no records of transactions');
}
