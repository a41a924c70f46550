/** What the steps do with a key that only a forced move can have left as it is. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Call, perform, type Steps } from '../../functions/protocol/call.ts';
import { UNCONDITIONAL } from '../../functions/protocol/condition.ts';
import { converge } from '../../functions/protocol/converge.ts';
import { copy } from '../../functions/protocol/copy.ts';
import { read } from '../../functions/protocol/read.ts';
import { verify } from '../../functions/protocol/verify.ts';
import { write } from '../../functions/protocol/write.ts';
import { documentOf } from '../model/documents.ts';
import { Stores } from './stores.ts';

const handedOff = (digest: string | null, version: bigint) => ({
  ...{ content: digest === null ? null : documentOf(digest), version },
  ...{ handoff: 4000n, handback: 0n },
});
const inCouchbase = (digest: string) => ({ content: documentOf(digest), cas: 5000n });

for (const [which, version] of [
  ['older', 4500n],
  ['newer', 6000n],
  ['of the same version', 5000n],
] as const)
  test(`expand takes a key back with what Couchbase holds, and sets aside what the row held, ${which}`, async () => {
    const stores = new Stores({ ...inCouchbase('c'), row: handedOff('o', version) });
    assert.deepEqual(await stores.converge('expand'), { kind: 'equal' });
    const { row, content, cas, aside } = stores.world;
    assert.deepEqual([content?.digest, row.content?.digest, row.handoff], ['c', 'c', null]);
    assert.equal(row.handback, row.version === cas ? cas - 1n : cas, 'what Couchbase held before is over');
    assert.ok(row.version >= version && row.version >= 5000n, `${row.version}`);
    // An ETag that was told of what the row held must not name another document.
    if (version >= 5000n) assert.ok(row.version > version);
    assert.equal(aside.trim(), 'o');
    assert.equal(await perform(verify('expand'), stores.port), 'equal');
    assert.equal((await stores.put('expand', 'd')).kind, 'done');
    assert.equal(stores.world.row.content?.digest, 'd', 'the row takes copies again');
  });

test('expand takes what Couchbase has not for deleted, and sets aside what the row held', async () => {
  for (const marker of [false, true]) {
    const stores = new Stores({ row: handedOff('o', 6000n) });
    if (marker) await stores.port({ name: 'couchbase.swap', cas: 0n, content: null, version: null });
    assert.deepEqual(await stores.converge('expand'), { kind: 'equal' });
    const { row, cas, aside } = stores.world;
    assert.deepEqual([row.content, row.handoff, cas], [null, null, 0n]);
    assert.ok(row.version > 6000n);
    assert.equal(aside.trim(), 'o');
  }
});

test('expand sets nothing aside where both stores hold the same', async () => {
  const equal = new Stores({ ...inCouchbase('c'), row: handedOff('c', 6000n) });
  assert.deepEqual(await equal.converge('expand'), { kind: 'equal' });
  const deleted = new Stores({ row: handedOff(null, 6000n) });
  assert.deepEqual(await deleted.converge('expand'), { kind: 'equal' });
  for (const { world } of [equal, deleted]) {
    assert.equal(world.row.handoff, null);
    assert.equal(world.aside, '');
  }
});

test('a copy of a key that is handed off asks for converge, and one that is only stale does not', async () => {
  const stores = new Stores({ ...inCouchbase('c'), row: handedOff('o', 4500n) });
  assert.equal(await perform(copy(), stores.port), false);
  assert.equal(stores.receipts, 1);
  stores.world = { ...stores.world, row: { ...stores.world.row, version: 6000n, handoff: null } };
  assert.equal(await perform(copy(), stores.port), false);
  assert.equal(stores.receipts, 1);
});

test('seal gives a key back to Couchbase before it reads or writes it', async () => {
  for (const held of [inCouchbase('c'), {}]) {
    const read = new Stores({ ...held, row: handedOff('o', 6000n) });
    assert.equal(await read.seen('seal'), 'o');
    assert.equal(read.world.content?.digest, 'o');
    const written = new Stores({ ...held, row: handedOff('o', 6000n) });
    assert.equal((await written.put('seal', 'd')).kind, 'done');
    assert.equal(written.calls.includes('oracle.write'), false);
    assert.deepEqual([written.world.content?.digest, written.world.row.handoff], ['d', null]);
    assert.equal(await written.seen('switch'), 'd');
  }
});

/** A repair that does what it does first to the stores, and stands still then. */
async function begun(steps: Steps<unknown>, port: Stores['port']): Promise<void> {
  const looks = new Set<Call['name']>(['couchbase.read', 'oracle.read', 'couchbase.gone', 'receipt.sent']);
  for (let next = steps.next(); !next.done; ) {
    const reply = await port(next.value);
    if (!looks.has(next.value.name)) return;
    next = steps.next(reply);
  }
}

test('seal answers for a key that it gives back, though a repair of expand comes after each of its steps', async () => {
  for (const held of [inCouchbase('c'), {}])
    for (const content of ['o', null]) {
      const stores = new Stores({ ...held, row: handedOff(content, 6000n) });
      const beside = async (call: Call) => {
        const reply = await stores.port(call);
        if (call.name === 'couchbase.swap') await begun(converge('expand', 0n), stores.port);
        return reply;
      };
      const before = stores.world;
      await perform(read('seal'), beside);
      stores.world = before;
      const request = { content: documentOf('d'), condition: UNCONDITIONAL };
      assert.equal((await perform(write('seal', request), beside)).kind, 'done');
      assert.equal(await stores.seen('seal'), 'd');
    }
});

test('settle takes what Couchbase alone has before it takes the key over', async () => {
  const uncopied = new Stores(inCouchbase('c'));
  assert.deepEqual(await uncopied.converge('settle'), { kind: 'equal' });
  assert.equal(await uncopied.seen('settle'), 'c');
  const older = { ...handedOff('o', 4500n), handoff: null };
  const newer = new Stores({ ...inCouchbase('c'), row: older });
  assert.deepEqual(await newer.converge('settle'), { kind: 'equal' });
  assert.equal(await newer.seen('settle'), 'c');
});

for (const phase of ['settle', 'contract'] as const)
  test(`${phase}: what was deleted though Oracle did not have it does not come from Couchbase afterwards`, async () => {
    const stores = new Stores(inCouchbase('c'));
    assert.equal((await stores.remove(phase)).kind, 'done');
    const { row } = stores.world;
    assert.notEqual(row.handoff, null);
    assert.equal((await stores.remove(phase)).kind, 'done');
    assert.equal(stores.world.row, row, 'a tombstone that is handed off is not written again');
    await stores.converge('settle');
    assert.equal(await stores.seen('settle'), null);
    await stores.converge('switch');
    assert.equal(await stores.seen('switch'), null);
  });

test('seal: a copy that Couchbase holds of what is deleted in Oracle by now is neither shown nor in the way of a write', async () => {
  // 1. `seal` finds a key handed off, and reads o in its row. 2. `expand` takes the key back, with nothing. 3. `seal` puts its copy of o.
  const copied = { content: documentOf('o'), cas: 5000n, xattr: { version: 4500n, cas: 5000n } };
  const outdated = { ...copied, row: { content: null, version: 4501n, handoff: null, handback: 0n } };
  const read = new Stores(outdated);
  assert.equal(await read.seen('seal'), null);
  const written = new Stores(outdated);
  assert.equal((await written.put('seal', 'd')).kind, 'done');
  assert.deepEqual([written.world.content?.digest, written.world.row.content?.digest], ['d', 'd']);
});
