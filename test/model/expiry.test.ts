import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Stores } from '../protocol/stores.ts';
import { documentOf } from './documents.ts';
import { expire } from './expiry.ts';

test('no document gets the CAS of the tombstone that an expired one has left, also where CAS are one apart', async () => {
  const row = { content: null, version: 5000n, handoff: null, handback: 0n };
  const mortal = { content: documentOf('A'), cas: 5000n };
  const stores = new Stores({ ...mortal, row: { ...row, content: mortal.content }, clock: 5000n, tick: 1n });
  stores.world = { ...expire(stores.world, 'A'), row: { ...row, content: mortal.content } };
  const tombstone = await stores.port({ name: 'couchbase.gone' });
  assert.ok((tombstone as bigint) > 5000n);
  // The tombstone in Oracle that follows from it has no version of a document that is still to come.
  await stores.converge('expand');
  const { version } = stores.world.row;
  const written = await stores.put('expand', 'n');
  assert.ok(written.kind === 'done' && written.version > version);
  assert.equal(stores.world.row.content?.digest, 'n');
});
