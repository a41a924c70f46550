/** A certification on a test system: it is begun, and gone on with, only where the servers have the name that the operator has given. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Failovers } from '../../functions/certification/failovers.ts';
import { CertificationRefused, takeStep } from '../../functions/certification/step.ts';
import { nameOfSystem, OtherSystem } from '../../functions/certification/test_system.ts';
import { OperatorNeeded, StoreUnavailable, type Target } from '../../functions/stores/failure.ts';
import { hasLostSession, hasNoRoom } from '../../functions/stores/oracle/broken.ts';
import { failureOf } from '../../functions/stores/oracle/failure.ts';

const servers = (couchbase: object, oracle: object) => ({
  couchbase: { version: '7.6', identity: { ...couchbase } },
  oracle: { version: '19.3', identity: { ...oracle } },
});
const TEST = servers(
  { cluster: '3f2a91bcdd', bucket: 'b' },
  { name: 'FREE', container: 'FREEPDB1', dbid: '7' },
);

test('servers have a name together, by what each tells of itself, and none where one tells too little', () => {
  assert.equal(nameOfSystem(TEST), '3f2a91bc/FREE/FREEPDB1/7');
  const others = [
    servers({ cluster: '0000' }, TEST.oracle.identity),
    servers(TEST.couchbase.identity, { ...TEST.oracle.identity, dbid: '8' }),
    servers(TEST.couchbase.identity, { name: 'PROD' }),
  ];
  for (const other of others) assert.notEqual(nameOfSystem(other), nameOfSystem(TEST));
  // A test may open the database anew: that is no other one.
  const incarnation = servers(TEST.couchbase.identity, { ...TEST.oracle.identity, incarnation: '2' });
  assert.equal(nameOfSystem(incarnation), nameOfSystem(TEST));
  assert.equal(nameOfSystem(servers({}, TEST.oracle.identity)), null);
  assert.equal(nameOfSystem(servers(TEST.couchbase.identity, {})), null);
});

/** Begins a run. @returns what was begun, or why it was refused. */
async function begun(input: object): Promise<unknown> {
  let places: readonly string[] | null = null;
  const ports = {
    places: [{ bucket: 'shop' }],
    begin: async (_run: string, _form: string, all: readonly string[]) => {
      places = all;
    },
    requireSystem: async (_place: object, system: string) => {
      if (system !== nameOfSystem(TEST)) throw new OtherSystem(nameOfSystem(TEST));
    },
    goOn: async () => true,
    giveUp: async () => {},
  };
  try {
    await takeStep({ step: 'begin', run: 'r', input }, ports);
    return places;
  } catch (error) {
    assert.equal(places, null);
    return error;
  }
}

test('the form of a test system is begun with its name alone, and any other form without one', async () => {
  const system = '3f2a91bc/FREE/FREEPDB1/7';
  assert.deepEqual(await begun({ form: 'test-system', system }), [
    JSON.stringify({ bucket: 'shop', system }),
  ]);
  assert.deepEqual(await begun({ form: 'whole' }), ['{"bucket":"shop"}']);
  const other = await begun({ form: 'test-system', system: '3f2a91bc/PROD' });
  assert.ok(other instanceof OtherSystem && /^TEST_SYSTEM_OTHER: /.test(other.message), String(other));
  assert.doesNotMatch(other.message, /3f2a91bc/);
  assert.match(new OtherSystem(null).message, /^TEST_SYSTEM_UNKNOWN: /);
  for (const input of [{ form: 'test-system' }, { form: 'whole', system }, { system }])
    assert.ok((await begun(input)) instanceof CertificationRefused, JSON.stringify(input));
});

test('a partition that goes on in another history was failed over; one that is seen again was not', () => {
  const failovers = new Failovers();
  const seen = (id: number, uuid: string) => {
    failovers.looked({ id, uuid });
    return failovers.count;
  };
  assert.deepEqual([seen(1, 'a'), seen(2, 'b'), seen(1, 'a')], [0, 0, 0]);
  assert.deepEqual([seen(1, 'c'), seen(1, 'c'), seen(2, 'b'), seen(2, 'd')], [1, 1, 1, 2]);
});

test('no room, and a lost session, are known from all else that Oracle refuses', () => {
  const target: Target = { store: 'oracle', operation: 'write', collection: 'T', key: 'k' };
  const thrown = (message: string) => failureOf(new Error(message), target, true);
  for (const code of ['ORA-01536', 'ORA-01653', 'ORA-01691', 'ORA-30036', 'ORA-00257'])
    assert.ok(hasNoRoom(thrown(`${code}: no`)), code);
  for (const code of ['ORA-01031', 'ORA-00942', 'ORA-28000', 'ORA-03113', 'ORA-00054'])
    assert.equal(hasNoRoom(thrown(`${code}: no`)), false, code);
  for (const code of ['ORA-03113', 'ORA-01089', 'ORA-12514', 'NJS-500', 'ORA-16000'])
    assert.ok(hasLostSession(thrown(`${code}: gone`)), code);
  for (const code of ['NJS-123', 'NJS-040', 'ORA-00054', 'ORA-01536', 'ORA-00001'])
    assert.equal(hasLostSession(thrown(`${code}: no`)), false, code);
  assert.equal(hasLostSession(new StoreUnavailable(target, true, null)), false);
  assert.equal(hasNoRoom(new OperatorNeeded(target, 'no')), false);
  for (const nothing of [null, undefined, 'x'])
    assert.equal(hasNoRoom(nothing) || hasLostSession(nothing), false);
});
