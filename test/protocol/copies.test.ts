/** What a copy on its way to Couchbase does with what it finds there. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Call, perform } from '../../functions/protocol/call.ts';
import { push } from '../../functions/protocol/carry.ts';
import { UNCONDITIONAL } from '../../functions/protocol/condition.ts';
import { giveBack, keepUnknown, takeBack } from '../../functions/protocol/order_of_key.ts';
import { Payload } from '../../functions/protocol/payload.ts';
import type { CouchbaseState, OracleState } from '../../functions/protocol/state.ts';
import { write } from '../../functions/protocol/write.ts';
import { documentOf } from '../model/documents.ts';
import { Stores } from './stores.ts';

const ROW: OracleState = { content: documentOf('n'), version: 5001n, handoff: 4000n, handback: 0n };
const OLD = documentOf('o');

/** What Couchbase holds where it was given `content` as `version`. */
const held = (content: CouchbaseState['content'], version: bigint): CouchbaseState => ({
  ...{ content, version, cas: version === 0n ? 0n : 5000n },
});

async function kept(seen: CouchbaseState, row: OracleState): Promise<string> {
  const stores = new Stores({ row });
  await perform(keepUnknown(seen, row), stores.port);
  return stores.world.aside;
}

test('what Couchbase holds of a key that Oracle orders is set aside where Oracle may not have had it, and only there', async () => {
  assert.equal(await kept(held(OLD, 5001n), ROW), 'o ');
  assert.equal(await kept(held(OLD, 5002n), ROW), 'o ');
  assert.equal(await kept(held(OLD, 5000n), ROW), '', 'an older version');
  assert.equal(await kept(held(ROW.content, 5002n), ROW), '', 'the same document');
  assert.equal(await kept(held(null, 0n), { ...ROW, version: 0n }), '', 'nothing');
  assert.equal(
    await kept(held(OLD, 5000n), { ...ROW, handoff: null, version: 4000n }),
    '',
    'Couchbase orders it',
  );
});

for (const { what, row, arrives } of [
  { what: 'the row is still what was written', row: ROW, arrives: true },
  { what: 'the key was given back', row: { ...ROW, handoff: null, handback: 5000n }, arrives: false },
  { what: 'it was overtaken', row: { ...ROW, content: OLD, version: 5002n }, arrives: false },
])
  test(`a copy ${arrives ? 'goes' : 'does not go'} over a placeholder where ${what}`, async () => {
    const placeholder = { content: null, cas: 5000n, xattr: { version: 0n, cas: 5000n } };
    const stores = new Stores({ ...placeholder, row });
    await perform(push(ROW.content, ROW.version, false), stores.port);
    assert.equal(stores.world.content?.digest, arrives ? 'n' : undefined);
  });

test('a copy that is there already is neither written again nor raised', async () => {
  const there = { content: ROW.content, cas: 10_100n, xattr: { version: 5001n, cas: 10_100n } };
  const stores = new Stores({ ...there, row: ROW });
  assert.equal(await perform(push(ROW.content, ROW.version, true), stores.port), true);
  assert.deepEqual(stores.calls, ['couchbase.read']);
});

test('settle: a document that Couchbase lacks is put there without a placeholder', async () => {
  const stores = new Stores({});
  await stores.put('settle', 'n');
  assert.deepEqual(stores.calls, ['oracle.write', 'couchbase.read', 'couchbase.swap']);
});

test('settle: what is wrong in the code of a follower fails the write', async () => {
  const stores = new Stores({});
  const port = async (call: Call) => {
    if (call.name === 'couchbase.read') throw new TypeError('a fault in the code');
    return await stores.port(call);
  };
  const request = { content: OLD, condition: UNCONDITIONAL };
  await assert.rejects(perform(write('settle', request), port), TypeError);
});

test('settle: another document of the version of the row is set aside before it is replaced', async () => {
  const other = { content: OLD, cas: 10_100n, xattr: { version: 5001n, cas: 10_100n } };
  const stores = new Stores({ ...other, row: ROW });
  await stores.converge('settle');
  const { content, aside } = stores.world;
  assert.deepEqual([content?.digest, aside.trim()], ['n', 'o']);
});

test('expand: a repair of what Couchbase lacks writes to Oracle alone', async () => {
  const stores = new Stores({ row: { ...ROW, handoff: null }, gone: 9000n });
  await stores.converge('expand');
  assert.equal(stores.calls.includes('couchbase.swap'), false);
  assert.equal(stores.world.row.content, null);
});

test('a key that Couchbase orders is not given back', async () => {
  const stores = new Stores({ row: { ...ROW, handoff: null } });
  assert.equal(await perform(giveBack(held(ROW.content, 5001n), stores.world.row), stores.port), false);
  assert.deepEqual(stores.calls, []);
});

test('a key whose marker has been removed is not taken back before it is looked at again', async () => {
  const stores = new Stores({ cas: 5000n, xattr: { version: 5000n, cas: 5000n }, row: ROW });
  assert.equal(await perform(takeBack(held(null, 5000n), ROW), stores.port), false);
  assert.deepEqual([stores.calls[0], stores.world.cas, stores.world.row], ['couchbase.erase', 0n, ROW]);
});

test('a dropped tree is made again where it is needed', () => {
  const payload = new Payload(Buffer.from('{"a":[1]}'), null);
  const before = payload.json;
  assert.equal(payload.json, before);
  payload.dropTree();
  assert.notEqual(payload.json, before);
  assert.deepEqual(payload.json, before);
});
