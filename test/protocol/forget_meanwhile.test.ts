/** What happens in the middle of a repair, while a store forgets what it had acknowledged. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Call, CallFailed, perform } from '../../functions/protocol/call.ts';
import { converge } from '../../functions/protocol/converge.ts';
import type { Phase } from '../../functions/protocol/phase.ts';
import type { OracleState } from '../../functions/protocol/state.ts';
import { documentOf } from '../model/documents.ts';
import { caughtUp, EMPTY, execute, failover, fallback, type World } from '../model/world.ts';
import { Stores } from './stores.ts';

const HERE = { content: documentOf('o'), cas: 5000n };
const row = (digest: string | null, version: bigint, handoff: bigint | null = null): OracleState => ({
  ...{ content: digest === null ? null : documentOf(digest), version, handoff, handback: 0n },
});
/** Couchbase holds `o` again, and has forgotten that it was deleted in version 6000. */
const UNDELETED: Partial<World> = { ...HERE, row: row(null, 6000n) };

for (const phase of ['expand', 'seal'] as const)
  test(`${phase}: a marker that a failover has brought back is no deletion of what was written over it`, async () => {
    const marker = { cas: 5000n, xattr: { version: 4500n, cas: 5000n }, row: row(null, 4500n) };
    const stores = new Stores(caughtUp({ ...EMPTY, ...marker }));
    // 1. A repair reads the row of the deletion. 2. A write puts n over the marker, in both stores. 3. A failover brings the marker back,
    // CAS and all. 4. The repair finds both stores equal: were it to remove the marker, its tombstone would be above n.
    const writes = async () => {
      await stores.put(phase, 'n');
      stores.world = failover(stores.world);
    };
    const ended = await stores.interrupted(phase, 'oracle.read', writes, { expired: marker.cas });
    assert.deepEqual(ended, { kind: 'equal' });
    await stores.converge(phase);
    const { content, row: oracle, cas } = stores.world;
    assert.deepEqual([content?.digest, oracle.content?.digest, cas > 0n], ['n', 'n', true]);
  });

/** A marker at rest, over which n is put in both stores, and which a failover brings back. */
function markerThatComesBack(phase: Phase) {
  const marker = { cas: 5000n, xattr: { version: 4500n, cas: 5000n }, row: row(null, 4500n) };
  const stores = new Stores(caughtUp({ ...EMPTY, ...marker }));
  const writes = async () => {
    await stores.put(phase, 'n');
    stores.world = failover(stores.world);
  };
  return { stores, writes, expired: marker.cas };
}

const left = ({ world: { content, row: oracle, aside } }: Stores) => [
  content?.digest,
  oracle.content?.digest,
  aside.trim(),
];

for (const phase of ['expand', 'seal'] as const) {
  test(`${phase}: what is written between the last look of a repair and its removal of a marker is set aside`, async () => {
    const { stores, writes, expired } = markerThatComesBack(phase);
    const ended = await stores.interrupted(phase, 'oracle.read', writes, { expired, nth: 2 });
    // In `seal` a marker is put again, which needs its receipt.
    assert.equal(ended.kind, phase === 'seal' ? 'marker' : 'equal');
    await stores.converge(phase);
    assert.deepEqual(left(stores), [undefined, undefined, 'n']);
  });

  test(`${phase}: the same, where the repair dies once the marker is removed`, async () => {
    const { stores, writes, expired } = markerThatComesBack(phase);
    const dies = () => {
      throw new CallFailed('The worker has died');
    };
    const port = async (call: Call) => {
      const reply = await stores.port(call);
      if (call.name === 'couchbase.erase') dies();
      if (call.name === 'oracle.read' && stores.calls.length === 3) await writes();
      return reply;
    };
    await assert.rejects(perform(converge(phase, expired), port));
    // The receipt comes again.
    await stores.converge(phase, expired);
    await stores.converge(phase);
    assert.deepEqual(left(stores), [undefined, undefined, 'n']);
  });

  test(`${phase}: a placeholder that a failover has brought back is no deletion of what was put over it`, async () => {
    const placeholder = { cas: 5000n, xattr: { version: 0n, cas: 5000n }, row: row(null, 4500n) };
    const stores = new Stores(caughtUp({ ...EMPTY, ...placeholder }));
    await stores.put(phase, 'n');
    stores.world = failover(stores.world);
    await stores.converge(phase);
    assert.deepEqual(left(stores), ['n', 'n', '']);
  });

  test(`${phase}: what is deleted after a repair has removed a marker stays deleted, and is not set aside`, async () => {
    const { stores, expired } = markerThatComesBack(phase);
    const writes = async () => {
      await stores.put(phase, 'n');
      stores.world = execute(stores.world, { name: 'couchbase.remove' }, {}).world;
    };
    await stores.interrupted(phase, 'couchbase.erase', writes, { expired });
    await stores.converge(phase);
    assert.deepEqual(left(stores), [undefined, undefined, '']);
  });
}

test('expand: a marker of a key that Oracle orders, over which a document is put in both stores, takes nothing along', async () => {
  const { stores } = markerThatComesBack('expand');
  stores.world = caughtUp({ ...stores.world, row: row('o', 4600n, 4500n) });
  // 1. A repair finds the key handed off. 2. n is put over the marker, and another repair takes the key back with it. 3. A failover.
  const meanwhile = async () => {
    await stores.put('expand', 'n');
    await stores.converge('expand');
    stores.world = failover(stores.world);
  };
  await stores.interrupted('expand', 'couchbase.read', meanwhile);
  await stores.converge('expand');
  assert.deepEqual(left(stores).slice(0, 2), [undefined, undefined]);
  assert.match(stores.world.aside, /n/);
});

for (const phase of ['expand', 'seal'] as const)
  test(`${phase}: a tombstone from before a key was given back explains nothing of what was given back`, async () => {
    // 1. The key is deleted in Couchbase, CAS 9000. 2. Oracle orders it, in version 5001. 3. It is given back, at CAS 10200. 4. A failover.
    const given = { content: documentOf('b'), handoff: null, version: 5001n, handback: 10_200n };
    const lost = { ...EMPTY, clock: 10_200n, gone: 9000n, row: given };
    const stores = new Stores({ ...caughtUp(lost), gone: 9000n });
    await stores.converge(phase);
    await stores.converge(phase);
    assert.deepEqual(left(stores), [undefined, undefined, 'b']);
  });

test('seal: what was written over the row that a repair has read is not deleted, once a failover has lost it', async () => {
  const stores = new Stores(caughtUp(EMPTY));
  await stores.put('seal', 'a');
  // 1. A repair reads the row of a. 2. b is written over it, in both stores. 3. A failover. 4. The repair finds nothing in Couchbase: were
  // it to set a aside and put its marker, the marker would delete b.
  const writes = async () => {
    await stores.put('seal', 'b');
    stores.world = failover(stores.world);
  };
  await stores.interrupted('seal', 'oracle.read', writes);
  await stores.converge('seal');
  const { content, row: oracle, aside } = stores.world;
  assert.ok(content?.digest === 'b' || oracle.content?.digest === 'b' || aside.includes('b'), aside);
});

for (const gone of [0n, 5500n])
  for (const survives of [true, false])
    test(`seal: what is written after the last look of a repair, and lost in a failover, is not deleted by its marker (${gone}, ${survives})`, async () => {
      const stores = new Stores({ ...caughtUp({ ...EMPTY, row: row('o', 5000n) }), gone });
      // 1. A repair finds nothing in Couchbase, and reads the row for the last time. 2. b is put there, in both stores. 3. A failover. 4. The
      // marker of the repair gets a CAS above that of b.
      const writes = async () => {
        if (survives) stores.world = caughtUp(stores.world);
        await stores.put('seal', 'b');
        stores.world = failover(stores.world);
      };
      await stores.interrupted('seal', 'oracle.read', writes, { nth: 2 });
      const seen = await stores.seen('seal');
      if (survives) assert.equal(seen, 'b');
      else assert.deepEqual([seen, stores.world.aside.includes('b')], [null, true]);
    });

test('settle: what was written over in both stores does not come to an Oracle that has fallen back since', async () => {
  const stores = new Stores({ ...HERE, row: row('o', 5000n), older: row('a', 4000n) });
  const shown: unknown[] = [];
  // 1. A repair reads o in Couchbase. 2. n is written over it, in both stores. 3. Oracle comes back as it was before o. 4. The repair
  // reads the row, and o is newer. A reader must not see it after n.
  const falls = async () => {
    await stores.put('settle', 'n');
    stores.world = fallback(stores.world);
  };
  stores.watch = ({ row: { content } }) => shown.push(content?.digest);
  await stores.interrupted('settle', 'couchbase.read', falls);
  await stores.converge('settle');
  assert.deepEqual([stores.world.content?.digest, stores.world.row.content?.digest], ['n', 'n']);
  assert.ok(!shown.slice(shown.indexOf('n')).includes('o'), shown.join());
});

for (const phase of ['expand', 'seal', 'switch'] as const)
  test(`${phase}: a repair that finds Oracle fallen back gives Couchbase nothing older than it holds`, async () => {
    const stores = new Stores({ ...HERE, row: row('n', 6000n), older: row('a', 4000n) });
    // 1. A repair finds Couchbase behind the row: it has forgotten n. 2. Oracle falls back, to before what Couchbase holds.
    const falls = () => {
      stores.world = fallback(stores.world);
    };
    await stores.interrupted(phase, 'couchbase.read', falls);
    await stores.converge(phase);
    assert.deepEqual(
      [stores.world.content?.digest, stores.world.row.content?.digest, stores.world.aside],
      ['o', 'o', ''],
    );
  });

test('a read in seal that gives Couchbase a deletion back sends the receipt that removes its marker', async () => {
  const stores = new Stores(UNDELETED);
  assert.equal(await stores.seen('seal'), null);
  assert.deepEqual([stores.world.content, stores.world.cas > 0n, stores.receipts], [null, true, 1]);
});

const LEAVING: Readonly<Record<string, (stores: Stores) => Promise<unknown>>> = {
  'a read in seal': (stores) => stores.seen('seal'),
  'a repair in expand': (stores) => stores.converge('expand'),
  'a repair in seal': (stores) => stores.converge('seal'),
  'a repair in switch': (stores) => stores.converge('switch'),
};
for (const [name, step] of Object.entries(LEAVING))
  test(`${name} whose receipt the queue does not take leaves no marker of a deletion that was forgotten`, async () => {
    const stores = new Stores(UNDELETED);
    stores.queue = false;
    await assert.rejects(step(stores), CallFailed);
    assert.equal(stores.world.content?.digest, 'o');
  });
