/** What a receipt that a change feed has led to finds: our own writes, touches, and writes past the API. */
import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { documentFrom } from '../../functions/protocol/fingerprint.ts';
import type { Phase } from '../../functions/protocol/phase.ts';
import { type Patience, settleChange } from '../../functions/reconciliation/change.ts';
import type { Change } from '../../functions/reconciliation/settle.ts';
import type { Answers } from '../../functions/stores/port.ts';
import { Reference } from '../stores/reference.ts';

let stores: Reference;
let changes: Change[];
beforeEach(() => {
  stores = new Reference(() => 0);
  changes = [];
});

const of = (body: string) => documentFrom(Buffer.from(body), null);
const settled = (phase: Phase, patience: Patience | null = null, oracle: Answers<'oracle'> = stores.oracle) =>
  settleChange(
    { collection: 'orders', key: 'k', phase, cause: 'write', expired: 0n, feed: true },
    phase,
    { couchbase: stores.couchbase, oracle },
    async () => true,
    () => true,
    (change) => void changes.push(change),
    patience,
  );
/** All that is found is young; meanwhile something happens. */
const meanwhile = (act: () => Promise<unknown>): Patience => ({
  isYoung: () => true,
  pause: async () => void (await act()),
});
const put = (body: string) => stores.couchbase.upsert('k', { content: of(body) });

test('a write of our own, in both stores, is none', async () => {
  const version = await put('1');
  await stores.oracle.apply('k', { content: of('1'), version });
  for (const phase of ['expand', 'seal', 'switch', 'settle'] as const)
    assert.deepEqual(await settled(phase), { settled: 'settled', told: 'none' });
  assert.deepEqual(changes, []);
});

test('a write past the API comes to Oracle, and is told, up to switch', async () => {
  for (const phase of ['expand', 'seal', 'switch'] as const) {
    const version = await put(`"${phase}"`);
    assert.deepEqual(await settled(phase), { settled: 'settled', told: 'foreign' });
    assert.equal((await stores.oracle.read('k', {})).version, version);
    assert.equal((await settled(phase)).told, 'none', 'again');
  }
});

test('in settle it is set aside, and what Oracle holds takes its place', async () => {
  await stores.oracle.write('k', { content: of('"ours"'), condition: { kind: 'none' }, handedOff: false });
  await settled('settle');
  await put('"theirs"');
  assert.equal((await settled('settle')).told, 'foreign');
  assert.equal((await stores.couchbase.read('k', {})).content?.digest, of('"ours"').digest);
});

test('in settle Oracle takes what is written over a document that it has not ordered yet', async () => {
  await stores.oracle.apply('k', { content: of('1'), version: await put('1') });
  await put('"theirs"');
  assert.equal((await settled('settle')).told, 'foreign');
  assert.equal((await stores.oracle.read('k', {})).content?.digest, of('"theirs"').digest);
});

test('a touch is none of them: Oracle learns the version, and in settle nothing is written to Couchbase that would be touched again', async () => {
  await put('1');
  await settled('expand');
  const touched = await put('1');
  assert.equal((await settled('expand')).told, 'touch');
  assert.equal((await stores.oracle.read('k', {})).version, touched);
  changes = [];
  await put('1');
  const before = await stores.couchbase.read('k', {});
  assert.deepEqual(await settled('settle'), { settled: 'settled', told: 'touch' });
  assert.deepEqual(await stores.couchbase.read('k', {}), before);
  assert.deepEqual(
    changes.map(({ store, version }) => [store, version]),
    [['oracle', before.version]],
  );
  assert.equal((await settled('settle')).told, 'none', 'again');
});

test('a deletion of what Oracle never had is in Oracle before a copy that was read before it, and is told', async () => {
  const version = await put('1');
  await stores.couchbase.remove('k', {});
  assert.deepEqual(await settled('expand'), { settled: 'settled', told: 'foreign' });
  assert.equal(await stores.oracle.apply('k', { content: of('1'), version }), false, 'a copy of a backfill');
  assert.equal((await stores.oracle.read('k', {})).content, null);
  assert.equal((await settled('expand')).told, 'none', 'again');
  // So it is with one that was written again.
  const again = await put('2');
  await stores.couchbase.remove('k', {});
  assert.equal((await settled('expand')).told, 'foreign');
  assert.equal(await stores.oracle.apply('k', { content: of('2'), version: again }), false);
});

test('a write or a deletion of our own that is on its way to Oracle is none, however often its key is written', async () => {
  for (const phase of ['expand', 'seal', 'switch'] as const) {
    const version = await put(`"${phase}"`);
    const arrives = meanwhile(() => stores.oracle.apply('k', { content: of(`"${phase}"`), version }));
    assert.equal((await settled(phase, arrives)).told, 'none', phase);
  }
  const gone = (await stores.couchbase.remove('k', {})) as bigint;
  const arrives = meanwhile(() => stores.oracle.apply('k', { content: null, version: gone }));
  assert.equal((await settled('expand', arrives)).told, 'none');
  assert.deepEqual(changes, []);
});

test('one that does not arrive is told, after a bounded time; one that is no longer young at once', async () => {
  let pauses = 0;
  const nothing = meanwhile(async () => void pauses++);
  await put('1');
  assert.equal((await settled('seal', nothing)).told, 'foreign');
  assert.equal(pauses, 3);
  await put('2');
  assert.equal((await settled('seal', { ...nothing, isYoung: () => false })).told, 'foreign');
  assert.equal(pauses, 3);
});

test('what comes to Couchbase while a key is repaired that was in order is none: it has a change of its own', async () => {
  await stores.oracle.apply('k', { content: of('1'), version: await put('1') });
  let reads = 0;
  const read = async () => {
    // After the first look, and before that of the repair.
    if (++reads === 2) await put('2');
    return stores.oracle.read('k', {});
  };
  assert.equal((await settled('seal', null, { ...stores.oracle, read })).told, 'none');
  assert.equal(changes.length, 1);
});

test('in settle a copy of our own that Oracle has overtaken is none, where a feed tells of it', async () => {
  const condition = { kind: 'none' } as const;
  await stores.oracle.write('k', { content: of('1'), condition, handedOff: false });
  await settled('settle');
  await stores.oracle.write('k', { content: of('2'), condition, handedOff: false });
  changes = [];
  assert.equal((await settled('settle')).told, 'none');
  assert.equal(changes.length, 1);
});

test('in legacy and in contract nobody is asked', async () => {
  await put('1');
  for (const phase of ['legacy', 'contract'] as const) assert.equal((await settled(phase)).told, 'none');
  assert.equal((await stores.oracle.read('k', {})).version, 0n);
});

test('no call is begun that no time is left for', async () => {
  const receipt = { collection: 'orders', key: 'k', phase: 'expand', cause: 'write', expired: 0n } as const;
  const late = settleChange(
    receipt,
    'expand',
    stores,
    async () => true,
    () => false,
    () => {},
  );
  await assert.rejects(late, /No time is left/);
});
