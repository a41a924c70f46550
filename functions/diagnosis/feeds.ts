/** Who else writes our collections, or reads all their changes: replication to other clusters, and Eventing functions. */
import type { CouchbaseFacts, EventingFunction, Place, Replication } from '../stores/facts.ts';
import type { CouchbaseWanted } from './couchbase_lines.ts';
import { bad, doubtful, good, judged, type Verdict } from './line.ts';

export function feedVerdicts(
  { replications, functions }: CouchbaseFacts,
  { collections }: CouchbaseWanted,
): Readonly<Record<string, Verdict>> {
  const places = Object.values(collections).map(({ place }) => place);
  const feeds = Object.keys(collections).map(feedName);
  return {
    COUCHBASE_XDCR: judged(replications, (all) => xdcr(all, places)),
    COUCHBASE_EVENTING: judged(functions, (all) => eventing(all, places, feeds)),
  };
}

/** A cluster does not tell who replicates into it. */
function xdcr(all: readonly Replication[], places: readonly Place[]): Verdict {
  const ours = all.filter(({ source }) => places.some(({ bucket }) => bucket === source));
  if (ours.length === 0)
    return good('no replication leaves our buckets; whether one comes in, only the other cluster tells');
  return doubtful(
    ours.map(({ source, target, status }) => `${source} is replicated to ${target} (${status})`).join(', '),
    'The other cluster gets marks of deletions ({"crossfade":"deleted"}): filter them there. Make sure that it replicates nothing back, and set the ' +
      'flags to legacy before a switch-over to it',
  );
}

/** The Eventing function that is the change feed of a collection: `npx crossfade eventing` names it so. */
export function feedName(collection: string): string {
  return `crossfade-${collection}`;
}

/** @param feeds names of our own functions. */
function eventing(
  all: readonly EventingFunction[],
  places: readonly Place[],
  feeds: readonly string[],
): Verdict {
  const deployed = all.filter((each) => each.deployed);
  const names = (those: readonly EventingFunction[]) => those.map(({ name }) => name).join(', ');
  const writers = deployed.filter(({ writes }) => writes.some((target) => meetsAny(target, places)));
  if (writers.length > 0)
    return bad(
      `Eventing functions may write into our collections: ${names(writers)}. What they write goes past the API`,
      'Undeploy them, or let them write elsewhere, before expand',
    );
  const own = deployed.filter(({ name }) => feeds.includes(name));
  const readers = deployed.filter((each) => !own.includes(each) && meetsAny(each.source, places));
  if (readers.length > 0)
    return doubtful(
      `Eventing functions listen to our collections: ${names(readers)}. They see marks of deletions as documents`,
      'Let them pass over documents that have the member "crossfade"',
    );
  return own.length > 0
    ? good(`change feeds listen to our collections: ${names(own)}; no other Eventing function does`)
    : good('no deployed Eventing function has to do with our collections');
}

function meetsAny(place: Place, places: readonly Place[]): boolean {
  const same = (pattern: string, name: string) => pattern === '*' || pattern === name;
  return places.some(
    ({ bucket, scope, collection }) =>
      same(place.bucket, bucket) && same(place.scope, scope) && same(place.collection, collection),
  );
}
