/** What a failover takes away, as the driver sees it. */
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, test } from 'node:test';
import { crc32 } from 'node:zlib';
import {
  type Cluster,
  type Collection,
  connect,
  DocumentNotFoundError,
  DurabilityAmbiguousError,
  DurabilityImpossibleError,
  DurabilityLevel,
  LookupInSpec,
  MutateInSpec,
  RequestCanceledError,
} from 'couchbase';
import { type Running, startCouchbase } from '../../../infra/local/servers/couchbase/start.ts';
import { answered } from './answered.ts';

const BUCKETS = { shop: { sales: ['orders'] } };
const USERS = { app: 'secret' };
const MAJORITY = { durabilityLevel: DurabilityLevel.Majority };

let folder: string;
let server: Running;
let cluster: Cluster;
let collection: Collection;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'crossfade-'));
  server = await startCouchbase({ users: USERS, buckets: BUCKETS, file: join(folder, 'couchbase.db') });
  cluster = await connect(server.connectionString, { username: 'app', password: 'secret' });
  collection = cluster.bucket('shop').scope('sales').collection('orders');
});
beforeEach(() => server.calm());
after(async () => {
  await cluster.close();
  await server.stop();
  await rm(folder, { recursive: true });
});

/** Connections stay, where the test is not about them: the driver cancels whatever it sends on one just as it breaks. */
const STAYING = { disconnects: false } as const;
const attribute = (name: string) => LookupInSpec.get(name, { xattr: true });
// The driver takes this option; its types do not tell.
const DELETED_TOO = { accessDeleted: true } as never;

/** All that can be known of a key, but for the identity of the history that it is part of. */
async function known(key: string) {
  const look = async (...specs: LookupInSpec[]) =>
    (await collection.lookupIn(key, specs, DELETED_TOO)).content.map(({ value }) => value);
  try {
    const [facts, body] = await look(attribute('$document'), LookupInSpec.get(''));
    const { vbucket_uuid, ...rest } = facts;
    return { ...rest, body, mine: await look(attribute('mine')), system: await look(attribute('_sys')) };
  } catch (error) {
    if (error instanceof DocumentNotFoundError) return null;
    throw error;
  }
}

const uuidOf = async (key: string) =>
  (await collection.lookupIn(key, [attribute('$document')], DELETED_TOO)).content[0]?.value.vbucket_uuid;

const vbucketOf = (key: string) => ((crc32(key) >>> 16) & 0x7fff) % 64;

test('a failover brings back what the replica knew: documents, attributes, tombstones, and all their numbers', async () => {
  const keys = ['updated', 'edited', 'removed', 'touched', 'revived', 'inserted', 'rested'];
  const expiry = new Date(Date.UTC(2040, 0, 1));
  for (const key of keys.slice(0, 5)) {
    await collection.upsert(key, { n: 1 }, { expiry });
    await collection.mutateIn(key, [MutateInSpec.upsert('mine', key, { xattr: true })], {
      preserveExpiry: true,
    });
  }
  await collection.mutateIn('revived', [MutateInSpec.upsert('_sys', 1, { xattr: true })]);
  await collection.remove('revived');
  await collection.upsert('rested', 1);
  const before = await Promise.all(keys.map(known));
  const uuid = await uuidOf('rested');
  await server.lagReplication();
  for (let round = 0; round < 2; round++) {
    await collection.upsert('updated', { n: 2 });
    await collection.mutateIn('edited', [MutateInSpec.upsert('mine', 'other', { xattr: true })]);
    await collection.touch('touched', new Date(Date.UTC(2041, 0, 1)));
    await collection.upsert('revived', { n: 2 });
    await collection.upsert('inserted', { n: 2 });
    if (round === 0) await collection.remove('inserted');
  }
  await collection.remove('removed');
  const lost = (await collection.get('updated')).cas;
  await server.failOver(STAYING);
  assert.deepEqual(await Promise.all(keys.map(known)), before);
  assert.equal(before[5], null);
  assert.equal(before[4]?.deleted, true);
  const { cas, token } = await collection.upsert('updated', { n: 3 });
  assert.notEqual(await uuidOf('rested'), uuid);
  assert.equal(BigInt(token?.toJSON().partition_uuid), BigInt(await uuidOf('updated')));
  assert.ok(BigInt(cas.toString()) > BigInt(lost.toString()), 'the clock goes on');
  assert.equal((await known('updated'))?.revid, String(BigInt(before[0]?.revid) + 1n));
});

test('a durable write survives, and all that came before it in its vbucket', async () => {
  const [first = '', second = '', elsewhere = ''] = ['d', 'd', 'e'].map((letter, i) => {
    const wanted = (key: string) => (vbucketOf(key) === 7) === (letter === 'd');
    return Array.from({ length: 999 }, (_, n) => `${letter}${i}${n}`).find(wanted);
  });
  for (const key of [first, second, elsewhere]) await collection.upsert(key, 'old');
  await server.lagReplication();
  await collection.upsert(first, 'before it');
  await collection.upsert(elsewhere, 'in another vbucket');
  const durable = await collection.upsert(second, 'durable', MAJORITY);
  await collection.upsert(first, 'after it');
  await server.failOver(STAYING);
  const contents = await Promise.all(
    [first, second, elsewhere].map(async (key) => (await collection.get(key)).content),
  );
  assert.deepEqual(contents, ['before it', 'durable', 'old']);
  assert.equal((await collection.get(second)).cas.toString(), durable.cas.toString());
});

test('after a failover durable writes are impossible until the node is back, and so is another failover', async () => {
  await collection.upsert('alone', 1);
  await server.failOver(STAYING);
  await assert.rejects(collection.upsert('alone', 2, MAJORITY), DurabilityImpossibleError);
  await assert.rejects(server.failOver(), /There is no replica left/);
  await assert.rejects(server.lagReplication(), /no replica that could lag/);
  await collection.upsert('alone', 3);
  await server.nodesBack();
  await collection.upsert('alone', 4, MAJORITY);
  await server.lagReplication();
  await collection.upsert('alone', 5);
  await server.catchUpReplication();
  await server.failOver(STAYING);
  assert.equal((await collection.get('alone')).content, 5);
});

test('where one node of three fails, the vbuckets of the others go on, and those without a replica take no durable writes', async () => {
  // Active on nodes 0, 1, 2.
  const keys = [0, 1, 2].map(
    (node) => Array.from({ length: 999 }, (_, n) => `n${n}`).find((key) => vbucketOf(key) % 3 === node) ?? '',
  );
  for (const key of keys) await collection.upsert(key, 'old');
  await server.lagReplication();
  for (const key of keys) await collection.upsert(key, 'new');
  await Promise.all(keys.map((key) => collection.getAndLock(key, 15)));
  const uuids = await Promise.all(keys.map(uuidOf));
  await server.failOver({ ...STAYING, node: 1 });
  const contents = await Promise.all(keys.map(async (key) => (await collection.get(key)).content));
  assert.deepEqual(contents, ['new', 'old', 'new']);
  const changed = (await Promise.all(keys.map(uuidOf))).map((uuid, n) => uuid !== uuids[n]);
  assert.deepEqual(changed, [false, true, false]);
  const [first = '', second = '', third = ''] = keys;
  await collection.upsert(second, 'unlocked');
  for (const key of [first, third])
    await assert.rejects(collection.upsert(key, 'locked', { timeout: 300 }), /timeout/);
  // Node 1 was the replica of what is active on node 0.
  const others = (node: number) =>
    Array.from({ length: 999 }, (_, n) => `o${n}`).find((key) => vbucketOf(key) % 3 === node) ?? '';
  for (const node of [0, 1])
    await assert.rejects(collection.upsert(others(node), 1, MAJORITY), DurabilityImpossibleError);
  await collection.upsert(others(2), 1, MAJORITY);
  await assert.rejects(server.failOver({ ...STAYING, node: 2 }), /There is no replica left/);
  await assert.rejects(server.failOver({ ...STAYING, node: 3 }), /nodes 0 to 2/);
  await server.nodesBack();
  await collection.upsert(others(1), 2, MAJORITY);
});

test('on a node whose clock is behind, CAS go on from the highest that survived, below the lost ones', async () => {
  const kept = await collection.upsert('behind', 'kept');
  await server.lagReplication();
  await server.jump(60_000);
  const lost = await collection.upsert('behind', 'lost');
  await server.failOver({ ...STAYING, clock: -3_600_000 });
  const next = await collection.upsert('behind', 'next');
  const [k, l, n] = [kept, lost, next].map(({ cas }) => BigInt(cas.toString()));
  assert.ok(k !== undefined && l !== undefined && n !== undefined);
  assert.ok(k < n && n < l && n - k < 1000n, `${k} < ${n} < ${l}`);
});

test('locks are gone, and a write that was not safe yet is ambiguous', async () => {
  await collection.upsert('locked', 'old');
  await collection.upsert('prepared', 'old');
  await collection.getAndLock('locked', 15);
  await server.fault({
    operation: 'set',
    action: { kind: 'prepare', milliseconds: 200, commits: true },
    times: 1,
  });
  const prepared = assert.rejects(collection.upsert('prepared', 'new', MAJORITY), DurabilityAmbiguousError);
  await collection.get('prepared');
  await server.failOver(STAYING);
  await collection.upsert('locked', 'new', { timeout: 300 });
  await prepared;
  assert.equal((await collection.get('prepared')).content, 'old');
});

test('a client that waits for the failed node loses its connection, and finds the new one', async () => {
  await server.fault({ operation: 'set', action: { kind: 'silence', applied: true }, times: 1 });
  const waiting = assert.rejects(collection.upsert('waiting', 1), RequestCanceledError);
  await collection.exists('waiting');
  await server.failOver();
  await waiting;
  await answered(() => collection.upsert('waiting', 2));
  assert.equal((await collection.get('waiting')).content, 2);
});

test('what a failover took away is gone for the next process too', async () => {
  await collection.upsert('lasting', 'old');
  await server.lagReplication();
  await collection.upsert('lasting', 'new');
  await server.failOver(STAYING);
  await collection.upsert('lasting after', 1);
  const uuid = await uuidOf('lasting');
  await server.restart();
  assert.equal((await answered(() => collection.get('lasting'))).content, 'old');
  assert.equal((await collection.get('lasting after')).content, 1);
  assert.notEqual(await uuidOf('lasting'), uuid, 'it was not stopped in order');
});
