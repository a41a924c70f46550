/** What an operation does where others change its key between two of its calls. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Call, perform } from '../../functions/protocol/call.ts';
import { push } from '../../functions/protocol/carry.ts';
import { UNCONDITIONAL } from '../../functions/protocol/condition.ts';
import type { Phase } from '../../functions/protocol/phase.ts';
import type { OracleState } from '../../functions/protocol/state.ts';
import { type Outcome, write } from '../../functions/protocol/write.ts';
import { documentOf } from '../model/documents.ts';
import type { World } from '../model/world.ts';
import { copied, handed, plain, row } from './calls.ts';
import { Stores } from './stores.ts';

/** Puts `n`; `happens` before its first call of `name`. */
async function put(
  phase: Phase,
  stores: Stores,
  name: Call['name'],
  happens: () => unknown,
): Promise<Outcome> {
  let pending = true;
  const steps = write(phase, { content: documentOf('n'), condition: UNCONDITIONAL });
  return perform(steps, async (call) => {
    if (pending && call.name === name) {
      pending = false;
      await happens();
    }
    return stores.port(call);
  });
}

const change = (stores: Stores, changes: Partial<World>) => {
  stores.world = { ...stores.world, ...changes };
};
const digests = ({ world: { content, row: oracle } }: Stores) => [content?.digest, oracle.content?.digest];

test('switch: a key that Oracle takes over between two looks is written through Oracle, and not in Couchbase before', async () => {
  const stores = new Stores({ ...copied('o', 5000n), ...row('o', 5000n) });
  const outcome = await put('switch', stores, 'couchbase.read', () => change(stores, handed('o', 5000n)));
  assert.deepEqual(outcome, { kind: 'done', version: 5001n });
  const writes = stores.calls.filter((name) => name === 'couchbase.swap' || name === 'oracle.write');
  assert.deepEqual(writes, ['oracle.write', 'couchbase.swap']);
});

/** Couchbase has `n`, at this CAS, and then Oracle's row is another before it is told. */
const SWAPPED = 10_100n;
const meanwhile = async (oracle: OracleState) => {
  const stores = new Stores({ ...plain('o'), ...row('o', 5000n) });
  const outcome = await put('switch', stores, 'oracle.apply', () => change(stores, { row: oracle }));
  return { outcome, stores };
};

for (const handoff of [SWAPPED, SWAPPED + 1n])
  test(`switch: a write that Oracle had before it took the key over is done, and what came after it stays (${handoff})`, async () => {
    const { outcome, stores } = await meanwhile(row('z', 20_000n, { handoff }).row);
    assert.deepEqual(outcome, { kind: 'done', version: SWAPPED });
    assert.deepEqual([stores.calls.includes('oracle.write'), digests(stores)[1]], [false, 'z']);
  });

test('switch: a write that Oracle had not before it took the key over is made in Oracle', async () => {
  const { outcome, stores } = await meanwhile(row('z', 20_000n, { handoff: SWAPPED - 1n }).row);
  assert.deepEqual(outcome, { kind: 'done', version: 20_001n });
  assert.deepEqual(digests(stores), ['n', 'n']);
});

test('switch: where Couchbase has begun to order the key anew since, nobody can tell what became of a write', async () => {
  const order = { handoff: 20_000n, handback: SWAPPED + 1n };
  const { outcome, stores } = await meanwhile(row('z', 20_000n, order).row);
  assert.deepEqual([outcome.kind, digests(stores)[1]], ['unknown', 'z']);
  const orders = await meanwhile(row('z', 20_000n, { handback: SWAPPED + 1n }).row);
  assert.equal(orders.outcome.kind, 'unknown', 'Couchbase orders it by now');
  const atIts = await meanwhile(row('z', 20_000n, { ...order, handback: SWAPPED }).row);
  assert.equal(atIts.outcome.kind, 'unknown', 'the same document may have been given back with it');
  const below = await meanwhile(row('z', 20_000n, { ...order, handback: SWAPPED - 1n }).row);
  assert.equal(below.outcome.kind, 'done', 'it began with this very write');
});

for (const phase of ['legacy', 'expand'] as const)
  test(`${phase}: a condition that does not hold any more as the document is put refuses the write`, async () => {
    const stores = new Stores(plain('o'));
    let pending = true;
    const created = write(phase, {
      content: documentOf('n'),
      condition: { kind: 'version', version: 5000n },
    });
    const outcome = await perform(created, async (call) => {
      if (pending && call.name === 'couchbase.swap') {
        pending = false;
        await stores.port({ name: 'couchbase.upsert', content: documentOf('p') });
      }
      return stores.port(call);
    });
    assert.deepEqual([outcome, digests(stores)[0]], [{ kind: 'refused' }, 'p']);
  });

for (const phase of ['seal', 'switch'] as const) {
  test(`${phase}: a write that another one is faster than begins anew, and comes after it in both stores`, async () => {
    const stores = new Stores({ ...plain('o'), ...row('o', 5000n) });
    const faster = () => stores.port({ name: 'couchbase.upsert', content: documentOf('p') });
    const outcome = await put(phase, stores, 'couchbase.swap', faster);
    assert.deepEqual(outcome, { kind: 'done', version: SWAPPED + 100n });
    assert.deepEqual(digests(stores), ['n', 'n']);
  });

  for (const [what, world, version] of [
    ['that of the row', { ...copied('o', SWAPPED, 9000n), ...row('o', SWAPPED) }, SWAPPED + 1n],
    [
      'that at which Couchbase began anew',
      { ...plain('o'), ...row('o', 5000n, { handback: SWAPPED }) },
      SWAPPED + 1n,
    ],
    ['that of the copy before', { ...copied('o', SWAPPED, 9000n), ...row('a', 4000n) }, SWAPPED + 1n],
    ['below that of the copy before', { ...copied('o', 20_000n, 9000n), ...row('a', 4000n) }, 20_001n],
    ['below that of the row', { ...copied('o', 20_000n, 9000n), ...row('o', 20_000n) }, 20_001n],
  ] as const)
    test(`${phase}: a write whose CAS is ${what} gets a version above it: no ETag names two documents`, async () => {
      const stores = new Stores({ ...world });
      assert.deepEqual(await stores.put(phase, 'n'), { kind: 'done', version });
      assert.deepEqual([...digests(stores), stores.world.row.version], ['n', 'n', version]);
    });
}

for (const phase of ['expand', 'seal', 'switch'] as const)
  test(`${phase}: what is put over a marker as a repair is about to remove it comes to Oracle with that repair`, async () => {
    const stores = new Stores({ ...copied(null, 5000n), ...row(null, 5000n) });
    const puts = () => stores.port({ name: 'couchbase.upsert', content: documentOf('n') });
    const ended = await stores.interrupted(phase, 'oracle.read', puts, { expired: 8000n, nth: 2 });
    assert.deepEqual([ended, digests(stores)], [{ kind: 'equal' }, ['n', 'n']]);
  });

test('a write that both stores have is done, whether its receipt was sent or not', async () => {
  const same = { ...plain('o'), ...row('o', 5000n) };
  const ordered = { ...plain('o'), ...handed('o', 6000n) };
  const starts = {
    expand: [{}, same],
    seal: [{}, same],
    switch: [{}, same, ordered],
    settle: [{}, same, ordered],
  };
  for (const [phase, worlds] of Object.entries(starts))
    for (const world of worlds) {
      const stores = new Stores(world);
      stores.queue = false;
      assert.equal((await stores.put(phase as Phase, 'n')).kind, 'done', phase);
      assert.deepEqual(digests(stores), ['n', 'n'], phase);
    }
});

const WRITTEN = handed('n', 5001n).row;
for (const [what, world, final] of [
  ['an absent document', {}, true],
  ['an older document', plain('o', 4000n), true],
  ['an older document of a key that may be given back', plain('o', 4000n), false],
  ['nothing, of a key that may be given back', {}, false],
  ['a placeholder', copied(null, 0n), false],
  ['the same copy', copied('n', 5001n), false],
  ['a newer write past Oracle', plain('p', 6000n), true],
] as const)
  test(`a copy comes through, and says so, where Couchbase holds ${what}`, async () => {
    const stores = new Stores({ ...world, row: WRITTEN });
    assert.equal(await perform(push(WRITTEN.content, WRITTEN.version, final), stores.port), true);
    assert.deepEqual(digests(stores), ['n', 'n']);
  });

for (const [what, oracle] of [
  ['overtaken', handed('z', 5002n).row],
  ['given back', row('n', 5001n, { handback: 8000n }).row],
  ['expired', handed(null, 5001n).row],
] as const)
  for (const held of [plain('p', 6000n), ...(what === 'expired' ? [] : [copied(null, 0n)])])
    test(`a copy that was ${what} is no failure, and leaves ${held.content ? 'a newer write' : 'a placeholder'} as it is`, async () => {
      const stores = new Stores({ ...held, row: oracle });
      assert.equal(await perform(push(WRITTEN.content, WRITTEN.version, false), stores.port), true);
      assert.deepEqual([stores.world.content, stores.world.row], [held.content, oracle]);
    });

test('a copy that is overtaken as it is to get a higher version is no failure', async () => {
  const stores = new Stores({ ...plain('p', 6000n), row: WRITTEN });
  const overtaken = handed('z', 5002n);
  const came = await perform(push(WRITTEN.content, WRITTEN.version, true), async (call) => {
    if (call.name === 'oracle.swap') change(stores, overtaken);
    return stores.port(call);
  });
  assert.deepEqual([came, stores.world.row, stores.world.content?.digest], [true, overtaken.row, 'p']);
});

test('what Couchbase has put there while a copy was on its way is found, and the copy gets a version above it', async () => {
  const stores = new Stores({ ...plain('o', 4000n), row: WRITTEN });
  let pending = true;
  await perform(push(WRITTEN.content, WRITTEN.version, true), async (call) => {
    if (pending && call.name === 'couchbase.swap') {
      pending = false;
      await stores.port({ name: 'couchbase.upsert', content: documentOf('p') });
    }
    return stores.port(call);
  });
  assert.deepEqual(digests(stores), ['n', 'n']);
  assert.ok(stores.world.row.version > SWAPPED);
  assert.equal(stores.world.aside.trim(), 'p');
});

for (const phase of ['expand', 'seal'] as const)
  test(`${phase}: a key that is written and deleted again while a repair removes its marker is left as it is`, async () => {
    const stores = new Stores({ ...copied(null, 5000n), ...row(null, 5000n) });
    let deleted: World | null = null;
    const writes = async () => {
      await stores.put(phase, 'n');
      await stores.remove(phase);
      deleted = stores.world;
      stores.calls.length = 0;
    };
    const ended = await stores.interrupted(phase, 'couchbase.erase', writes, { expired: 8000n });
    assert.deepEqual([ended, stores.world, stores.calls], [{ kind: 'equal' }, deleted, ['oracle.read']]);
  });
