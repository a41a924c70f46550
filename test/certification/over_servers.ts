/** Checks of a certification over the embedded servers, through the drivers; the rules of the contract are tests of each store already. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Ports } from '../../functions/certification/check.ts';
import { CHECKS } from '../../functions/certification/checks.ts';
import { outcomeOf } from '../../functions/certification/outcome.ts';
import { clearOwn } from '../../functions/certification/scratch.ts';
import { document } from '../../functions/certification/subject.ts';
import { CONTROL } from '../../functions/stores/oracle/control_tables.ts';
import { upgrade } from '../../functions/stores/oracle/upgrade.ts';
import type { TestCluster } from '../stores/couchbase/cluster.ts';
import type { TestDatabase } from '../stores/oracle/database.ts';
import { serverPorts } from './server_ports.ts';

interface Servers {
  readonly cluster: TestCluster;
  readonly database: TestDatabase;
}

/** Milliseconds for one call. */
const CALL = 1000;

export async function outcome(name: string, ports: Ports) {
  const check = CHECKS.find((each) => each.name === name);
  assert.ok(check !== undefined, name);
  return outcomeOf(check, ports);
}

export function certified(servers: () => Servers): void {
  const ports = () => serverPorts(servers().cluster, servers().database, CALL);

  test('a certification is refused where somebody has documents, and removes none of them', async () => {
    const { cluster } = servers();
    const { state, why } = await outcome('scratch.own', ports());
    assert.equal(state, 'passed', why);
    await cluster.store.upsert('somebody', { content: document('1') });
    assert.match((await outcome('scratch.own', ports())).why ?? '', /^CERTIFY_NOT_SCRATCH: .* collection/);
    assert.equal(await clearOwn(ports()), true);
    assert.notEqual((await cluster.store.read('somebody')).cas, 0n);
    await cluster.store.remove('somebody');
  });

  test('a rehearsal goes there and back through the drivers', async () => {
    const { state, why, figures } = await outcome('rehearsal.short', ports());
    assert.equal(state, 'passed', why);
    assert.equal(figures['phases written in'], 11);
    assert.ok(Number(figures['writes acknowledged']) > 11);
    assert.equal((await outcome('couchbase.durability', ports())).state, 'passed');
    assert.equal(await clearOwn(ports()), true);
  });

  faults(servers, ports);
  brokenByOperators(servers, ports);
}

function faults(servers: () => Servers, ports: () => Ports): void {
  test('a rehearsal notices what a server forgets in the middle of it', async () => {
    const { database } = servers();
    const sql = `DELETE FROM ${database.table.name} WHERE doc_key LIKE '%/untouched/%'`;
    const target = database.store.target('untouched', 'test');
    let forgotten: Promise<unknown> | null = null;
    // The first write that Oracle orders comes in the window between switch and settle.
    const oracle = beforeWrites(ports().oracle, async () => {
      forgotten ??= database.connection.use(target, true, (session) =>
        session.execute(sql, {}, { autoCommit: true }),
      );
      await forgotten;
    });
    const { state, why = '' } = await outcome('rehearsal.short', { ...ports(), call: 100, oracle });
    assert.equal(state, 'failed');
    assert.match(why, /no order|agree|should hold/);
  });

  test('a store that loses answers in a rehearsal costs requests, and no document', async (t) => {
    const { server } = servers().database;
    if (server === null) return t.skip('a database of your own takes no orders');
    const action = { kind: 'dropChange' } as const;
    let ordered: Promise<unknown> | null = null;
    // From the first write that Oracle orders on: where Couchbase decides, a receipt may stand in for each lost answer, and find nothing to repair.
    const oracle = beforeWrites(ports().oracle, async () => {
      ordered ??= Promise.all(
        ['UPDATE', 'INSERT'].map((statement) =>
          server.fault({ operation: 'execute', statement, times: 3, action }),
        ),
      );
      await ordered;
    });
    const { state, why, figures } = await outcome('rehearsal.short', { ...ports(), call: 100, oracle });
    assert.equal(state, 'passed', why);
    assert.ok(Number(figures.unanswered) > 0 || Number(figures.repairs) > 0);
    await server.calm();
  });
}

function brokenByOperators(servers: () => Servers, ports: () => Ports): void {
  test('on a test system an operator fails a node over, and brings it back: nothing acknowledged is lost', async (t) => {
    const { cluster, database } = servers();
    const { server } = cluster;
    if (server === null) return t.skip('a cluster of your own takes no orders');
    // A repair may set a content aside.
    await upgrade(database.connection, [CONTROL], null, () => {});
    const tell: Ports['tell'] = ({ step }) => (step === 'break' ? server.failOver() : server.nodesBack());
    const { state, why, figures } = await outcome('couchbase.failover', { ...ports(), call: 100, tell });
    assert.equal(state, 'passed', why);
    assert.ok(Number(figures['own writes refused or unanswered']) > 0);
    await clearOwn(ports());
  });
}

function beforeWrites(oracle: Ports['oracle'], act: () => Promise<void>): Ports['oracle'] {
  return new Proxy(oracle, {
    get: (of, name) => {
      const member: unknown = Reflect.get(of, name);
      if (typeof member !== 'function') return member;
      return async (...args: unknown[]) => {
        if (name === 'write') await act();
        return member.apply(of, args);
      };
    },
  });
}
