import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, afterEach, before, test } from 'node:test';
import { CallFailed } from '../../../functions/protocol/call.ts';
import { documentFrom } from '../../../functions/protocol/fingerprint.ts';
import { connectCouchbase } from '../../../functions/stores/couchbase/connect.ts';
import { CouchbaseConnection } from '../../../functions/stores/couchbase/connection.ts';
import { hasNoMemory } from '../../../functions/stores/couchbase/failure.ts';
import { CouchbaseStore } from '../../../functions/stores/couchbase/store.ts';
import { StoreUnavailable } from '../../../functions/stores/failure.ts';
import type { Fault } from '../../../infra/local/servers/couchbase/faults.ts';
import { type Running, startCouchbase } from '../../../infra/local/servers/couchbase/start.ts';
import { STATUS } from '../../../infra/local/servers/couchbase/wire.ts';

/** These tests order faults, so they always run on the embedded server. */
let server: Running;
let connection: CouchbaseConnection;
let opened = 0;
let store: CouchbaseStore;
/** Long enough for an answer, short enough for one that never comes. */
const PATIENCE = 1000;
const [OLD, NEW] = [documentFrom(Buffer.from('1'), null), documentFrom(Buffer.from('2'), null)];

before(async () => {
  server = await startCouchbase({ users: { app: 'secret' }, buckets: { shop: { sales: ['orders'] } } });
  const { connectionString } = server;
  const settings = { connectionString, username: 'app', password: 'secret', connectTimeout: 5000 };
  connection = new CouchbaseConnection(() => {
    opened++;
    return connectCouchbase(settings);
  });
  // Without durability, since the driver gives a durable write more patience: those are in durable.test.ts.
  const plain = { level: 'none', fallBack: null } as const;
  const keyspace = { bucket: 'shop', scope: 'sales', collection: 'orders' };
  store = new CouchbaseStore(connection, keyspace, PATIENCE, plain);
});
afterEach(() => server.calm());
after(async () => {
  await connection.close();
  await server.stop();
});

/** A document, and every kind of mutation of it, with the operation that carries it over the wire. */
async function prepared(): Promise<{
  key: string;
  mutations: readonly [Fault['operation'], () => Promise<unknown>][];
}> {
  const key = randomUUID();
  const cas = await store.upsert(key, { content: OLD });
  return {
    key,
    mutations: [
      ['set', () => store.upsert(key, { content: NEW })],
      ['replace', () => store.swap(key, { cas, content: NEW, version: null })],
      ['mutateIn', () => store.swap(key, { cas, content: NEW, version: 7n })],
      ['delete', () => store.erase(key, { cas })],
    ],
  };
}

for (const [name, action, applied] of [
  ['dropped after it was carried out', { kind: 'drop', applied: true }, true],
  ['dropped before it was carried out', { kind: 'drop', applied: false }, false],
  ['never answered, and carried out', { kind: 'silence', applied: true }, true],
  ['never answered, and not carried out', { kind: 'silence', applied: false }, false],
] as const)
  test(`a mutation ${name} has an unknown outcome, and is never called failed`, async () => {
    for (const index of [0, 1, 2, 3]) {
      const { key, mutations } = await prepared();
      const [operation, mutate] = mutations[index] as (typeof mutations)[number];
      await server.fault({ operation, times: null, action });
      const failure = await mutate().then(
        () => assert.fail(`${operation} was answered`),
        (error: unknown) => error,
      );
      await server.calm();
      assert.ok(failure instanceof StoreUnavailable, String(failure));
      assert.ok(failure instanceof CallFailed && failure.mayHaveApplied, operation);
      assert.match(failure.message, new RegExp(`shop\\.sales\\.orders, key "${key}".*may or may not`));
      const { content } = await store.read(key);
      assert.equal(content?.digest !== OLD.digest, applied, operation);
    }
  });

test('a server that is busy for a moment is asked again', async () => {
  const { key, mutations } = await prepared();
  const action = { kind: 'status', status: STATUS.temporaryFailure } as const;
  await server.fault({ operation: 'set', times: 2, action });
  await mutations[0]?.[1]();
  assert.equal((await store.read(key)).content?.digest, NEW.digest);
});

test('a read without an answer says that nothing was to be applied', async () => {
  const { key } = await prepared();
  for (const action of [
    { kind: 'silence', applied: false },
    { kind: 'status', status: STATUS.temporaryFailure },
  ] as const) {
    await server.fault({ operation: 'lookupIn', times: null, action });
    const failure = await store.read(key).catch((error: unknown) => error);
    assert.ok(failure instanceof StoreUnavailable && !failure.mayHaveApplied, String(failure));
    // That is how a bucket without memory is known from one that is silent.
    assert.equal(hasNoMemory(failure), action.kind === 'status');
    await server.calm();
  }
});

test('a guard that fails is an answer, and no failure', async () => {
  const { key } = await prepared();
  assert.equal(await store.swap(key, { cas: 1n, content: NEW, version: null }), null);
  assert.equal(await store.swap(key, { cas: 0n, content: NEW, version: 3n }), null);
  assert.equal(await store.erase(key, { cas: 1n }), null);
  assert.equal(await store.remove(randomUUID()), null);
  assert.equal(await store.swap(randomUUID(), { cas: 1n, content: NEW, version: null }), null);
});

test('a document that somebody else wrote or removed in between is not overwritten', async () => {
  for (const body of ['{"foreign":true}', null])
    for (const index of [1, 2, 3]) {
      const { key, mutations } = await prepared();
      const [operation, mutate] = mutations[index] as (typeof mutations)[number];
      await server.fault({ operation, times: 1, action: { kind: 'foreignWrite', body } });
      assert.equal(await mutate(), null, operation);
      const { content, version, cas } = await store.read(key);
      assert.equal(content === null ? null : Buffer.from(content.body).toString(), body);
      assert.equal(version, cas);
    }
});

test('a document that somebody else writes or removes after it was measured is read as it is then', async () => {
  for (const body of ['{"foreign":true}', null]) {
    const { key } = await prepared();
    await server.fault({ operation: 'get', times: 1, action: { kind: 'foreignWrite', body } });
    const { content, cas } = await store.readUpTo(key, 1000);
    assert.equal(content === null ? null : Buffer.from(content.body).toString(), body);
    assert.equal(cas, (await store.read(key)).cas);
  }
});

test('an answer that comes late, but in time, counts', async () => {
  const { mutations } = await prepared();
  await server.fault({ operation: 'set', times: 1, action: { kind: 'delay', milliseconds: 100 } });
  await mutations[0]?.[1]();
});

test('a connection that has gone silent is abandoned after a few calls, and a new one opened', async () => {
  const { key } = await prepared();
  const before = opened;
  await server.fault({ operation: 'lookupIn', times: 1, action: { kind: 'blackHole' } });
  const outcomes: string[] = [];
  for (let call = 0; call < 5; call++)
    outcomes.push(
      await store.read(key).then(
        () => 'answered',
        () => 'silent',
      ),
    );
  assert.deepEqual(outcomes, ['silent', 'silent', 'silent', 'answered', 'answered']);
  assert.equal(opened, before + 1);
});

test('a connection that cannot be opened is tried again by the next call', async () => {
  let down = true;
  const { connectionString } = server;
  const flaky = new CouchbaseConnection(() =>
    down
      ? Promise.reject(new Error('no route'))
      : connectCouchbase({ connectionString, username: 'app', password: 'secret', connectTimeout: 5000 }),
  );
  const keyspace = { bucket: 'shop', scope: 'sales', collection: 'orders' };
  await assert.rejects(new CouchbaseStore(flaky, keyspace, PATIENCE).read('a'), /no route/);
  down = false;
  assert.equal((await new CouchbaseStore(flaky, keyspace, PATIENCE).read('a')).content, null);
  await flaky.close();
});

test('a refused login names neither the user nor the address: the log has what is thrown', async () => {
  const settings = { connectionString: server.connectionString, username: 'jane', connectTimeout: 5000 };
  const opening = connectCouchbase({ ...settings, password: 'wrong' });
  await assert.rejects(opening, ({ name, message }: Error) => {
    assert.equal(name, 'OperatorNeeded');
    assert.match(message, /^couchbase connect in the cluster of the secret: .*Check `username`/);
    assert.doesNotMatch(message, /jane|wrong|127\.0\.0\.1/);
    return true;
  });
});
