/** Mutations that Couchbase must have made safe before it acknowledges them, over the real driver. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, afterEach, before, test } from 'node:test';
import type { MutationResult } from 'couchbase';
import { documentFrom } from '../../../functions/protocol/fingerprint.ts';
import { connectCouchbase } from '../../../functions/stores/couchbase/connect.ts';
import { CouchbaseConnection } from '../../../functions/stores/couchbase/connection.ts';
import { durably } from '../../../functions/stores/couchbase/durable.ts';
import { CouchbaseStore } from '../../../functions/stores/couchbase/store.ts';
import { DURABILITIES, type Durable } from '../../../functions/stores/durability.ts';
import { DurabilityImpossible, OperatorNeeded, StoreUnavailable } from '../../../functions/stores/failure.ts';
import type { Made } from '../../../functions/stores/witness.ts';
import type { Fault } from '../../../infra/local/servers/couchbase/faults.ts';
import { type Running, startCouchbase } from '../../../infra/local/servers/couchbase/start.ts';
import { STATUS } from '../../../infra/local/servers/couchbase/wire.ts';

/** These tests order faults, so they always run on the embedded server. */
let server: Running;
let connection: CouchbaseConnection;
const KEYSPACE = { bucket: 'shop', scope: 'sales', collection: 'orders' };
const PATIENCE = 1500;
const [OLD, NEW] = [documentFrom(Buffer.from('1'), null), documentFrom(Buffer.from('2'), null)];

before(async () => {
  server = await startCouchbase({ users: { app: 'secret' }, buckets: { shop: { sales: ['orders'] } } });
  const { connectionString } = server;
  connection = new CouchbaseConnection(() =>
    connectCouchbase({ connectionString, username: 'app', password: 'secret', connectTimeout: 5000 }),
  );
});
afterEach(() => server.calm());
after(async () => {
  await connection.close();
  await server.stop();
});

const storeWith = (durable?: Durable, timeout = PATIENCE) =>
  new CouchbaseStore(connection, KEYSPACE, timeout, durable);

/** Every request that changes a document. */
const MUTATIONS = ['set', 'add', 'replace', 'delete', 'mutateIn'] as const;
async function strike(durable: boolean, status: number, times: number | null = null): Promise<void> {
  for (const operation of MUTATIONS)
    await server.fault({ operation, times, durable, action: { kind: 'status', status } } satisfies Fault);
}

/** Every kind of mutation that the protocol makes, in an order in which each has something to change. */
async function everyMutation(store: CouchbaseStore): Promise<readonly (bigint | null)[]> {
  const key = randomUUID();
  const request = { ...OLD, request: 'a.b' };
  const inserted = await store.swap(key, { cas: 0n, content: OLD, version: null });
  const replaced = await store.swap(key, { cas: inserted ?? 0n, content: NEW, version: null });
  const copied = await store.swap(key, { cas: replaced ?? 0n, content: OLD, version: 7n });
  const named = await store.swap(key, { cas: copied ?? 0n, content: request, version: null });
  const marked = await store.swap(key, { cas: named ?? 0n, content: null, version: 8n });
  const erased = await store.erase(key, { cas: marked ?? 0n });
  const marker = await store.swap(key, { cas: 0n, content: null, version: 9n });
  const put = await store.upsert(key, { content: NEW });
  const removed = await store.remove(key);
  return [inserted, replaced, copied, named, marked, erased, marker, put, removed];
}

test('every mutation asks for the durability of its collection, and no other', async () => {
  await strike(false, STATUS.invalid);
  for (const level of DURABILITIES.filter((each) => each !== 'none'))
    assert.ok((await everyMutation(storeWith({ level, fallBack: null }))).every((cas) => cas !== null));
  assert.ok((await everyMutation(storeWith())).every((cas) => cas !== null));
  await server.calm();
  await strike(true, STATUS.invalid);
  const plain = storeWith({ level: 'none', fallBack: null });
  assert.ok((await everyMutation(plain)).every((cas) => cas !== null));
});

test('an impossible durability is refused with a code of its own, and nothing is applied', async () => {
  const key = randomUUID();
  const store = storeWith();
  const cas = await store.upsert(key, { content: OLD });
  await strike(true, STATUS.durabilityImpossible);
  for (const mutate of [
    () => store.upsert(key, { content: NEW }),
    () => store.remove(key),
    () => store.erase(key, { cas }),
    () => store.swap(key, { cas, content: NEW, version: null }),
    () => store.swap(key, { cas, content: null, version: 7n }),
    () => store.swap(randomUUID(), { cas: 0n, content: NEW, version: null }),
  ]) {
    const failure = await mutate().then(
      () => assert.fail('it was acknowledged'),
      (error: unknown) => error,
    );
    assert.ok(failure instanceof DurabilityImpossible && !failure.mayHaveApplied, String(failure));
    assert.match(failure.message, /it was not applied.*DURABILITY_IMPOSSIBLE.*Bring the failed node back/s);
  }
  assert.equal((await store.read(key)).cas, cas);
});

test('a collection that accepts it makes the same mutation without durability, once that is remembered', async () => {
  const told: string[] = [];
  const fallBack = async () => {
    told.push('remembered');
  };
  const store = storeWith({ level: 'majority', fallBack });
  await everyMutation(store);
  assert.deepEqual(told, []);
  await strike(true, STATUS.durabilityImpossible);
  assert.ok((await everyMutation(store)).every((cas) => cas !== null));
  assert.equal(told.length, 9);
  // Nobody would know of it: then it is refused.
  const forgetful = storeWith({ level: 'majority', fallBack: () => Promise.reject(new Error('no ledger')) });
  const key = randomUUID();
  await assert.rejects(forgetful.upsert(key, { content: NEW }), (error) => {
    return error instanceof DurabilityImpossible && /could not be noted.*no ledger/.test(error.message);
  });
  const slow = storeWith({ level: 'majority', fallBack: () => new Promise(() => {}) }, 300);
  await assert.rejects(slow.upsert(key, { content: NEW }), DurabilityImpossible);
  assert.equal((await store.read(key)).content, null);
});

test('a guard that fails without durability is an answer as well', async () => {
  const store = storeWith({ level: 'majority', fallBack: async () => {} });
  const key = randomUUID();
  await store.upsert(key, { content: OLD });
  await strike(true, STATUS.durabilityImpossible);
  assert.equal(await store.swap(key, { cas: 1n, content: NEW, version: null }), null);
  assert.equal(await store.remove(randomUUID()), null);
});

test('a level that the bucket does not have calls for an operator', async () => {
  await strike(true, STATUS.durabilityInvalidLevel);
  await assert.rejects(storeWith().upsert(randomUUID(), { content: NEW }), (error) => {
    return error instanceof OperatorNeeded && /Ephemeral.*Set `durability`/.test(error.message);
  });
});

test('an ambiguous durable write may have been applied', async () => {
  await strike(true, STATUS.syncWriteAmbiguous);
  await assert.rejects(storeWith().upsert(randomUUID(), { content: NEW }), (error) => {
    return error instanceof StoreUnavailable && error.mayHaveApplied;
  });
});

test('a write waits within its time for another one of its document that is not committed yet, and says so', async () => {
  const key = randomUUID();
  const store = storeWith();
  for (const status of [STATUS.syncWriteInProgress, STATUS.syncWriteReCommitInProgress]) {
    await strike(true, status, 3);
    await store.upsert(key, { content: OLD });
    assert.equal((await store.read(key)).content?.digest, OLD.digest);
  }
  await strike(true, STATUS.syncWriteReCommitInProgress);
  const failure = await store.upsert(key, { content: NEW }).catch((error: unknown) => error);
  assert.ok(failure instanceof StoreUnavailable, String(failure));
  assert.match(failure.message, /Another durable write of this document was not committed yet/);
});

/** One document for each kind of mutation, and that mutation of it. */
async function prepared(store: CouchbaseStore) {
  const kinds: readonly ((key: string, cas: bigint) => Promise<unknown>)[] = [
    (key) => store.upsert(key, { content: NEW }),
    (key, cas) => store.swap(key, { cas, content: NEW, version: null }),
    (key, cas) => store.swap(key, { cas, content: NEW, version: cas + 1n }),
    (key, cas) => store.swap(key, { cas, content: null, version: cas + 1n }),
    (key) => store.remove(key),
    (key, cas) => store.erase(key, { cas }),
    (key) => store.swap(`${key}-new`, { cas: 0n, content: NEW, version: null }),
    (key) => store.swap(`${key}-copy`, { cas: 0n, content: NEW, version: 7n }),
    (key) => store.swap(`${key}-marker`, { cas: 0n, content: null, version: 7n }),
  ];
  const key = randomUUID();
  const keys = kinds.map((_, n) => `${key}-${n}`);
  const casOf = await Promise.all(keys.map((each) => store.upsert(each, { content: OLD })));
  const all = [...keys, `${keys[6]}-new`, `${keys[7]}-copy`, `${keys[8]}-marker`];
  return {
    mutate: () => Promise.all(kinds.map((mutation, n) => mutation(keys[n] as string, casOf[n] as bigint))),
    held: async () => {
      const states = await Promise.all(all.map((each) => store.read(each)));
      return states.map(({ content, version, cas }) => `${content?.digest} ${version} ${cas}`);
    },
    mutated: [0, 1, 2, 3, 4, 5, 9, 10, 11],
  };
}

test('a failover takes away no mutation that was durable, and each that was not', async () => {
  const safe = await prepared(storeWith());
  const risky = await prepared(storeWith({ level: 'none', fallBack: null }));
  await server.lagReplication();
  await safe.mutate();
  // After them: a durable write takes along what came before it in its vbucket.
  await risky.mutate();
  const [kept, lost] = [await safe.held(), await risky.held()];
  await server.failOver({ disconnects: false });
  assert.deepEqual(await safe.held(), kept);
  const left = await risky.held();
  for (const n of risky.mutated) assert.notEqual(left[n], lost[n], `mutation ${n}`);
});

const PROBES = Array.from({ length: 16 }, () => `probe-${randomUUID()}`);

test('whether durable writes are possible is known without one, and says what to do', async () => {
  for (const level of DURABILITIES)
    assert.equal(await storeWith({ level, fallBack: null }).durabilityProblem(PROBES), null);
  await server.loseReplica();
  const fallBack = () => assert.fail('a question writes nothing');
  assert.match(
    String(await storeWith({ level: 'majority', fallBack }).durabilityProblem(PROBES)),
    /DURABILITY_IMPOSSIBLE: too few replicas.*one or two replicas.*never make durable writes, set durability: none/,
  );
  assert.equal(await storeWith({ level: 'none', fallBack: null }).durabilityProblem(PROBES), null);
  await server.calm();
  await strike(true, STATUS.durabilityInvalidLevel);
  assert.match(String(await storeWith().durabilityProblem(PROBES)), /Ephemeral/);
});

test('a bucket on a single node makes durable writes, one with three replicas never', async () => {
  for (const [replicas, isPossible] of [
    [0, true],
    [3, false],
  ] as const) {
    const users = { app: 'secret' };
    const other = await startCouchbase({ users, buckets: { shop: { sales: ['orders'] } }, replicas });
    const login = { connectionString: other.connectionString, username: 'app', password: 'secret' };
    const opened = new CouchbaseConnection(() => connectCouchbase({ ...login, connectTimeout: 5000 }));
    const store = new CouchbaseStore(opened, KEYSPACE, PATIENCE);
    const problem = await store.durabilityProblem(PROBES);
    assert.equal(problem === null, isPossible, `${replicas} replicas`);
    if (problem !== null) assert.match(problem, /set durability: none/);
    const written = await store.upsert(randomUUID(), { content: OLD }).catch(() => null);
    assert.equal(written !== null, isPossible);
    await opened.close();
    await other.stop();
  }
});

test('no history is told where the server says none', async () => {
  const told: Made['partition'][] = [];
  const witness = {
    looked: () => {},
    now: () => ({ earliest: 0, latest: 0 }),
    made: ({ partition }: Made) => told.push(partition),
  };
  const target = { store: 'couchbase', operation: 'upsert', collection: 'orders', key: 'k' } as const;
  for (const uuid of ['0', '7']) {
    const toJSON = () => ({ partition_id: 1, partition_uuid: uuid });
    const made = async () => ({ cas: '9', token: { toJSON } }) as unknown as MutationResult;
    await durably({ level: 'none', fallBack: null, witness }, PATIENCE, target, made);
  }
  assert.deepEqual(told, [null, { id: 1, uuid: '7' }]);
});
