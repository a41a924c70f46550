/** What real drivers read of which store it is, and where it is remembered. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Heartbeats } from '../../functions/books/heartbeats.ts';
import { Identities, oracleMarks } from '../../functions/books/identities.ts';
import { Partitions } from '../../functions/books/partitions.ts';
import { failoverWatch } from '../../functions/identity/failovers.ts';
import { IdentityGuard } from '../../functions/identity/guard.ts';
import { documentFrom } from '../../functions/protocol/fingerprint.ts';
import { brokenHistory } from '../../functions/records/heartbeat.ts';
import { couchbaseMarks } from '../../functions/stores/couchbase/identity.ts';
import { CouchbaseStore } from '../../functions/stores/couchbase/store.ts';
import { CONTROL } from '../../functions/stores/oracle/control_tables.ts';
import { upgrade } from '../../functions/stores/oracle/upgrade.ts';
import type { Made } from '../../functions/stores/witness.ts';
import { type TestCluster, testCluster } from './couchbase/cluster.ts';
import { type TestDatabase, testDatabase } from './oracle/database.ts';

/** Another cluster is an order to the embedded server, and a flashback is a statement to the embedded database. */
const skip =
  (process.env.COUCHBASE_URL !== undefined || process.env.ORACLE_CONNECT_STRING !== undefined) &&
  'stores of your own take no orders';

const LEDGERS = CONTROL.steps.filter((step) =>
  /CROSSFADE_(IDENTITIES|PARTITIONS|HEARTBEAT)/.test(step.join()),
);

let cluster: TestCluster;
let database: TestDatabase;
let ledger: Identities;
before(async () => {
  [cluster, database] = await Promise.all([testCluster(), testDatabase()]);
  // The steps that add the ledgers are enough.
  await upgrade(database.connection, [{ ...CONTROL, steps: LEDGERS }], null, () => {});
  ledger = new Identities(database.connection);
});
after(() => Promise.all([cluster.stop(), database.stop()]));

const couchbase = () => couchbaseMarks(cluster.connection, cluster.keyspace, 10_000);
const oracle = () => oracleMarks(database.connection);
const target = { store: 'oracle', operation: 'test', collection: 'V$DATABASE', key: null } as const;
const execute = (statement: string) =>
  database.connection.use(target, true, (session) => session.execute(statement, [], { autoCommit: true }));

/** A container that has looked at nothing yet. */
const guard = () =>
  new IdentityGuard({
    place: (_, store) => store,
    connection: () => 0,
    look: (_, store) => (store === 'oracle' ? oracle() : couchbase()),
    remembered: () => ledger.all(),
    remember: (name, store, marks, instead) => ledger.remember(name, store, marks, instead, Date.now()),
    now: () => performance.now(),
    fresh: 60_000,
  });

test('a failover and a new connection leave the marks as they are; another cluster has others', {
  skip,
}, async () => {
  const marks = await couchbase();
  assert.match(marks.bucket ?? '', /^[0-9a-f]{32}$/);
  assert.match(marks.cluster ?? '', /^[0-9a-f]{32}$/);
  await guard().require('orders', 'expand');
  await cluster.server?.failOver({ disconnects: false });
  await cluster.server?.nodesBack();
  assert.deepEqual(await couchbase(), marks);
  await guard().require('orders', 'expand');
  await cluster.server?.anotherCluster();
  const others = await couchbase();
  assert.notEqual(others.bucket, marks.bucket);
  await assert.rejects(guard().require('orders', 'expand'), /IDENTITY_CHANGED: Couchbase of orders/);
  await guard().accept('orders', ['couchbase']);
  await guard().require('orders', 'expand');
  assert.deepEqual((await ledger.all()).get('couchbase orders'), others);
});

test('a driver that has lost track of the management service is given another connection, and keeps this one where it answers', {
  skip,
}, async () => {
  const marks = await couchbase();
  await couchbase();
  const { number } = cluster.connection;
  await cluster.server?.moveManagement();
  const ask = () => couchbaseMarks(cluster.connection, cluster.keyspace, 200);
  let failed = 0;
  const again = async (): Promise<unknown> =>
    ask().catch((error: Error) => {
      assert.match(error.message, /on the port of its management service/);
      assert.ok(++failed < 4, 'it is asked on the same connection for ever');
      return again();
    });
  assert.deepEqual(await again(), marks);
  assert.deepEqual([failed, cluster.connection.number], [3, number + 1]);
});

test('a database that was opened with RESETLOGS is another one', { skip }, async () => {
  const marks = await oracle();
  assert.deepEqual(Object.keys(marks), ['name', 'container', 'dbid', 'incarnation']);
  await guard().require('carts', 'contract');
  await execute('UPDATE V$DATABASE SET RESETLOGS_CHANGE# = RESETLOGS_CHANGE# + 1000');
  await assert.rejects(guard().require('carts', 'contract'), /Oracle of carts .*\(incarnation\)/);
  await guard().accept('carts', ['oracle']);
  await guard().require('carts', 'contract');
});

test('a session that replaces a broken one is looked through, too, in the same pool', { skip }, async () => {
  const container = new IdentityGuard({
    place: (_, store) => store,
    connection: (store) => (store === 'oracle' ? database.connection.number : 0),
    look: (_, store) => (store === 'oracle' ? oracle() : couchbase()),
    remembered: () => ledger.all(),
    remember: (name, store, marks, instead) => ledger.remember(name, store, marks, instead, Date.now()),
    now: () => performance.now(),
    fresh: 60_000,
  });
  await container.require('figs', 'contract');
  await container.require('figs', 'contract');
  const before = database.connection.number;
  await container.require('figs', 'contract');
  assert.equal(database.connection.number, before);
  await database.server?.restorePoint();
  await database.server?.fallBack();
  // Whatever the container does next opens a session.
  await ledger.all().catch(() => ledger.all());
  assert.ok(database.connection.number > before);
  await assert.rejects(container.require('figs', 'contract'), /Oracle of figs .*\(incarnation\)/);
});

test('without the right to read V$DATABASE its names are left, and nothing else', {
  skip,
}, async () => {
  await database.server?.fault({
    ...{ operation: 'execute', statement: 'V$DATABASE', times: 1 },
    action: { kind: 'error', number: 942, text: 'table or view does not exist' },
  });
  assert.deepEqual(await oracle(), { name: 'EMBEDDED', container: 'EMBEDDED' });
});

test('what is remembered stays, unless what it was is known, or an operator says so', { skip }, async () => {
  const told = async () => (await ledger.all()).get('oracle pears');
  const [a, b, c] = [{ name: 'A' }, { name: 'B' }, { name: 'C', dbid: '7' }];
  await ledger.remember('pears', 'oracle', a, null, 1);
  for (const instead of [null, b]) await ledger.remember('pears', 'oracle', b, instead, 2);
  assert.deepEqual(await told(), a);
  await ledger.remember('pears', 'oracle', c, a, 3);
  assert.deepEqual(await told(), c);
  await ledger.remember('pears', 'oracle', b, 'any', 4);
  assert.deepEqual(await told(), b);
});

test('the heartbeat is changed only by whoever has seen what is there, and a table that is not there is told as such', {
  skip,
}, async () => {
  const heartbeats = new Heartbeats(database.connection);
  assert.equal(await heartbeats.read(), null);
  const [one, two] = [1, 2].map((number) => ({ number, history: 'unbroken', at: 7 }));
  assert.ok(one !== undefined && two !== undefined);
  assert.equal(await heartbeats.write(one, two), false);
  assert.deepEqual([await heartbeats.write(null, one), await heartbeats.write(null, two)], [true, false]);
  assert.deepEqual(await heartbeats.read(), one);
  assert.equal(await heartbeats.write({ ...one, history: 'another' }, two), false);
  assert.deepEqual([await heartbeats.write(one, two), await heartbeats.write(one, two)], [true, false]);
  // As high and as long as they can be.
  const most = { number: 999_999_999_999_999, at: 8_640_000_000_000_000 };
  const history = brokenHistory({ ...most, history: '' }, most, most.at);
  const last = { history, at: 999_999_999_999_999, number: most.number + 1 };
  assert.equal(await heartbeats.write(two, last), true);
  assert.deepEqual(await heartbeats.read(), last);
  await database.server?.fault({
    ...{ operation: 'execute', statement: 'CROSSFADE_HEARTBEAT', times: 1 },
    action: { kind: 'error', number: 942, text: 'table or view does not exist' },
  });
  assert.equal(await heartbeats.read(), 'not readable');
});

/** A container that has made no mutation yet. @param noted is told of gates that are shut. */
function writer(noted: () => void): CouchbaseStore {
  const ledger = new Partitions(database.connection);
  const watch = failoverWatch({
    buckets: new Map([['crossfade', { collections: ['orders'], notDurable: ['orders'] }]]),
    ...{ phase: async () => 'expand', told: () => {}, note: async () => noted() },
    known: (bucket) => ledger.of(bucket),
    remember: (bucket, seen) => ledger.remember(bucket, seen),
    failed: (_, error) => assert.fail(String(error)),
    ...{ now: Date.now, bake: 0 },
  });
  const made = ({ partition }: Made) => watch.see('crossfade', partition);
  const witness = { now: () => ({ earliest: 0, latest: 0 }), made, looked: () => {} };
  const durable = { level: 'none', fallBack: null, witness } as const;
  return new CouchbaseStore(cluster.connection, cluster.keyspace, 10_000, durable);
}

test('a failover is told by the next mutation of its partition, also to a container that was begun after it', {
  skip,
}, async () => {
  const content = documentFrom(Buffer.from('1'), null);
  const ledger = new Partitions(database.connection);
  let noted = 0;
  // Of another partition than the one that is written down below by hand.
  const [key, count] = ['failed-over', () => noted++];
  const histories = async () => [...(await ledger.of('crossfade')).values()];
  const until = async (holds: (all: string[]) => boolean) => {
    for (let looks = 0; looks < 500; looks++) if (holds(await histories())) return;
    assert.fail('nothing was remembered');
  };
  const first = writer(count);
  await first.upsert(key, { content });
  await until((all) => all.length === 1);
  const [before] = await histories();
  await cluster.server?.failOver({ disconnects: false });
  await writer(count).upsert(key, { content });
  await until(([history]) => history !== before);
  assert.equal(noted, 1);
  // The first container finds that another one has noted it.
  await first.upsert(key, { content });
  await ledger.remember('crossfade', [{ id: 1, uuid: '18446744073709551615', before: null }]);
  await ledger.remember('crossfade', [{ id: 1, uuid: '2', before: null }]);
  assert.equal((await ledger.of('crossfade')).get(1), '18446744073709551615');
  assert.equal(noted, 1);
});
