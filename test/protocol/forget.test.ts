/** What the steps do with a key of which a store has forgotten what it had acknowledged. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Call, perform } from '../../functions/protocol/call.ts';
import { converge } from '../../functions/protocol/converge.ts';
import type { Phase } from '../../functions/protocol/phase.ts';
import type { OracleState } from '../../functions/protocol/state.ts';
import { documentOf } from '../model/documents.ts';
import { caughtUp, EMPTY, failover, fallback, type World } from '../model/world.ts';
import { Stores } from './stores.ts';

const OLD = { content: documentOf('o'), cas: 5000n };
const row = (digest: string | null, version: bigint, handoff: bigint | null = null): OracleState => ({
  ...{ content: digest === null ? null : documentOf(digest), version, handoff, handback: 0n },
});
const IN_BOTH: Partial<World> = { ...OLD, row: row('o', 5000n) };
const SEALED = ['expand', 'seal', 'switch'] as const;

/** Both stores hold `before`; then `act` happens, which Couchbase acknowledges and loses. */
async function lost(before: Partial<World>, act: (stores: Stores) => Promise<unknown>): Promise<Stores> {
  const stores = new Stores(caughtUp({ ...EMPTY, ...before }));
  await act(stores);
  stores.world = failover(stores.world);
  return stores;
}

async function atRest(stores: Stores, phase: Phase): Promise<void> {
  let next = await stores.converge(phase);
  for (let looks = 0; looks < 3 && next.kind === 'marker'; looks++)
    next = await stores.converge(phase, next.cas);
  assert.equal(next.kind, 'equal');
}

for (const phase of SEALED) {
  test(`${phase}: an update that a failover has lost comes back from Oracle, and what survived is kept`, async () => {
    const stores = await lost(IN_BOTH, (each) => each.put(phase, 'n'));
    await atRest(stores, phase);
    const { content, row: oracle, aside } = stores.world;
    assert.deepEqual([content?.digest, oracle.content?.digest, aside], ['n', 'n', 'o ']);
    assert.equal(await stores.seen(phase), 'n');
  });

  test(`${phase}: a deletion that a failover has lost stays a deletion`, async () => {
    const stores = await lost(IN_BOTH, (each) => each.remove(phase));
    await atRest(stores, phase);
    assert.deepEqual([stores.world.content, stores.world.row.content, stores.world.cas], [null, null, 0n]);
    assert.equal(await stores.seen(phase), null);
  });
}

for (const phase of ['expand', 'seal'] as const)
  test(`${phase}: a new document that a failover has lost counts as deleted, and is kept: it may have been deleted`, async () => {
    const stores = await lost({}, (each) => each.put(phase, 'n'));
    await atRest(stores, phase);
    assert.deepEqual(
      [stores.world.content, stores.world.row.content, stores.world.aside],
      [null, null, 'n '],
    );
  });

test('switch: a new document that a failover has lost comes back from Oracle', async () => {
  const stores = await lost({}, (each) => each.put('switch', 'n'));
  await atRest(stores, 'switch');
  assert.deepEqual([stores.world.content?.digest, stores.world.aside], ['n', '']);
});

test('settle: what Couchbase has lost comes back from Oracle', async () => {
  const stores = await lost({ ...OLD, row: row('o', 5000n, 4000n) }, (each) => each.put('settle', 'n'));
  await atRest(stores, 'settle');
  assert.deepEqual([stores.world.content?.digest, stores.world.aside], ['n', '']);
});

for (const phase of ['expand', 'seal'] as const)
  test(`${phase}: what a tombstone says is deleted is not kept`, async () => {
    // Somebody has deleted it past the API, and a replica has everything.
    const stores = new Stores({ ...EMPTY, row: row('o', 5000n), gone: 6000n, replica: null });
    await atRest(stores, phase);
    assert.deepEqual([stores.world.row.content, stores.world.aside], [null, '']);
  });

for (const phase of ['expand', 'seal'] as const)
  test(`${phase}: what is written while a repair looks for the tombstone of a deletion is no sign of a loss`, async () => {
    const stores = new Stores(caughtUp({ ...EMPTY, row: row('o', 5000n), gone: 6000n, clock: 6000n }));
    let written = false;
    // 1. A repair finds nothing in Couchbase. 2. A client writes there, and has not come to Oracle yet. 3. The repair asks for the tombstone, which is gone.
    const port = async (call: Call) => {
      if (call.name === 'couchbase.gone' && !written) {
        written = true;
        await stores.port({ name: 'couchbase.upsert', content: documentOf('n') });
      }
      return stores.port(call);
    };
    await perform(converge(phase, 0n), port);
    const { content, row: oracle, aside } = stores.world;
    assert.deepEqual([written, content?.digest, oracle.content?.digest, aside], [true, 'n', 'n', '']);
  });

test('a read in seal that finds Couchbase behind shows what Oracle has, and gives it back', async () => {
  const stores = await lost(IN_BOTH, (each) => each.put('seal', 'n'));
  assert.equal(await stores.seen('seal'), 'n');
  assert.deepEqual([stores.world.content?.digest, stores.world.aside], ['n', 'o ']);
});

test('a write in seal over what survived a failover gets a version above what was lost', async () => {
  const stores = await lost(IN_BOTH, (each) => each.put('seal', 'n'));
  const outcome = await stores.put('seal', 'm');
  assert.ok(outcome.kind === 'done');
  assert.deepEqual([stores.world.content?.digest, stores.world.row.content?.digest], ['m', 'm']);
  assert.equal(stores.world.row.version, outcome.version);
});

for (const phase of ['settle', 'switch'] as const)
  test(`${phase}: what Couchbase has of a later version than an Oracle that fell back is kept before it is replaced`, async () => {
    const before = { ...EMPTY, ...OLD, row: row('o', 5000n, 4000n) };
    const stores = new Stores({ ...before, older: before.row });
    await stores.put('settle', 'n');
    stores.world = fallback(stores.world);
    await atRest(stores, phase);
    assert.deepEqual(
      [await stores.seen(phase), stores.world.content?.digest, stores.world.aside],
      ['o', 'o', 'n '],
    );
  });

test('settle: what Couchbase has of a later version is kept, also where a repair has given the key back as Oracle fell back', async () => {
  // 1. A repair reads b in Couchbase. 2. Oracle writes d, copies it, and forgets it. 3. The repair reads the row of b, and gives it back.
  const d = { content: documentOf('d'), cas: 10_200n, xattr: { version: 5002n, cas: 10_200n } };
  const stores = new Stores({ ...d, row: { ...row('b', 5001n), handback: 10_100n }, clock: 10_200n });
  await atRest(stores, 'settle');
  assert.deepEqual([stores.world.content?.digest, stores.world.aside], ['b', 'd ']);
});

test('settle: a write over an Oracle that fell back keeps what Couchbase has of the same version', async () => {
  const before = { ...EMPTY, ...OLD, row: row('o', 5000n, 4000n) };
  const stores = new Stores({ ...before, older: before.row });
  await stores.put('settle', 'n');
  stores.world = fallback(stores.world);
  await stores.put('settle', 'm');
  assert.deepEqual([await stores.seen('settle'), stores.world.content?.digest], ['m', 'm']);
  assert.equal(stores.world.aside, 'n ');
});

test('two documents of one version, since Couchbase counts as slowly as Oracle does: the one that was written last wins', async () => {
  const stores = new Stores({ ...OLD, row: row('p', 5000n) });
  await atRest(stores, 'expand');
  assert.equal(stores.world.row.content?.digest, 'o');
  assert.ok(stores.world.row.version > 5000n);
});

test('a key is given back once the next CAS is above what Oracle has counted to', async () => {
  const [content, version] = [documentOf('o'), 5003n];
  const held = { content, cas: 5000n, xattr: { version, cas: 5000n } };
  const stores = new Stores({ ...held, row: row('o', version, 4000n), clock: 5000n, tick: 1n });
  await atRest(stores, 'switch');
  assert.equal(stores.world.row.handoff, null);
  assert.equal(stores.world.cas, version);
  const written = await stores.put('switch', 'n');
  assert.ok(written.kind === 'done' && written.version > version);
});

test('a repair may step over seven versions by writing a copy anew, and not over eight', async () => {
  for (const [version, name] of [
    [5008n, null],
    [5009n, 'ClockBehind'],
  ] as const) {
    const content = documentOf('o');
    const held = { content, cas: 5000n, xattr: { version, cas: 5000n } };
    const stores = new Stores({ ...held, row: row('o', version, 4000n), clock: 5000n, tick: 1n });
    const failed = await stores.converge('switch').then(
      () => null,
      (error: Error) => error.name,
    );
    assert.equal(failed, name, `${version}`);
  }
});

for (const phase of SEALED)
  test(`${phase}: while Couchbase's clock is far behind, a repair writes the copy once, and says what is to be done`, async () => {
    const [content, version] = [documentOf('o'), 6_000_000_005_000n];
    const held = { content, cas: 5000n, xattr: { version, cas: 5000n } };
    const stores = new Stores({ ...held, row: row('o', version, 4000n), clock: 5000n, tick: 1n });
    await assert.rejects(stores.converge(phase), {
      name: 'ClockBehind',
      message: /^CLOCK_BEHIND: .* about 5999 s behind .* Compare the clocks/,
    });
    assert.equal(stores.calls.filter((name) => name === 'couchbase.swap').length, 1);
    // It has caught up.
    stores.world = { ...stores.world, clock: version };
    await atRest(stores, phase);
    assert.deepEqual([stores.world.row.handoff, stores.world.content?.digest], [null, 'o']);
  });

for (const phase of ['seal', 'switch'] as const)
  test(`${phase}: who deletes a document whose time is up in Oracle alone deletes it in Couchbase, too: expand reads there`, async () => {
    const stores = new Stores({ content: documentOf('A'), cas: 5000n, row: row(null, 5000n) });
    assert.equal((await stores.remove(phase)).kind, 'done');
    assert.equal(await stores.seen('expand'), null);
    await atRest(stores, phase);
    assert.deepEqual([stores.world.cas, stores.world.row.content], [0n, null]);
  });

for (const phase of ['seal', 'switch'] as const)
  test(`${phase}: a key whose document has expired in Oracle alone is given back, and nothing counts as lost`, async () => {
    const stores = new Stores({ content: documentOf('A'), cas: 5000n, row: row(null, 5000n, 4000n) });
    await atRest(stores, phase);
    const { aside, cas, row: oracle } = stores.world;
    assert.deepEqual([aside, cas, oracle.content, oracle.handoff], ['', 0n, null, null]);
  });

for (const phase of SEALED) {
  test(`${phase}: a document whose time is up in Oracle, and not yet in Couchbase, is at rest`, async () => {
    const spent = { content: documentOf('A'), cas: 5000n, row: row(null, 5000n) };
    const stores = new Stores(spent);
    assert.deepEqual(await stores.converge(phase), { kind: 'equal' });
    if (phase === 'seal') assert.equal(await stores.seen(phase), null);
    assert.deepEqual(stores.world.row, spent.row);
    assert.equal(stores.world.cas, 5000n, 'nobody writes it anew');
  });

  test(`${phase}: a document whose time is up in Oracle alone is written over like one that is not there`, async () => {
    const stores = new Stores({ content: documentOf('A'), cas: 5000n, row: row(null, 5000n) });
    assert.equal((await stores.put(phase, 'n')).kind, 'done');
    assert.deepEqual([stores.world.content?.digest, stores.world.row.content?.digest], ['n', 'n']);
  });
}
