/** What a copy on its way to Couchbase does with what it finds there. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { perform } from '../../functions/protocol/call.ts';
import { push } from '../../functions/protocol/carry.ts';
import { keepUnknown } from '../../functions/protocol/order_of_key.ts';
import type { CouchbaseState, OracleState } from '../../functions/protocol/state.ts';
import { documentOf } from '../model/scenario.ts';
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
