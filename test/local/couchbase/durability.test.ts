/** Durable writes, as the driver sees them. */
import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import {
  type Cluster,
  type Collection,
  connect,
  DocumentExistsError,
  DurabilityAmbiguousError,
  DurabilityImpossibleError,
  DurabilityLevel,
  MutateInSpec,
  StoreSemantics,
  TimeoutError,
} from 'couchbase';
import { checkDurability, Nodes } from '../../../infra/local/servers/couchbase/durability.ts';
import type { Request } from '../../../infra/local/servers/couchbase/frame.ts';
import { type Running, startCouchbase } from '../../../infra/local/servers/couchbase/start.ts';
import { OPCODE, type Refusal, STATUS } from '../../../infra/local/servers/couchbase/wire.ts';

let server: Running;
let cluster: Cluster;
let collection: Collection;
before(async () => {
  server = await startCouchbase({ users: { app: 'secret' }, buckets: { shop: { sales: ['orders'] } } });
  cluster = await connect(server.connectionString, { username: 'app', password: 'secret' });
  collection = cluster.bucket('shop').scope('sales').collection('orders');
});
afterEach(() => server.calm());
after(async () => {
  await cluster.close();
  await server.stop();
});

const MAJORITY = { durabilityLevel: DurabilityLevel.Majority };
const LEVELS = [
  DurabilityLevel.Majority,
  DurabilityLevel.MajorityAndPersistOnMaster,
  DurabilityLevel.PersistToMajority,
];
const edit = [MutateInSpec.upsert('n', 1)];
const content = async (key: string) => (await collection.get(key)).content;

test('every kind of mutation is taken with every level', async () => {
  for (const durabilityLevel of LEVELS) {
    const key = `level-${durabilityLevel}`;
    await collection.insert(key, { n: 0 }, { durabilityLevel });
    await collection.upsert(key, { n: 0 }, { durabilityLevel });
    await collection.replace(key, { n: 0 }, { durabilityLevel });
    const { token } = await collection.mutateIn(key, edit, { durabilityLevel });
    assert.ok(token);
    assert.deepEqual(await content(key), { n: 1 });
    await collection.remove(key, { durabilityLevel });
    assert.equal((await collection.exists(key)).exists, false);
  }
});

test('with one of two nodes gone, durable writes are impossible and others are not, until it is back', async () => {
  await collection.upsert('alone', { n: 0 });
  await server.loseReplica();
  const insert = { ...MAJORITY, storeSemantics: StoreSemantics.Insert };
  for (const attempt of [
    () => collection.insert('nowhere', 1, MAJORITY),
    () => collection.upsert('alone', { n: 9 }, MAJORITY),
    () => collection.replace('alone', { n: 9 }, MAJORITY),
    () => collection.mutateIn('alone', edit, MAJORITY),
    () => collection.mutateIn('nowhere', edit, insert),
    () => collection.remove('alone', MAJORITY),
  ])
    await assert.rejects(attempt(), DurabilityImpossibleError);
  await assert.rejects(
    collection.mutateIn('alone', edit, insert),
    DocumentExistsError,
    'an edit looks first',
  );
  assert.deepEqual(await content('alone'), { n: 0 });
  assert.equal((await collection.exists('nowhere')).exists, false);
  await collection.upsert('alone', { n: 2 });
  await assert.rejects(server.loseReplica(), /There is no replica left/);
  await server.nodesBack();
  await collection.mutateIn('alone', edit, MAJORITY);
  assert.deepEqual(await content('alone'), { n: 1 });
});

test('a durable write is not seen before it is safe, and makes other writes of its key wait', async () => {
  await collection.upsert('prepared', 'before');
  await server.fault({
    operation: 'set',
    action: { kind: 'prepare', milliseconds: 300, commits: true },
    times: 1,
  });
  let isDone = false;
  const durable = collection.upsert('prepared', 'durable', MAJORITY).then(() => {
    isDone = true;
  });
  // Sent on the same connection, so they arrive after it.
  assert.equal(await content('prepared'), 'before');
  await assert.rejects(collection.upsert('prepared', 'other', { timeout: 50 }), TimeoutError);
  assert.equal(isDone, false);
  await durable;
  assert.equal(await content('prepared'), 'durable');
  await collection.upsert('prepared', 'other');
});

test('a durable write that is not safe in time is ambiguous, applied or not', async () => {
  await collection.upsert('ambiguous', 'before');
  const durable = (value: string) => collection.upsert('ambiguous', value, MAJORITY);
  await server.fault({
    operation: 'set',
    action: { kind: 'prepare', milliseconds: 20, commits: false },
    times: 1,
  });
  await assert.rejects(durable('given up'), DurabilityAmbiguousError);
  assert.equal(await content('ambiguous'), 'before');
  const status = { kind: 'status', status: STATUS.syncWriteAmbiguous } as const;
  await server.fault({ operation: 'set', durable: true, action: { ...status, applied: true }, times: 1 });
  await collection.upsert('ambiguous', 'not durable, not struck');
  await assert.rejects(durable('applied'), DurabilityAmbiguousError);
  assert.equal(await content('ambiguous'), 'applied');
});

test('a key that is in progress or is committed again is tried again by the driver', async () => {
  for (const status of [STATUS.syncWriteInProgress, STATUS.syncWriteReCommitInProgress]) {
    await server.fault({ operation: 'set', action: { kind: 'status', status }, times: 2 });
    await collection.upsert('retried', status, MAJORITY);
    await server.fault({ operation: 'get', action: { kind: 'status', status }, times: 2 });
    assert.equal(await content('retried'), status);
  }
});

test('how many nodes may be gone depends on the replicas', () => {
  const takes = (replicas: number, gone: number) => {
    const nodes = new Nodes(replicas, 2);
    for (let i = 0; i < gone; i++) nodes.lose();
    return nodes.takesDurableWrites(1);
  };
  for (const replicas of [-1, 4, 0.5]) assert.throws(() => new Nodes(replicas, 2), /0 to 3 replicas/);
  assert.deepEqual([takes(0, 0), takes(1, 0), takes(2, 0), takes(3, 0)], [true, true, true, false]);
  assert.deepEqual([takes(1, 1), takes(2, 1), takes(2, 2), takes(3, 1)], [false, true, false, false]);
});

test('what is no durability is refused', () => {
  const refused = (opcode: number, ...bytes: number[]) => {
    try {
      checkDurability({
        opcode,
        framing: { preserveExpiry: false, durability: Buffer.from(bytes) },
      } as Request);
      return null;
    } catch (error) {
      return (error as Refusal).status;
    }
  };
  assert.deepEqual([refused(OPCODE.set, 1), refused(OPCODE.set, 3, 0, 1)], [null, null]);
  for (const level of [0, 4]) assert.equal(refused(OPCODE.set, level), STATUS.durabilityInvalidLevel);
  assert.equal(refused(OPCODE.set, 1, 0, 0), STATUS.durabilityInvalidLevel);
  assert.equal(refused(OPCODE.set, 1, 255, 255), STATUS.durabilityInvalidLevel);
  assert.equal(refused(OPCODE.set, 1, 0), STATUS.invalid);
  assert.equal(refused(OPCODE.get, 1), STATUS.invalid);
});
