/** What is well with Couchbase, and what is not: from what was read of it, and what the configuration wants. */
import type { Durability } from '../stores/durability.ts';
import type { CouchbaseFacts, Node, Place } from '../stores/facts.ts';
import { bucketVerdicts } from './buckets.ts';
import { encryptionVerdict } from './encryption.ts';
import { feedVerdicts } from './feeds.ts';
import {
  bad,
  doubtful,
  good,
  isReached,
  judged,
  type Line,
  linesOf,
  reached,
  type Side,
  together,
  type Verdict,
} from './line.ts';
import { rolesVerdict } from './roles.ts';
import { timedVerdicts } from './timed.ts';

export interface CouchbaseWanted {
  /** By the names of the collections. */
  readonly collections: Readonly<Record<string, { readonly place: Place; readonly durability: Durability }>>;
  readonly side: Side;
  /** Milliseconds for one call. */
  readonly call: number;
}

/** The first version with all that Crossfade uses, and the first with which documents can be served. */
const [WHOLE, LEAST] = [
  [7, 6],
  [7, 2],
] as const;

export function couchbaseLines(facts: CouchbaseFacts, wanted: CouchbaseWanted): Line[] {
  const answers = reached(facts.answers, wanted.side, facts.encryption.kind === 'read');
  if (!isReached(facts.answers))
    return linesOf({ COUCHBASE: answers, COUCHBASE_TLS: judged(facts.encryption, encryptionVerdict) });
  return linesOf({
    ...{ COUCHBASE: answers, COUCHBASE_TLS: judged(facts.encryption, encryptionVerdict) },
    COUCHBASE_VERSION: judged(facts.nodes, versions),
    COUCHBASE_NODES: judged(facts.nodes, nodes),
    COUCHBASE_ROLES: judged(facts.roles, (roles) =>
      rolesVerdict(
        roles,
        Object.values(wanted.collections).map(({ place }) => place),
      ),
    ),
    ...bucketVerdicts(facts, wanted),
    COUCHBASE_INDEXES: indexes(facts),
    ...feedVerdicts(facts, wanted),
    ...timedVerdicts('COUCHBASE', facts, wanted.call),
  });
}

function versions(all: readonly Node[]): Verdict {
  const found = [...new Set(all.map(({ version }) => version))];
  const numbers = all.map(({ version }) => version.split('.').map((part) => Number.parseInt(part, 10)));
  const isBelow = (least: readonly [number, number]) =>
    numbers.some(([major = 0, minor = 0]) => major < least[0] || (major === least[0] && minor < least[1]));
  const seen = found.join(', ');
  const todo = `Upgrade all nodes to ${WHOLE.join('.')} or later before the first backfill`;
  if (isBelow(LEAST)) return bad(`${seen}: Crossfade needs ${WHOLE.join('.')} or later`, todo);
  if (isBelow(WHOLE))
    return doubtful(
      `${seen}: a large collection cannot be planned without sampling scans, which 7.6 brought`,
      todo,
    );
  return found.length > 1
    ? doubtful(`nodes of several versions: ${seen}`, 'Finish the upgrade of the cluster before a move')
    : good(seen);
}

function nodes(all: readonly Node[]): Verdict {
  const sick = all.filter(({ status }) => status !== 'healthy');
  return sick.length === 0
    ? good(`nodes: ${all.length}, all healthy`)
    : bad(
        `of ${all.length} nodes ${sick.length} are not healthy: ${[...new Set(sick.map(({ status }) => status))].join(', ')}`,
        'Bring them back, or fail them over, add others and rebalance',
      );
}

/** What is needed is that keys can be listed. The index by which they are is told to users with more rights only. */
function indexes({ collections }: CouchbaseFacts): Verdict {
  return together(
    Object.entries(collections).map(([name, { listing, primaryIndexes, listsVersions = false }]) => [
      name,
      judged(listing, (found) => {
        if (found === 'missing')
          return bad('there is no such collection', 'Create it, or mend the configuration');
        if (found === 'noIndex')
          return bad(
            'no index lists its keys',
            'CREATE PRIMARY INDEX on the collection, and wait until it is online',
          );
        // It makes verifications by version short, and nothing needs it.
        const besides = listsVersions ? ', and an index of versions answers' : '';
        if (primaryIndexes.kind !== 'read') return good(`its keys can be listed${besides}`);
        if (primaryIndexes.value.includes('online')) return good(`a primary index is online${besides}`);
        return doubtful(
          primaryIndexes.value.length === 0
            ? 'its keys can be listed, and not by a primary index'
            : `its primary index is ${primaryIndexes.value.join(', ')}`,
          'CREATE PRIMARY INDEX on the collection, and wait until it is online',
        );
      }),
    ]),
  );
}
