/**
 * Writes that Couchbase may have lost: they were not durable, a node of a collection without durability has failed over, or an operator has accepted another
 * store. While no verification has shown that they are still there, no gate opens.
 */
import { type CollectionEvidence, type Evidence, provenSince } from './evidence.ts';

/**
 * Milliseconds by which the clock of a container that begins a run may be ahead of that of one that has noted something: each may be off by a
 * second, since SSM tells the time in whole seconds, and by what an answer of SSM takes on its way.
 */
const CLOCKS = 3_000;

/**
 * Until when there may be such writes, where no clean verification by content that began after it stands; null where all is proven. What a
 * failover has taken away of them differs from Oracle, so such a run finds it.
 */
export function unprovenUntil({ notDurable, verifications }: CollectionEvidence): number | null {
  if (notDurable === null || notDurable === undefined) return null;
  const until = notDurable + CLOCKS;
  return provenSince(verifications, until) ? null : until;
}

/** What operators are told of it. */
export function notDurableText(until: number): string {
  return (
    `NOT_DURABLE: up to ${new Date(until).toISOString()} writes may lie on one node of Couchbase alone, or be lost: they were not durable, a node has ` +
    'failed over, or another store was accepted'
  );
}

/** The condition that Couchbase makes durable writes before anything depends on two stores: a failover would leave them apart. */
export function durabilityOf({ durabilityProblem: problem = null }: Evidence) {
  return {
    name: 'durability',
    holds: problem === null,
    measured: problem ?? 'writes are as durable as asked',
  };
}
