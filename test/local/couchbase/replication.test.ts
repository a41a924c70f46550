/** A replica holds the history of a vbucket up to some mutation, and nothing of what came after it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Bucket, type Document, deletionOf } from '../../../infra/local/servers/couchbase/bucket.ts';
import type { Request } from '../../../infra/local/servers/couchbase/frame.ts';
import { RangeScans } from '../../../infra/local/servers/couchbase/range_scan.ts';
import { Storage } from '../../../infra/local/servers/couchbase/storage.ts';
import { Refusal, STATUS } from '../../../infra/local/servers/couchbase/wire.ts';

const KEYS = ['a', 'b', 'c', 'd', 'e'].map((key) => Buffer.from(key));
const VBUCKETS = 2;
const storage = new Storage(':memory:');
let buckets = 0;

type State = readonly (Document | undefined)[];

const anyStep = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constantFrom('write', 'write', 'write', 'remove', 'durable'),
      key: fc.nat(4),
    }),
  },
  fc.record({
    kind: fc.constantFrom('lag', 'lag', 'failOver', 'failOne', 'failOne', 'catchUp', 'purge'),
    key: fc.nat(4),
  }),
);

function bucketOfTwo(): Bucket {
  let [uuid, now] = [0n, 1_700_000_000_000];
  const scopes = new Map([['_default', { id: 0, collections: new Map([['_default', 0]]) }]]);
  // A clock that goes back again and again.
  const surroundings = { storage, now: () => (now += now % 3 === 0 ? -2 : 1), newUuid: () => ++uuid };
  return new Bucket(`b${buckets++}`, VBUCKETS, scopes, surroundings);
}

test('whatever is done, a failover brings back exactly what was replicated', () => {
  const counted = { lost: 0, kept: 0 };
  const property = fc.property(fc.array(anyStep, { minLength: 20, maxLength: 40, size: 'max' }), (steps) => {
    const bucket = bucketOfTwo();
    const state = (): State => KEYS.map((key) => bucket.get(0, key, true));
    const isIn = (vbucket: number, i: number) => bucket.vbucketOf(KEYS[i] as Buffer) === vbucket;
    let replica: State = state();
    const lagging = new Set<number>();
    const write = (key: Buffer) =>
      bucket.put(0, key, {
        ...{ value: Buffer.from('1'), flags: 0, expiry: 0, xattrs: new Map(), deleted: false },
      });
    for (const step of steps) {
      const key = KEYS[step.key] as Buffer;
      const vbucket = bucket.vbucketOf(key);
      const before = state();
      if (step.kind === 'write' || step.kind === 'durable') write(key);
      if (step.kind === 'remove') {
        const held = bucket.get(0, key);
        if (held !== undefined) bucket.put(0, key, deletionOf(held));
      }
      if (step.kind === 'durable') {
        bucket.replicate(vbucket);
        replica = replica.map((held, i) => (isIn(vbucket, i) ? state()[i] : held));
      }
      if (step.kind === 'lag') {
        bucket.lag();
        for (let number = 0; number < VBUCKETS; number++) lagging.add(number);
      }
      if (step.kind === 'catchUp') bucket.catchUp();
      if (step.kind === 'purge') {
        bucket.catchUp();
        bucket.purge();
      }
      if (step.kind === 'failOver' || step.kind === 'failOne') {
        const failed = step.kind === 'failOver' ? [0, 1] : [vbucket];
        const uuids = [0, 1].map((number) => bucket.marksOf(number).uuid);
        bucket.failOver(step.kind === 'failOver' ? null : failed);
        // The others go on as if nothing had happened, and their replicas lag as before.
        const wanted = before.map((held, i) =>
          failed.some((number) => isIn(number, i)) ? replica[i] : held,
        );
        assert.deepEqual(state(), wanted);
        for (const [number, uuid] of uuids.entries())
          assert.equal(bucket.marksOf(number).uuid !== uuid, failed.includes(number));
        counted[before.some((held, i) => held?.cas !== wanted[i]?.cas) ? 'lost' : 'kept']++;
        for (const number of failed) lagging.delete(number);
      }
      if (step.kind === 'catchUp' || step.kind === 'purge') lagging.clear();
      const now = state();
      replica = now.map((held, i) => ([...lagging].some((number) => isIn(number, i)) ? replica[i] : held));
      for (const [i, held] of state().entries()) {
        const marks = bucket.marksOf(bucket.vbucketOf(KEYS[i] as Buffer));
        assert.ok(held === undefined || (held.cas <= marks.cas && held.seqno <= marks.seqno));
      }
    }
  });
  fc.assert(property, { numRuns: 80 });
  assert.ok(counted.lost > 10 && counted.kept > 10, JSON.stringify(counted));
});

test('a scan does not go on in another history', () => {
  const bucket = bucketOfTwo();
  const content = { value: Buffer.from('1'), flags: 0, expiry: 0, xattrs: new Map(), deleted: false };
  for (const key of KEYS) bucket.put(0, key, content);
  const scans = new RangeScans(() => Buffer.alloc(16));
  const create = Buffer.from(JSON.stringify({ key_only: true, sampling: { seed: 1, samples: 9 } }));
  const vbucket = bucket.vbucketOf(KEYS[0] as Buffer);
  const open = () => scans.create(bucket, { vbucket, value: create } as Request);
  const goOn = () => scans.continue(bucket, { vbucket, extras: Buffer.alloc(28) } as Request);
  open();
  assert.equal(goOn().status, STATUS.scanComplete);
  open();
  bucket.failOver();
  assert.throws(goOn, (error) => error instanceof Refusal && error.status === STATUS.keyNotFound);
});
