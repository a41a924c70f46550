/** The driver's errors, sorted by what is to be done about them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as couchbase from 'couchbase';
import { failureOf } from '../../../functions/stores/couchbase/failure.ts';
import {
  DurabilityImpossible,
  OperatorNeeded,
  PoisonDocument,
  StoreUnavailable,
} from '../../../functions/stores/failure.ts';

const TARGET = { store: 'couchbase', operation: 'upsert', collection: 'shop.orders', key: 'k' } as const;
/** @param context as the driver tells it beside an error. */
const thrown = (Type: new (cause?: Error) => Error, context?: object) =>
  new Type(context as Error | undefined);
const sorted = (error: unknown, mutation = true) => failureOf(error, TARGET, mutation);

test('what a person has to put right is told to a person, and how', () => {
  for (const [Type, next] of [
    [couchbase.AuthenticationFailureError, /Check the secret and the grants/],
    [couchbase.BucketNotFoundError, /no such bucket/],
    [couchbase.ScopeNotFoundError, /no such scope/],
    [couchbase.CollectionNotFoundError, /no such collection/],
    [couchbase.PlanningFailureError, /CREATE PRIMARY INDEX/],
    [couchbase.ParsingFailureError, /7\.6 or later/],
    [couchbase.DurabilityLevelNotAvailableError, /Set `durability` of the collection to majority/],
    [couchbase.IndexNotFoundError, /CREATE PRIMARY INDEX/],
    [couchbase.UnsupportedOperationError, /7\.6 or later/],
    [couchbase.FeatureNotAvailableError, /7\.6 or later/],
  ] as const) {
    const failure = sorted(thrown(Type));
    assert.ok(failure instanceof OperatorNeeded, Type.name);
    assert.match(failure.message, next);
  }
});

test('a collection that the driver waits for in vain is missing, although the error says that time is up', () => {
  const waited = { retry_reasons: ['key_value_collection_outdated'], last_dispatched_to: 'a' };
  for (const Type of [couchbase.UnambiguousTimeoutError, couchbase.AmbiguousTimeoutError])
    assert.ok(sorted(thrown(Type, waited)) instanceof OperatorNeeded);
  assert.ok(sorted(thrown(couchbase.TemporaryFailureError, waited)) instanceof StoreUnavailable);
});

test('what Couchbase will never take is set aside', () => {
  for (const Type of [
    couchbase.ValueTooLargeError,
    couchbase.InvalidArgumentError,
    couchbase.PathInvalidError,
  ])
    assert.ok(sorted(thrown(Type)) instanceof PoisonDocument, Type.name);
});

test('a mutation is not applied only where the driver proves it; a read never leaves a doubt', () => {
  const PROVEN = [
    couchbase.DurableWriteInProgressError,
    couchbase.DurableWriteReCommitInProgressError,
    couchbase.UnambiguousTimeoutError,
    couchbase.TemporaryFailureError,
    couchbase.DocumentLockedError,
    couchbase.RateLimitedError,
    couchbase.QuotaLimitedError,
  ];
  const DOUBTFUL = [
    couchbase.AmbiguousTimeoutError,
    couchbase.DurabilityAmbiguousError,
    couchbase.RequestCanceledError,
    couchbase.InternalServerFailureError,
    couchbase.CouchbaseError,
  ];
  for (const [types, doubt] of [
    [PROVEN, false],
    [DOUBTFUL, true],
  ] as const)
    for (const Type of types) {
      const error = thrown(Type as new (cause?: Error) => Error);
      const [write, read] = [sorted(error), sorted(error, false)];
      assert.ok(write instanceof StoreUnavailable && read instanceof StoreUnavailable, Type.name);
      assert.deepEqual([write.mayHaveApplied, read.mayHaveApplied], [doubt, false], Type.name);
    }
});

test('too few replicas are a store that cannot write for now: surely not applied', () => {
  const failure = sorted(thrown(couchbase.DurabilityImpossibleError));
  assert.ok(failure instanceof DurabilityImpossible);
  assert.equal(failure.mayHaveApplied, false);
});

test('a call that was never sent says so, and one that waited for another write says that', () => {
  const hint = (context?: object, Type: typeof couchbase.TimeoutError = couchbase.UnambiguousTimeoutError) =>
    sorted(thrown(Type, context)).message;
  assert.match(hint({}), /It was never sent/);
  assert.doesNotMatch(hint({ last_dispatched_to: 'a' }), /never sent/);
  assert.doesNotMatch(hint(), /never sent/);
  const behind = { last_dispatched_to: 'a', retry_reasons: ['key_value_sync_write_in_progress'] };
  assert.match(hint(behind), /Another durable write of this document/);
  assert.doesNotMatch(hint({ ...behind, retry_reasons: 'none' }), /Another durable write/);
});

test('what is no error of the driver is a bug, and stays what it is', () => {
  const bug = new TypeError('undefined is no function');
  assert.equal(sorted(bug), bug);
  assert.equal(sorted('a text').message, 'a text');
});

test('a read that gets no answer promises no receipt, and says nothing of what was applied', () => {
  const late = new StoreUnavailable({ ...TARGET, operation: 'read' }, false, new couchbase.TimeoutError());
  assert.match(late.message, /no clear answer \(TimeoutError\)\. Try again\.$/);
  const lost = new StoreUnavailable(TARGET, true, new couchbase.TimeoutError());
  assert.match(
    lost.message,
    /it may or may not have been applied\. Its receipt settles the key; try again\.$/,
  );
});
