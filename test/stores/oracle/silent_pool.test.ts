/** Pools whose sessions go silent. These tests order faults, so they always run on the embedded server. */
import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { after, afterEach, before, test } from 'node:test';
import { metricsOf } from '../../../functions/edge/counted.ts';
import { StoreUnavailable } from '../../../functions/stores/failure.ts';
import { OracleConnection } from '../../../functions/stores/oracle/connection.ts';
import { listening, portOf } from '../../../infra/local/listen.ts';
import type { Action, Fault } from '../../../infra/local/servers/oracle/faults.ts';
import { type Running, startOracle } from '../../../infra/local/servers/oracle/start.ts';
import { refusedLogins } from './refused_logins.ts';

const TARGET = { store: 'oracle', operation: 'read', collection: 'DUAL', key: null } as const;
const [TIMEOUT, GRACE] = [400, 200];
/** Far longer than the watchdog of any number of pools that a test may need. */
const LONG = 5000;

let server: Running;
let connection: OracleConnection;
let pools = 0;

before(async () => {
  server = await startOracle({ service: 'orders', users: { app: 'secret', guarded: 'first' } });
});
after(() => server.stop());
afterEach(async () => {
  await server.calm();
  await connection.close();
});

/** A new process, with no connection yet. */
function opened(timeout = TIMEOUT, size = 2, connectString = server.connectString): void {
  pools = 0;
  const login = async () => {
    pools++;
    return { connectString, user: 'app', password: 'secret' };
  };
  connection = new OracleConnection({ login, size, timeout, grace: GRACE });
}

/** With all of its sessions. */
async function openedFully(timeout = TIMEOUT, size = 2): Promise<void> {
  opened(timeout, size);
  assert.notEqual(await untilAnswered(size), null);
  pools = 1;
}

const read = (mutation = false) =>
  connection.use(TARGET, mutation, async (session) => (await session.execute('SELECT 1 FROM dual')).rows);

/** What a read failed with, or null. */
const failureOfRead = (mutation = false) =>
  read(mutation).then(
    () => null,
    (error: unknown) => error,
  );

const strike = (operation: Fault['operation'], action: Action, times: number | null, statement?: string) =>
  server.fault({ operation, action, times, statement: statement ?? null });

/** Reads again and again, `together` at a time, until all of them are answered. What failed until then, or null for never. */
async function untilAnswered(together = 1): Promise<unknown[] | null> {
  const failures: unknown[] = [];
  for (const end = performance.now() + LONG; performance.now() < end; ) {
    const outcomes = await Promise.all(Array.from({ length: together }, () => failureOfRead()));
    if (outcomes.every((outcome) => outcome === null)) return failures;
    failures.push(...outcomes.filter((outcome) => outcome !== null));
  }
  return null;
}

function assertSilence(failures: readonly unknown[] | null): void {
  assert.ok(failures !== null, 'the pool stays dead');
  assert.notEqual(failures.length, 0, 'the fault never struck');
  for (const failure of failures) {
    assert.ok(failure instanceof StoreUnavailable && !failure.mayHaveApplied, String(failure));
    assert.deepEqual(metricsOf(failure), ['OracleFailures'], 'no pool was too small');
  }
}

for (const [what, operation, kind, times, statement] of [
  ['go silent at login', 'login', 'blackHole', 1, undefined],
  ['go silent at their first statement', 'execute', 'blackHole', 2, 'ALTER SESSION'],
  ['are not answered at their first statement', 'execute', 'silence', 2, 'ALTER SESSION'],
] as const)
  test(`a pool whose sessions ${what} is abandoned, and the next call opens another`, async () => {
    opened();
    await strike(operation, { kind, applied: false }, times, statement);
    assertSilence(await untilAnswered());
  });

test('a pool whose idle sessions go silent at their ping answers the same call, on a new session', async (t) => {
  opened(1200);
  assert.deepEqual(await Promise.all([failureOfRead(), failureOfRead()]), [null, null]);
  t.mock.timers.enable({ apis: ['Date'], now: Date.now() + 61_000 });
  await strike('ping', { kind: 'blackHole' }, 2);
  assert.equal(await failureOfRead(), null);
  assert.equal(pools, 1);
});

test('after a long sleep the next call opens a new pool, and pings none of the sessions that are dead', async (t) => {
  await openedFully(1200, 6);
  t.mock.timers.enable({ apis: ['Date'], now: Date.now() + 301_000 });
  await strike('ping', { kind: 'blackHole' }, null);
  assert.equal(await failureOfRead(), null);
  assert.equal(pools, 2);
});

test('a restart of Oracle fails no read, however many sessions were open, and one change at most', async () => {
  for (const mutation of [false, true]) {
    await openedFully(3000, 4);
    await server.restart();
    const outcomes: unknown[] = [];
    for (let call = 0; call < 5; call++) outcomes.push(await failureOfRead(mutation));
    const failed = outcomes.filter((outcome) => outcome !== null);
    assert.ok(failed.length <= (mutation ? 1 : 0), failed.map(String).join('\n'));
    await connection.close();
  }
});

test('addresses that take connections and say nothing are passed by, within the time of the call', async (t) => {
  const mute = await listening(createServer(), 0);
  t.after(() => mute.close());
  const address = (port: number) => `(ADDRESS=(PROTOCOL=TCP)(HOST=127.0.0.1)(PORT=${port}))`;
  const list = `(ADDRESS_LIST=${[portOf(mute), portOf(mute), server.port].map(address).join('')})`;
  opened(4000, 2, `(DESCRIPTION=${list}(CONNECT_DATA=(SERVICE_NAME=orders)))`);
  assert.equal(await failureOfRead(), null);
});

test('a pool that has a session but opens no other is abandoned, and the next one opens as many as are needed', async () => {
  opened();
  assert.equal(await failureOfRead(), null);
  await strike('login', { kind: 'blackHole' }, 1);
  assert.ok((await untilAnswered(2)) !== null, 'the pool stays at one session');
});

test('a pool that slow statements keep busy refuses what it has no room for, and is not abandoned', async () => {
  await openedFully();
  await strike('execute', { kind: 'delay', milliseconds: TIMEOUT * 0.4 }, null, 'SELECT');
  const outcomes = await Promise.all(Array.from({ length: 16 }, failureOfRead));
  assert.ok(outcomes.includes(null));
  const refused = outcomes.filter((outcome) => /NJS-040/.test(String(outcome)));
  assert.notEqual(refused.length, 0);
  for (const failure of refused)
    assert.deepEqual(metricsOf(failure), ['OracleFailures', 'PoolSaturated'], String(failure));
  await server.calm();
  // Past the watchdog of whatever was refused.
  for (const end = performance.now() + TIMEOUT + GRACE; performance.now() < end; )
    assert.equal(await failureOfRead(), null);
  assert.equal(pools, 1);
});

test('a pool whose statements are all broken off, by a server that answers that, is not abandoned', async () => {
  await openedFully();
  await strike('execute', { kind: 'silence', applied: false }, null, 'SELECT');
  for (let round = 0; round < 2; round++)
    for (const failure of await Promise.all(Array.from({ length: 6 }, failureOfRead)))
      assert.ok(failure instanceof StoreUnavailable);
  await server.calm();
  assert.equal(await failureOfRead(), null);
  assert.equal(pools, 1);
});

test('a call whose session comes after it was given up is not sent', async () => {
  const secret = Promise.withResolvers<void>();
  const login = async () => {
    await secret.promise;
    return { connectString: server.connectString, user: 'app', password: 'secret' };
  };
  connection = new OracleConnection({ login, size: 1, timeout: TIMEOUT, grace: GRACE });
  let sent = 0;
  const write = () => connection.use({ ...TARGET, operation: 'apply' }, true, async () => ++sent);
  await assert.rejects(write(), (error) => error instanceof StoreUnavailable && !error.mayHaveApplied);
  secret.resolve();
  assert.notEqual(await untilAnswered(), null);
  assert.equal(sent, 0);
});

refusedLogins(() => server);
