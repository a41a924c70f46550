/** The way back after `contract`: what only Oracle was told since comes back to Couchbase, while the service is live. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import pMap from 'p-map';
import { type CopyBackPorts, copyBackShard } from '../../functions/copyback/copy_back_shard.ts';
import { portsToCopyBack } from '../../functions/copyback/ports.ts';
import { perform } from '../../functions/protocol/call.ts';
import { UNCONDITIONAL } from '../../functions/protocol/condition.ts';
import { ClockBehind } from '../../functions/protocol/order_of_key.ts';
import type { Phase } from '../../functions/protocol/phase.ts';
import { shardsFrom } from '../../functions/protocol/shard.ts';
import type { Content } from '../../functions/protocol/state.ts';
import { verify } from '../../functions/protocol/verify.ts';
import { write } from '../../functions/protocol/write.ts';
import { settle } from '../../functions/reconciliation/settle.ts';
import { portOf } from '../../functions/stores/port.ts';
import type { Receipt } from '../../functions/stores/receipt.ts';
import { Selection, WHOLE } from '../../functions/stores/selection.ts';
import { Death, LIMITS, Rig } from '../runs/rig.ts';
import { selected } from '../runs/selected.ts';
import { document } from '../stores/contract/subject.ts';
import { changedBySql } from './changed_by_sql.ts';

const COUNT = 120;
const keys = Array.from({ length: COUNT }, (_, n) => `back-${String(n).padStart(3, '0')}`);
const receipts: Receipt[] = [];
const send = async (receipt: Receipt) => {
  receipts.push(receipt);
  return true;
};

let rig: Rig;
before(async () => {
  rig = await Rig.start({ size: 8 });
});
after(() => rig.stop());

/** As a router in that phase does. */
async function put(phase: Phase, key: string, content: Content): Promise<void> {
  const receipt = {
    send: async () => {
      receipts.push({ collection: 'c', key, phase, cause: 'write', expired: 0n });
      return null;
    },
    sent: async () => true,
  };
  const partners = { couchbase: rig.cluster.store, oracle: rig.database.store, receipt };
  const { kind } = await perform(write(phase, { content, condition: UNCONDITIONAL }), portOf(key, partners));
  assert.notEqual(kind, 'unknown');
}

async function copyBack(
  back: 'changed' | 'all',
  port = (ports: CopyBackPorts) => ports,
  phase: 'settle' | 'switch' = 'settle',
) {
  const options = { back };
  const run = await rig.begin(shardsFrom(keys, 2), { kind: 'copyback', phase, options });
  for (const { shard } of await rig.shards(run))
    for (;;) {
      const { row, work } = await rig.take(run, shard);
      const about = { collection: 'c', options, phase };
      const ports = port(portsToCopyBack(rig.both, work, about, send));
      const walked = await copyBackShard(row, ports, LIMITS, phase).catch((error: unknown) => {
        if (error instanceof Death) return 'died';
        throw error;
      });
      if (walked === 'done') break;
    }
  const rows = await rig.shards(run);
  const total = (name: 'listed' | 'applied' | 'stale' | 'failed') =>
    rows.reduce((sum, row) => sum + row[name], 0);
  return {
    listed: total('listed'),
    applied: total('applied'),
    stale: total('stale'),
    failed: total('failed'),
  };
}

/** As the reconciler does, a bake later. */
async function drain(phase: Phase = 'settle'): Promise<void> {
  for (let next = receipts.pop(); next !== undefined; next = receipts.pop())
    await settle(next, phase, rig.both, send, () => true);
}

async function differing(phase: Phase = 'settle'): Promise<string[]> {
  const receipt = { send: async () => null, sent: async () => true };
  const partners = { couchbase: rig.cluster.store, oracle: rig.database.store, receipt };
  const verdicts = await pMap(keys, (key) => perform(verify(phase), portOf(key, partners)), {
    concurrency: 8,
  });
  return keys.filter((_, n) => verdicts[n] !== 'equal');
}

test('what Oracle alone was told comes back, deletions too, while others write and workers die', async () => {
  for (const key of keys) await put('switch', key, document('{"was":"in both"}'));
  for (const [n, key] of keys.entries())
    if (n % 3 === 0) await put('contract', key, n % 2 === 0 ? null : document(`{"n":${n}}`));
  assert.equal((await differing()).length, COUNT / 3);
  let batches = 0;
  const first = await copyBack('changed', (ports) => ({
    ...ports,
    record: async (step) => {
      // Between a batch and its record: somebody writes, or the worker dies.
      await put('settle', keys[(batches * 5) % COUNT] as string, document(`{"batch":${batches}}`));
      if (batches++ % 2 === 0) throw new Death();
      await ports.record(step);
    },
  }));
  assert.ok(first.listed >= COUNT / 3 && first.listed <= COUNT / 3 + batches, JSON.stringify(first));
  assert.equal(first.failed, 0);
  await drain();
  assert.deepEqual(await differing(), []);
});

test('keys that Couchbase cannot order yet, since its clock is behind, stop nothing, and their receipts wait', async () => {
  const before = await differing('switch');
  rig.repairs.splice(0);
  const converge = async () => {
    throw new ClockBehind(1n, 2n);
  };
  const { failed } = await copyBack('changed', (ports) => ({ ...ports, converge }), 'switch');
  const asked = new Set(rig.repairs.splice(0));
  assert.deepEqual([failed, before.every((key) => asked.has(key)), asked.size > 0], [0, true, true]);
});

test('in switch every key goes back to Couchbase, also those that nobody writes any more', async () => {
  assert.ok((await differing('switch')).length >= COUNT / 3);
  const { failed } = await copyBack('changed', (ports) => ports, 'switch');
  assert.equal(failed, 0);
  await drain('switch');
  assert.deepEqual(await differing('switch'), []);
  assert.equal((await copyBack('changed', (ports) => ports, 'switch')).listed, 0);
});

test('all documents are looked at when asked, and those that differ are copied', async () => {
  const lost = keys[7] as string;
  await rig.cluster.store.remove(lost);
  assert.equal((await copyBack('changed')).applied, 0);
  const { applied, listed } = await copyBack('all');
  assert.deepEqual([applied, listed > COUNT / 2], [1, true]);
  assert.deepEqual(await differing(), []);
});

test('a marker goes in the end, though its worker died before anybody was told of it', async () => {
  const deleted = keys[9] as string;
  await put('contract', deleted, null);
  receipts.length = 0;
  let dies = true;
  await copyBack(
    'changed',
    (ports) => ({
      ...ports,
      converge: async (key) => {
        const settled = await ports.converge(key);
        if (key !== deleted || !dies) return settled;
        dies = false;
        receipts.splice(0);
        throw new Death();
      },
    }),
    'switch',
  );
  assert.equal(dies, false);
  assert.notEqual((await rig.cluster.store.read(deleted)).cas, 0n, 'Couchbase has its marker');
  for (const key of rig.repairs.splice(0))
    receipts.push({ collection: 'c', key, phase: 'switch', cause: 'run', expired: 0n });
  await drain('switch');
  assert.equal((await rig.cluster.store.read(deleted)).cas, 0n);
});

test('a document that Couchbase can never hold is set aside, and stops nothing', async () => {
  // Couchbase keeps 4 of 250 bytes for the collection; Oracle does not.
  const long = `back-${'x'.repeat(244)}`;
  const { store } = rig.database;
  const write = { content: document('{}'), condition: UNCONDITIONAL, handedOff: false };
  assert.notEqual(await store.write(long, write), null);
  await put('contract', keys[1] as string, document('{"after":1}'));
  const counts = await copyBack('changed');
  assert.deepEqual([counts.failed, counts.applied], [1, 1]);
  assert.match(rig.setAside.at(-1)?.detail ?? '', /the key has 249 bytes of UTF-8, and may have 246/);
});

changedBySql(() => ({ rig, put, copyBack }));

const OWN = ['1', '*', '\u{1f600}', 'é'.repeat(118)].map((each) => `z-order::${each}`);
const OTHERS = ['z-cart::1', 'z-order:', 'z-order;', 'z-_sync:rev:1', 'z-_sync:user', 'zz'];

test('of the documents of a keyspace a backfill copies those that it takes; what it lists beside them it counts', async () => {
  for (const key of [...OWN, ...OTHERS])
    await rig.cluster.store.upsert(key, { content: document(`"${key}"`) });
  assert.equal(Buffer.byteLength(OWN.at(-1) ?? ''), 245);
  const none = { listed: 4, applied: 4, failed: 0, passed: { ignored: 0, elsewhere: 0 } };
  assert.deepEqual(await selected(rig, 'backfill', ['z-order::*']), none, 'others are not even listed');
  const row = (key: string) => rig.database.store.read(key);
  for (const key of OTHERS) assert.equal((await row(key)).content, null, key);
  for (const key of OWN) assert.notEqual((await row(key)).content, null, key);
  // A pattern without a beginning is found among all keys; a star that is meant is that key alone.
  const found = { listed: 1, applied: 1, failed: 0 };
  const passed = { ignored: 2, elsewhere: 7 };
  assert.deepEqual(await selected(rig, 'backfill', ['*-cart::*']), { ...found, passed });
  const star = { listed: 1, applied: 0, failed: 0, passed: { ignored: 0, elsewhere: 0 } };
  assert.deepEqual(await selected(rig, 'backfill', ['z-order::\\*']), star);
  assert.deepEqual(await selected(rig, 'backfill', ['nobody::*']), { ...star, listed: 0 });
});

test('a verification neither compares nor repairs what the collection does not take, and counts its rows in Oracle, too', async () => {
  await rig.database.store.apply('z-_sync:old', { content: document('1'), version: 5n });
  rig.repairs.length = 0;
  for (const mode of ['content', 'count'] as const)
    assert.deepEqual(await selected(rig, 'verify', ['z-order::*'], mode), {
      ...{ listed: 4, applied: 4, failed: 0 },
      // The row of a cart from the backfill above, and one of before such keys were ignored.
      passed: { ignored: 1, elsewhere: 1 },
    });
  assert.deepEqual(rig.repairs, []);
});

test('a copy-back gives Couchbase what its collection takes, and leaves to others what is theirs', async () => {
  for (const key of ['z-order::1', 'z-cart::1']) await put('contract', key, document('"later"'));
  const held = async (key: string) => (await rig.cluster.store.read(key)).content?.body.toString();
  rig.selection = new Selection({ include: ['z-order::*'], ignore: [] });
  await copyBack('changed');
  assert.deepEqual([await held('z-order::1'), await held('z-cart::1')], ['"later"', '"z-cart::1"']);
  const receipt = {
    collection: 'c',
    key: 'z-cart::1',
    phase: 'settle',
    cause: 'write',
    expired: 0n,
  } as const;
  await assert.rejects(
    settle(receipt, 'settle', rig.both, send, () => true),
    /KEY_NOT_TAKEN/,
  );
  rig.selection = new Selection({ include: ['z-cart::*'], ignore: [] });
  await copyBack('changed');
  assert.equal(await held('z-cart::1'), '"later"');
  rig.selection = WHOLE;
});
