import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:net';
import { mock, test } from 'node:test';
import type { Cluster } from 'couchbase';
import { connectCouchbase } from '../../../functions/stores/couchbase/connect.ts';
import { CouchbaseConnection } from '../../../functions/stores/couchbase/connection.ts';
import { OperatorNeeded, StoreUnavailable } from '../../../functions/stores/failure.ts';
import { listening, portOf } from '../../../infra/local/listen.ts';

const KEYSPACE = { bucket: 'shop', scope: 'sales', collection: 'orders' };
/** The driver’s own bound for a connect is 10 seconds. */
const WELL_BEFORE = 5000;

async function refusing(server: Server): Promise<number> {
  const port = portOf(server);
  await new Promise((resolve) => server.close(resolve));
  return port;
}

test('connecting to a silent port, a refusing port and an unknown host ends with its time-out', async () => {
  const silent = await listening(createServer(), 0);
  const refused = await refusing(await listening(createServer(), 0));
  const hosts = [`127.0.0.1:${portOf(silent)}`, `127.0.0.1:${refused}`, 'nowhere.invalid'];
  const credentials = { username: 'app', password: 'secret', connectTimeout: 300 };
  const took = await Promise.all(
    hosts.map(async (host) => {
      const start = performance.now();
      const connecting = connectCouchbase({ connectionString: `couchbase://${host}`, ...credentials });
      await assert.rejects(connecting, (error) => error instanceof StoreUnavailable && !error.mayHaveApplied);
      return performance.now() - start;
    }),
  );
  silent.close();
  assert.ok(Math.max(...took) < WELL_BEFORE, `${took}`);
});

/** Lets everything run that waits for no timer. */
const settled = () => new Promise((resolve) => setImmediate(resolve));

test('a call waits for a connection that is being opened for 2 s at most, and a later one finds it open', {
  timeout: 5000,
}, async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const opening = Promise.withResolvers<Cluster>();
  const open = mock.fn(() => opening.promise);
  const connection = new CouchbaseConnection(open);
  const act = mock.fn(async () => 'answered');
  const first = connection.use(KEYSPACE, act).catch((error: unknown) => error);
  await settled();
  t.mock.timers.tick(2000);
  const failure = await first;
  assert.ok(failure instanceof StoreUnavailable && !failure.mayHaveApplied, String(failure));
  assert.match(failure.message, /^couchbase connect in shop\.sales\.orders: .*2000 ms/);
  opening.resolve(anyCluster());
  assert.equal(await connection.use(KEYSPACE, act), 'answered');
  assert.deepEqual([open.mock.callCount(), act.mock.callCount()], [1, 1]);
});

test('an opening that never ends is given up, closed if it ends after all, and the next call opens another', {
  timeout: 5000,
}, async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const hung = Promise.withResolvers<Cluster>();
  const openings = [hung.promise, Promise.resolve(anyCluster())];
  const connection = new CouchbaseConnection(() => openings.shift() ?? assert.fail('a third was opened'));
  const call = () => connection.use(KEYSPACE, async () => 'answered');
  const outcomes: string[] = [];
  for (let time = 0; outcomes.at(-1) !== 'answered' && time < 20_000; time += 2000) {
    const called = call().catch(() => 'unavailable');
    await settled();
    t.mock.timers.tick(2000);
    outcomes.push(await called);
  }
  assert.deepEqual(outcomes, [...Array(5).fill('unavailable'), 'answered']);
  const late = anyCluster();
  hung.resolve(late);
  await settled();
  assert.equal(late.closed.mock.callCount(), 1);
});

test('an opening that only an operator can mend is tried again after a second, and not for each call', {
  timeout: 5000,
}, async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const target = { store: 'couchbase', operation: 'connect', collection: 'orders', key: null } as const;
  const refusal = () => Promise.reject(new OperatorNeeded(target, 'mend the secret'));
  const open = mock.fn(refusal as () => Promise<Cluster>);
  const connection = new CouchbaseConnection(open);
  const call = () => connection.use(KEYSPACE, async () => 'answered');
  for (let n = 0; n < 3; n++) await assert.rejects(call(), OperatorNeeded);
  assert.equal(open.mock.callCount(), 1);
  open.mock.mockImplementation(async () => anyCluster());
  t.mock.timers.tick(1000);
  assert.equal(await call(), 'answered');
  assert.equal(open.mock.callCount(), 2);
});

function anyCluster() {
  const closed = mock.fn(async () => {});
  const collection = { _subdocDecode: () => {}, _subdocEncode: () => {} };
  const scope = { collection: () => collection };
  return { closed, close: closed, bucket: () => ({ scope: () => scope }) } as unknown as Cluster & {
    closed: typeof closed;
  };
}
