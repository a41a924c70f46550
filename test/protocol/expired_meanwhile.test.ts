/** A document is written over, and its time comes, while somebody looks at both stores. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Call, perform } from '../../functions/protocol/call.ts';
import { UNCONDITIONAL } from '../../functions/protocol/condition.ts';
import { read } from '../../functions/protocol/read.ts';
import { write } from '../../functions/protocol/write.ts';
import { documentOf } from '../model/documents.ts';
import { expire } from '../model/expiry.ts';
import { execute } from '../model/world.ts';
import { copied, row } from './calls.ts';
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

/** What becomes of a copy that a repair of `seal` has put in the place of a marker. */
const AFTERWARDS: Readonly<Record<string, (stores: Stores) => unknown>> = {
  'is there': () => {},
  'was touched': (stores) => {
    stores.world = { ...stores.world, cas: 9000n };
  },
  'has expired': (stores) => {
    stores.world = { ...stores.world, content: null, cas: 0n, xattr: null };
  },
};

/**
 * 1. Nothing is in Couchbase, and A in Oracle. A repair in `seal` has put a placeholder with the CAS 6000, then a marker of that version. 2. Somebody finds the
 * marker. 3. A repair in `switch` had seen the placeholder, and the row takes nothing at 6000 or below. 4. The next repair in `seal` puts A in the place of the marker.
 * @param look the step goes on after so many looks at the row.
 */
function beginningAnew(after: (stores: Stores) => unknown, look: number) {
  const stores = new Stores({ ...copied(null, 6000n, 7000n), ...row('A', 5000n) });
  let looks = 0;
  const port = async (call: Call) => {
    const reply = await stores.port(call);
    if (call.name !== 'oracle.read' || ++looks !== look) return reply;
    stores.world = { ...stores.world, ...row('A', 5000n, { handback: 6000n }) };
    await stores.converge('seal');
    assert.equal(stores.world.content?.digest, 'A');
    after(stores);
    return reply;
  };
  return { stores, port };
}

for (const [what, after] of Object.entries(AFTERWARDS)) {
  test(`a read in seal does not tell of a marker that Oracle takes no more, where a copy ${what}`, async () => {
    const { stores, port } = beginningAnew(after, 1);
    const { content } = await perform(read('seal'), port);
    assert.equal(content?.digest ?? null, await stores.seen('switch'));
  });

  test(`seal: a deletion is not answered with a marker that Oracle takes no more, where a copy ${what}`, async () => {
    const { stores, port } = beginningAnew(after, 2);
    const outcome = await perform(write('seal', { content: null, condition: UNCONDITIONAL }), port);
    assert.deepEqual([outcome.kind, await stores.seen('switch')], ['done', null]);
  });
}
