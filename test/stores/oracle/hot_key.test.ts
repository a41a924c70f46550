/** Many writes of one key, whose row is locked, over an engine in which transactions really run at the same time. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import oracledb from 'oracledb';
import { Skipped } from '../../../functions/certification/not_kept.ts';
import { killedSession, lockedRow } from '../../../functions/certification/outside.ts';
import { Payload } from '../../../functions/protocol/payload.ts';
import { KeyTurns } from '../../../functions/routing/key_turns.ts';
import { NO_PRECONDITION } from '../../../functions/routing/precondition.ts';
import { type Pair, Router } from '../../../functions/routing/router.ts';
import { OracleConnection } from '../../../functions/stores/oracle/connection.ts';
import { OracleStore } from '../../../functions/stores/oracle/store.ts';
import { Receipts } from '../../../functions/stores/receipt.ts';
import { PRIVILEGES } from '../../../infra/local/servers/oracle/sessions.ts';
import { serverPorts } from '../../certification/server_ports.ts';
import type { TestCluster } from '../couchbase/cluster.ts';
import { type TestDatabase, testDatabase } from './database.ts';

let database: TestDatabase;
const NO_CLUSTER = { keyspace: { bucket: 'b', scope: 's', collection: 'c' } } as TestCluster;
before(async () => {
  database = await testDatabase({ concurrent: true });
});
after(() => database.stop());

test('while a row is locked, writes of its key hold no session that writes of other keys need', async () => {
  const { credentials, table } = database;
  const connection = new OracleConnection({ login: async () => credentials, size: 2, timeout: 3000 });
  const oracle = new OracleStore(connection, table, Date.now);
  const refused: string[] = [];
  const turns = new KeyTurns(
    { most: 1, slow: 1500 },
    () => performance.now(),
    ({ key }) => refused.push(key),
  );
  const router = new Router(
    () => ({ oracle, couchbase: oracle as unknown as Pair['couchbase'] }),
    new Receipts(async () => true),
    () => false,
    null,
    turns,
  );
  const [hot, cool] = [randomUUID(), randomUUID()];
  const put = (key: string) => {
    const payload = new Payload(Buffer.from('{}'), null);
    const request = { collection: 'c', key, verb: 'put', payload, precondition: NO_PRECONDITION } as const;
    return router.write(request, { phase: 'contract', timely: () => true }).then(({ kind }) => kind);
  };
  const locker = await oracledb.getConnection(credentials);
  try {
    assert.equal(await put(hot), 'written');
    await locker.execute(`SELECT doc_key FROM ${table.name} WHERE doc_key = :hot FOR UPDATE`, { hot });
    const storm = Array.from({ length: 8 }, () => put(hot));
    assert.deepEqual(await Promise.all(storm.slice(1)), Array(7).fill('busy'));
    assert.equal(await put(cool), 'written');
    await locker.rollback();
    assert.equal(await storm[0], 'written');
    assert.equal(refused.length, 7);
  } finally {
    await locker.close();
    await connection.close();
  }
});

test('a certification locks a row from outside, and a write of it is given up in its time', async () => {
  const { credentials, table } = database;
  const timeout = 1000;
  const connection = new OracleConnection({ login: async () => credentials, size: 2, timeout });
  const ports = serverPorts(NO_CLUSTER, { connection, table }, timeout);
  try {
    const { state, figures } = await lockedRow(ports);
    assert.equal(state, 'passed');
    assert.ok(Number(figures['given up after (ms)']) > 0);
  } finally {
    await connection.close();
  }
});

for (const [lacks, privileges] of [
  ['SELECT ON V_$SESSION', ['ALTER SYSTEM']],
  ['ALTER SYSTEM', ['SELECT ON V_$SESSION']],
] as const)
  test(`a certification that may not kill a session for want of ${lacks} tells that, and changes nothing`, async (t) => {
    const { server } = database;
    if (server === null) return t.skip('a database of your own takes no orders');
    await server.allow('app', privileges);
    const ports = serverPorts(NO_CLUSTER, database, 1000);
    const told = await killedSession(ports).catch((error: unknown) => error);
    assert.ok(told instanceof Skipped, String(told));
    assert.equal(told.message, `The user of the functions lacks ${lacks}`);
  });

test('a certification kills a session of its own: nothing of its transaction is left, and the next call has another session', async (t) => {
  const { server } = database;
  if (server === null) return t.skip('a database of your own takes no orders');
  await server.allow('app', PRIVILEGES);
  const { state, figures } = await killedSession(serverPorts(NO_CLUSTER, database, 1000));
  assert.deepEqual(
    [state, figures],
    ['passed', { 'told as': 'NJS-500: connection to Oracle Database was closed or broken (ORA-00028)' }],
  );
});
