/** A document is written over, and its time comes, while somebody looks at both stores. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { perform } from '../../functions/protocol/call.ts';
import { UNCONDITIONAL } from '../../functions/protocol/condition.ts';
import { read } from '../../functions/protocol/read.ts';
import { write } from '../../functions/protocol/write.ts';
import { documentOf } from '../model/documents.ts';
import { expire } from '../model/expiry.ts';
import { execute } from '../model/world.ts';
import { Stores } from './stores.ts';

/** Capital letters expire. */
const MORTAL = documentOf('A');

test('a read in seal does not tell of nothing where the key has been written over', async () => {
  const both = { content: MORTAL, cas: 6000n, xattr: { version: 5000n, cas: 6000n } };
  const stores = new Stores({
    ...both,
    row: { content: MORTAL, version: 5000n, handoff: null, handback: 0n },
  });
  let looked = false;
  const { content } = await perform(read('seal'), async (call) => {
    const reply = await stores.port(call);
    if (call.name !== 'couchbase.read' || looked) return reply;
    looked = true;
    // 1. The document is read in Couchbase. 2. n is put over it. 3. Its time is up in Oracle, which has not heard of n.
    const { world } = stores;
    stores.world = { ...world, content: documentOf('n'), cas: 7000n, row: { ...world.row, content: null } };
    return reply;
  });
  assert.equal(content?.digest, 'n');
});

for (const phase of ['seal', 'switch'] as const)
  test(`${phase}: a deletion is not answered with an old look at the row, where Couchbase holds nothing`, async () => {
    const stores = new Stores({});
    let looked = false;
    const deletion = write(phase, { content: null, condition: UNCONDITIONAL });
    const outcome = await perform(deletion, async (call) => {
      const reply = await stores.port(call);
      if (call.name !== 'oracle.read' || looked) return reply;
      looked = true;
      // 1. The row is read: there is none. 2. n is written in both stores. 3. A is put over it. 4. Its time is up before Oracle has it.
      await stores.put(phase, 'n');
      stores.world = expire(
        execute(stores.world, { name: 'couchbase.upsert', content: MORTAL }, {}).world,
        'A',
      );
      return reply;
    });
    assert.equal(outcome.kind, 'done');
    assert.equal((await perform(read('switch'), stores.port)).content, null);
  });
