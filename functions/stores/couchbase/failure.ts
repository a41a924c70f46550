/** Sorts the driver's errors by what is to be done about them. */
import * as couchbase from 'couchbase';
import {
  DurabilityImpossible,
  OperatorNeeded,
  PoisonDocument,
  StoreUnavailable,
  type Target,
} from '../failure.ts';

type ErrorClass = abstract new (...args: never[]) => Error;

const NO_COLLECTION = 'there is no such collection. Create it, or check the configuration';

const TOO_OLD =
  'this server cannot do that. Upgrade it: Crossfade needs Couchbase 7.6 or later, whose sampling scans the plan of a large collection is made from';

const OPERATOR: readonly (readonly [ErrorClass, string])[] = [
  [
    couchbase.AuthenticationFailureError,
    'the user name or password was refused, or lacks a role. Check the secret and the grants',
  ],
  [couchbase.BucketNotFoundError, 'there is no such bucket. Check the configuration of the collection'],
  [couchbase.ScopeNotFoundError, 'there is no such scope. Check the configuration of the collection'],
  [couchbase.CollectionNotFoundError, NO_COLLECTION],
  [
    couchbase.PlanningFailureError,
    'there is no index to list keys by. CREATE PRIMARY INDEX on the collection, wait until it is online',
  ],
  [
    couchbase.ParsingFailureError,
    'the query service does not understand the statement. Is it Couchbase 7.6 or later?',
  ],
  [
    couchbase.DurabilityLevelNotAvailableError,
    'the bucket cannot do that durability: an Ephemeral bucket keeps nothing on disk. Set `durability` of the collection to majority',
  ],
  [couchbase.IndexNotFoundError, 'the primary index is gone. CREATE PRIMARY INDEX on the collection'],
  [couchbase.UnsupportedOperationError, TOO_OLD],
  [couchbase.FeatureNotAvailableError, TOO_OLD],
];

const POISON: readonly (readonly [ErrorClass, string])[] = [
  [couchbase.ValueTooLargeError, 'the document is larger than the 20 MiB that Couchbase holds. Split it'],
  [couchbase.InvalidArgumentError, 'Couchbase refuses the key or value. Keys are 1 to 246 bytes of UTF-8'],
  [couchbase.PathInvalidError, 'the xattr cannot be read. Remove or rename it'],
];

/**
 * Raised before anything was sent, or by an answer that says "no". Where a durable write of the key is under way, or is being committed again
 * after a failover, the driver (4.7.0) tries until its time is up, and says only that it is: the two errors are for one that does not.
 * `DurabilityAmbiguousError` is none of these: the write may be committed later.
 */
const NOT_APPLIED: readonly ErrorClass[] = [
  couchbase.DurableWriteInProgressError,
  couchbase.DurableWriteReCommitInProgressError,
  couchbase.UnambiguousTimeoutError,
  couchbase.TemporaryFailureError,
  couchbase.DocumentLockedError,
  couchbase.RateLimitedError,
  couchbase.QuotaLimitedError,
];

/** The failure to throw for what the driver threw. @param mutation whether the call would have changed something. */
export function failureOf(error: unknown, target: Target, mutation: boolean): Error {
  const is = ([type]: readonly [ErrorClass, string]) => error instanceof type;
  const operator = OPERATOR.find(is);
  if (operator !== undefined) return new OperatorNeeded(target, operator[1], error);
  if (waitedForCollection(error)) return new OperatorNeeded(target, NO_COLLECTION, error);
  if (error instanceof couchbase.DurabilityImpossibleError) return new DurabilityImpossible(target, error);
  const poison = POISON.find(is);
  if (poison !== undefined) return new PoisonDocument(target, poison[1], error);
  // Whatever else the driver says, its own words may come too late: only some errors prove that nothing happened.
  if (error instanceof couchbase.CouchbaseError) {
    const doubt = mutation && !NOT_APPLIED.some((type) => error instanceof type);
    return new StoreUnavailable(target, doubt, error, hintOf(error));
  }
  return error instanceof Error ? error : new Error(String(error));
}

const NEVER_SENT = 'It was never sent: is Couchbase reachable, and does it have that bucket?';

const OTHER_WRITE =
  'Another durable write of this document was not committed yet: a node that holds a copy of it is slow, or has just failed over.';

function hintOf(error: Error): string {
  if (neverSent(error)) return NEVER_SENT;
  return retriedFor(error).some((reason) => reason.includes('sync_write')) ? OTHER_WRITE : '';
}

/** The driver tells a missing bucket only after its own bootstrap has given up, which is later than most calls wait. */
function neverSent(error: Error): boolean {
  const context: unknown = error.cause;
  if (!(error instanceof couchbase.TimeoutError) || typeof context !== 'object' || context === null)
    return false;
  return !('last_dispatched_to' in context) || context.last_dispatched_to === undefined;
}

/** For an unknown collection the driver retries until time is up, in case it is being made; it tells only in passing. */
function waitedForCollection(error: unknown): boolean {
  return retriedFor(error).includes('key_value_collection_outdated');
}

/** Why the driver has tried a call again, until its time was up. */
function retriedFor(error: unknown): readonly string[] {
  if (!(error instanceof couchbase.TimeoutError)) return [];
  const context: unknown = error.cause;
  if (typeof context !== 'object' || context === null || !('retry_reasons' in context)) return [];
  return Array.isArray(context.retry_reasons) ? context.retry_reasons.map(String) : [];
}

/** Whether Couchbase has had no memory for a mutation. The driver (4.7.0) tries again until time is up, and tells it in passing. @param error as a store throws it. */
export function hasNoMemory(error: unknown): boolean {
  if (!(error instanceof StoreUnavailable)) return false;
  const { cause } = error;
  return (
    cause instanceof couchbase.TemporaryFailureError ||
    retriedFor(cause).includes('key_value_temporary_failure')
  );
}

/** No document, another CAS, or a document that should not be there. */
export function isGuardFailed(error: unknown): boolean {
  return (
    error instanceof couchbase.DocumentNotFoundError ||
    error instanceof couchbase.CasMismatchError ||
    error instanceof couchbase.DocumentExistsError
  );
}
