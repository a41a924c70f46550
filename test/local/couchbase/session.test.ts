import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Bucket } from '../../../infra/local/servers/couchbase/bucket.ts';
import { Nodes } from '../../../infra/local/servers/couchbase/durability.ts';
import type { Request } from '../../../infra/local/servers/couchbase/frame.ts';
import { Identities } from '../../../infra/local/servers/couchbase/identity.ts';
import { AS_USUAL } from '../../../infra/local/servers/couchbase/managed.ts';
import { Session } from '../../../infra/local/servers/couchbase/session.ts';
import { Storage } from '../../../infra/local/servers/couchbase/storage.ts';
import { OPCODE, STATUS } from '../../../infra/local/servers/couchbase/wire.ts';

const NONE = Buffer.alloc(0);
const REQUEST: Request = {
  opcode: OPCODE.noop,
  vbucket: 0,
  datatype: 0,
  opaque: 0,
  cas: 0n,
  framing: { preserveExpiry: false, durability: null },
  extras: NONE,
  key: NONE,
  value: NONE,
};
const ID = Buffer.alloc(16, 7);

const storage = new Storage(':memory:');
let sessions = 0;

/** A client's session, logged in, on a bucket of its own that has one vbucket. */
function session(): Session {
  const scopes = new Map([['_default', { id: 0, collections: new Map([['_default', 0]]) }]]);
  const name = `b${sessions++}`;
  const surroundings = { storage, now: () => 1_700_000_000_000, newUuid: () => 1n };
  const bucket = new Bucket(name, 1, scopes, surroundings);
  const opened = new Session(
    {
      ports: { kv: 1, http: 2, kvTls: 0, httpTls: 0 },
      epoch: 1,
      users: new Map([['app', 'secret']]),
      buckets: new Map([[name, bucket]]),
      nodes: new Nodes(1, 64),
      identities: new Identities(storage, [name], () => '0'.repeat(32)),
      ...{ managed: () => AS_USUAL, versionsIndexes: new Map(), now: surroundings.now },
      nonce: () => 'nonce',
      newId: () => ID,
    },
    null,
  );
  const login = { opcode: OPCODE.saslAuth, key: Buffer.from('PLAIN'), value: Buffer.from('\0app\0secret') };
  assert.equal(opened.answer({ ...REQUEST, ...login }).status, STATUS.success);
  const select = { opcode: OPCODE.selectBucket, key: Buffer.from(name) };
  assert.equal(opened.answer({ ...REQUEST, ...select }).status, STATUS.success);
  return opened;
}

const bytes = (maxLength: number) => fc.uint8Array({ maxLength }).map((array) => Buffer.from(array));
const anyScan = fc
  .record(
    {
      key_only: fc.anything(),
      collection: fc.oneof(fc.constant('0'), fc.anything()),
      range: fc.oneof(fc.constant({ start: '', end: '/w==' }), fc.anything()),
      sampling: fc.oneof(fc.constant({ seed: 1, samples: 2 }), fc.anything()),
      snapshot_requirements: fc.oneof(
        fc.record({ vb_uuid: fc.constant('1'), seqno: fc.oneof(fc.nat(9), fc.double()) }),
        fc.anything(),
      ),
    },
    { requiredKeys: [] },
  )
  .map((asked) => Buffer.from(JSON.stringify(asked)));
const anyRequest = fc.record({
  opcode: fc.oneof(fc.constant(OPCODE.scanCreate), fc.constantFrom(...Object.values(OPCODE)), fc.nat(255)),
  datatype: fc.constantFrom(0, 1, 4),
  vbucket: fc.constantFrom(0, 0, 0, 1),
  cas: fc.constantFrom(0n, 1n),
  extras: fc.oneof(
    fc.constantFrom(NONE, Buffer.alloc(8), ID, Buffer.concat([ID, Buffer.alloc(12)])),
    bytes(30),
  ),
  key: fc.oneof(fc.constantFrom(NONE, Buffer.from('a')), bytes(260)),
  value: fc.oneof(fc.constantFrom(NONE, Buffer.from('{"a":[1]}')), anyScan, bytes(60)),
});

test('a session answers every request with a status, and serves the next one', () => {
  const known = new Set<number>(Object.values(STATUS));
  const property = fc.property(fc.array(anyRequest, { maxLength: 20 }), (requests) => {
    const opened = session();
    for (const request of requests) {
      const { status } = opened.answer({ ...REQUEST, ...request });
      assert.ok(known.has(status), `opcode ${request.opcode}: status ${status}`);
    }
  });
  fc.assert(property, { numRuns: 1500 });
});

test('a scan is gone once it is complete or cancelled', () => {
  const opened = session();
  const set = { opcode: OPCODE.set, extras: Buffer.alloc(8), value: Buffer.from('1') };
  for (const key of ['a', 'b', 'c']) opened.answer({ ...REQUEST, ...set, key: Buffer.from(key) });
  const plan = { key_only: true, range: { start: '', excl_end: Buffer.from('c').toString('base64') } };
  const create = { opcode: OPCODE.scanCreate, value: Buffer.from(JSON.stringify(plan)) };
  const oneItem = Buffer.concat([ID, Buffer.from([0, 0, 0, 1]), Buffer.alloc(8)]);
  const next = () => opened.answer({ ...REQUEST, opcode: OPCODE.scanContinue, extras: oneItem });
  const cancel = () => opened.answer({ ...REQUEST, opcode: OPCODE.scanCancel, extras: ID });
  assert.deepEqual(opened.answer({ ...REQUEST, ...create }), { status: STATUS.success, value: ID });
  assert.deepEqual(
    [next(), next()].map(({ status }) => status),
    [STATUS.scanMore, STATUS.scanComplete],
  );
  assert.equal(next().status, STATUS.keyNotFound);
  opened.answer({ ...REQUEST, ...create });
  assert.equal(cancel().status, STATUS.success);
  assert.equal(next().status, STATUS.keyNotFound);
});

test('a scan that must see a mutation of another history is refused, one of the future is put off', () => {
  const opened = session();
  const set = { opcode: OPCODE.set, extras: Buffer.alloc(8), key: Buffer.from('a'), value: Buffer.from('1') };
  opened.answer({ ...REQUEST, ...set });
  const status = (uuid: string, seqno: number) => {
    const plan = { sampling: { seed: 1, samples: 9 }, snapshot_requirements: { vb_uuid: uuid, seqno } };
    const value = Buffer.from(JSON.stringify(plan));
    return opened.answer({ ...REQUEST, opcode: OPCODE.scanCreate, value }).status;
  };
  assert.equal(status('1', 1), STATUS.success);
  assert.equal(status('2', 1), STATUS.vbucketUuidNotEqual);
  assert.equal(status('1', 2), STATUS.temporaryFailure);
});

test('metadata of a key tell its tombstone, and its revision goes on over a deletion', () => {
  const opened = session();
  const key = Buffer.from('a');
  const send = (opcode: number, rest: Partial<Request> = {}) =>
    opened.answer({ ...REQUEST, opcode, key, ...rest });
  const metadata = () => {
    const { status, extras = NONE, cas } = send(OPCODE.getMeta);
    return status !== STATUS.success
      ? status
      : { deleted: extras.readUInt32BE(0), revision: extras.readBigUInt64BE(12), cas };
  };
  const set = () => send(OPCODE.set, { extras: Buffer.alloc(8), value: Buffer.from('1') });
  assert.equal(metadata(), STATUS.keyNotFound);
  set();
  const { cas: second } = set();
  assert.deepEqual(metadata(), { deleted: 0, revision: 2n, cas: second });
  const { cas: third } = send(OPCODE.delete);
  assert.deepEqual(metadata(), { deleted: 1, revision: 3n, cas: third });
  const edit = send(OPCODE.mutateIn, { extras: Buffer.from([0x04]) });
  assert.equal(edit.status, STATUS.notSupported, 'tombstones are not edited');
  const { cas: fourth } = set();
  assert.deepEqual(metadata(), { deleted: 0, revision: 4n, cas: fourth });
});
