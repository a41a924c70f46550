/** Other hands in the bucket, as those of a real one: what becomes of a document that Crossfade has written, and somebody else touches, in each phase. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, afterEach, before, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { LookupInSpec, MutateInSpec } from 'couchbase';
import type { Phase } from '../../functions/protocol/phase.ts';
import { sameState } from '../../functions/protocol/state.ts';
import { CONTROL } from '../../functions/stores/oracle/control_tables.ts';
import { SQL_CHANGES } from '../../functions/stores/oracle/sql_changes_table.ts';
import { upgrade } from '../../functions/stores/oracle/upgrade.ts';
import type { Deed } from '../../infra/local/servers/couchbase/hands.ts';
import { document } from './contract/subject.ts';
import { type TestCluster, testCluster } from './couchbase/cluster.ts';
import { KeyInBoth } from './key_in_both.ts';
import { type TestDatabase, testDatabase } from './oracle/database.ts';
import { repeatedAfterTouch } from './repeated.ts';
import { sqlBeside } from './sql_beside.ts';
import { sqlHands } from './sql_hands.ts';
import { sqlLook } from './sql_look.ts';
import { sqlPhases } from './sql_phases.ts';
import { sqlRecreated } from './sql_recreated.ts';

/** Other hands are orders to the embedded server. */
const skip = process.env.COUCHBASE_URL !== undefined && 'a cluster of your own takes no orders';

let cluster: TestCluster;
let database: TestDatabase;
before(async () => {
  [cluster, database] = await Promise.all([testCluster(), testDatabase({ size: 4 })]);
  await upgrade(database.connection, [CONTROL, SQL_CHANGES], null, () => {});
});
afterEach(() => cluster.server?.calm());
after(() => Promise.all([cluster.stop(), database.stop()]));

for (const declare of [sqlHands, sqlPhases, sqlRecreated, sqlLook, sqlBeside, repeatedAfterTouch])
  declare(() => ({ cluster, database }), skip);

const order = (deed: Deed, prefix: string, times: number | null) =>
  cluster.server?.hand({ deed, prefix, times });

/** Asks until the answer is right, for some seconds at most. */
async function eventually<T>(ask: () => Promise<T>, isRight: (answer: T) => boolean): Promise<T> {
  const until = performance.now() + 10_000;
  for (;;) {
    const answer = await ask();
    if (isRight(answer)) return answer;
    assert.ok(performance.now() < until, `It stays ${String(answer)}`);
    await setTimeout(10);
  }
}
const handed = async () => (await cluster.server?.handed()) ?? 0;

const newKey = () => new KeyInBoth(cluster, database);

const WRITERS = {
  metadata: { kind: 'metadata', attribute: '_sync' },
  touch: { kind: 'touch', seconds: 0 },
  write: { kind: 'write', body: '"theirs"' },
  delete: { kind: 'delete' },
} as const satisfies Record<string, Deed>;
type Writer = keyof typeof WRITERS;

/**
 * What a receipt makes of it. `at rest`: both hold the same, in one version. `theirs`: what the other hand has written is in both stores. `ours, theirs aside`: it is
 * replaced, and set aside. `ours`: it is replaced, and nothing tells. `gone`: the deletion is in both stores.
 */
type Becomes = 'at rest' | 'theirs' | 'ours, theirs aside' | 'ours' | 'gone';

/** The table of the page on Couchbase's other hands, for a hand that answers one write. */
const ONCE: Record<Exclude<Phase, 'legacy' | 'contract'>, Record<Writer, Becomes>> = {
  expand: { metadata: 'at rest', touch: 'at rest', write: 'theirs', delete: 'gone' },
  seal: { metadata: 'at rest', touch: 'at rest', write: 'theirs', delete: 'gone' },
  switch: { metadata: 'at rest', touch: 'at rest', write: 'theirs', delete: 'ours' },
  settle: { metadata: 'at rest', touch: 'at rest', write: 'ours, theirs aside', delete: 'ours' },
};

async function becomes(of: KeyInBoth): Promise<Becomes> {
  const { held, row, texts } = await of.both();
  if (texts[0] === null && texts[1] === null) return 'gone';
  assert.ok(sameState(held, row), `${texts} differ, or their versions ${held.version} and ${row.version}`);
  if (texts[0] === '"theirs"') return 'theirs';
  return (await of.aside()).includes('past oracle') ? 'ours, theirs aside' : 'ours';
}

for (const [phase, expected] of Object.entries(ONCE) as [keyof typeof ONCE, Record<Writer, Becomes>][])
  test(`each other hand, once, in ${phase}: what its receipt makes of it`, { skip }, async () => {
    for (const [writer, deed] of Object.entries(WRITERS) as [Writer, Deed][]) {
      const of = newKey();
      await of.put(phase, document('"first"'));
      await handed();
      await order(deed, of.key, 1);
      await of.put(phase, document('"ours"'));
      await eventually(handed, (n) => n === 1);
      // Whatever is left of it, a receipt or two settle it.
      for (let n = 0; n < 3 && (await of.receipt(phase)) === 'busy'; n++);
      const found = await becomes(of);
      assert.equal(
        found === 'ours' && expected[writer] === 'at rest' ? 'at rest' : found,
        expected[writer],
        writer,
      );
    }
  });

/** Receipts until one finds both stores equal: the second one at the latest. */
async function settled(of: KeyInBoth, phase: Phase, what: string): Promise<void> {
  const kinds = [await of.receipt(phase), await of.receipt(phase)];
  assert.equal(kinds.at(-1), 'equal', what);
  const { held, row } = await of.both();
  assert.ok(sameState(held, row), what);
}

test('one that answers each write leaves both stores at rest in every phase', { skip }, async () => {
  const sliding = { kind: 'touch', seconds: 3600 } as const;
  for (const phase of ['expand', 'seal', 'switch', 'settle'] as const)
    for (const deed of [WRITERS.metadata, WRITERS.touch, sliding]) {
      const [of, what] = [newKey(), `${phase} ${JSON.stringify(deed)}`];
      await handed();
      await order(deed, of.key, null);
      await of.put(phase, document('"ours"'));
      await eventually(handed, (n) => n > 0);
      await settled(of, phase, what);
      // A receipt has changed nothing in Couchbase, so nobody has answered it.
      assert.equal(await handed(), 0, what);
      assert.deepEqual(await of.aside(), [], what);
    }
});

test('a key that Oracle orders is given back though a hand answers each write', { skip }, async () => {
  const of = newKey();
  await order(WRITERS.metadata, of.key, null);
  await handed();
  await of.put('settle', document('"ours"'));
  await eventually(handed, (n) => n > 0);
  await settled(of, 'switch', 'on the way back');
  assert.equal((await of.both()).row.handoff, null);
});

test('under a maximum TTL Oracle takes the expiry that Couchbase has given, in the same version, and every phase rests', {
  skip,
}, async () => {
  for (const limit of [{ bucket: { maxTTL: 3600 } }, { maxTtl: { 'test.documents': 3600 } }]) {
    await cluster.server?.manage(limit);
    for (const phase of ['expand', 'seal', 'switch', 'settle'] as const) {
      const of = newKey();
      await of.put(phase, document('"ours"'));
      const { held, row } = await of.both();
      assert.equal(held.version, row.version);
      await settled(of, phase, phase);
      const after = await of.both();
      assert.equal(after.row.version, row.version, `${phase}: its ETag holds`);
      assert.equal(after.row.content?.expiresAt, held.content?.expiresAt, phase);
      assert.notEqual(held.content?.expiresAt ?? null, null);
      assert.deepEqual(await of.aside(), []);
    }
  }
});

test('a maximum TTL and a metadata writer together leave every phase at rest', { skip }, async () => {
  await cluster.server?.manage({ bucket: { maxTTL: 3600 } });
  for (const phase of ['expand', 'seal', 'switch', 'settle'] as const) {
    const of = newKey();
    await handed();
    await order(WRITERS.metadata, of.key, null);
    await of.put(phase, document('"ours"'));
    await eventually(handed, (n) => n > 0);
    await settled(of, phase, phase);
    assert.equal(await handed(), 0, phase);
  }
});

test('a maximum TTL cuts what asks for longer, and may change while the server runs', { skip }, async () => {
  const { collection, server } = cluster;
  const expiryOf = async (key: string) =>
    (await collection.lookupIn(key, [LookupInSpec.get('$document.exptime', { xattr: true })])).content[0]
      ?.value as number;
  const now = () => Date.now() / 1000;
  const near = (expiry: number, seconds: number) => assert.ok(Math.abs(expiry - now() - seconds) < 30);
  const key = randomUUID();
  await collection.upsert(key, 1);
  assert.equal(await expiryOf(key), 0);
  await server?.manage({ bucket: { maxTTL: 1000 } });
  assert.equal(await expiryOf(key), 0, 'what is there stays as it is');
  await collection.touch(key, 0);
  near(await expiryOf(key), 1000);
  await collection.upsert(key, 2, { expiry: 5000 });
  near(await expiryOf(key), 1000);
  await collection.upsert(key, 3, { expiry: 100 });
  near(await expiryOf(key), 100);
  // A collection's own comes before that of its bucket, and may be none.
  await server?.manage({ bucket: { maxTTL: 1000 }, maxTtl: { 'test.documents': 300 } });
  await collection.upsert(key, 4);
  near(await expiryOf(key), 300);
  await server?.manage({ bucket: { maxTTL: 1000 }, maxTtl: { 'test.documents': -1 } });
  await collection.upsert(key, 5);
  assert.equal(await expiryOf(key), 0);
});

const STAGED = { id: { txn: 't1', atmpt: 'a1' }, op: { type: 'replace', stgd: 'theirs' } };
const inside = { xattr: true };
/** What becomes of a document that a transaction has staged a change in, once the transaction has ended so. */
const ENDS: Record<keyof typeof ONCE, Record<'commits' | 'removes' | 'takes back', Becomes>> = {
  expand: { commits: 'theirs', removes: 'gone', 'takes back': 'ours' },
  seal: { commits: 'theirs', removes: 'gone', 'takes back': 'ours' },
  switch: { commits: 'theirs', removes: 'ours', 'takes back': 'ours' },
  settle: { commits: 'ours, theirs aside', removes: 'ours', 'takes back': 'ours' },
};

test('a change that a transaction stages is a touch, and its commit a write or a deletion past the API', {
  skip,
}, async () => {
  const { collection } = cluster;
  for (const [phase, expected] of Object.entries(ENDS) as [keyof typeof ENDS, (typeof ENDS)['expand']][])
    for (const [end, becomesThen] of Object.entries(expected)) {
      const of = newKey();
      await of.put(phase, document('"ours"'));
      // As drivers stage it: an attribute of the document, whose body stays.
      let { cas } = await collection.mutateIn(of.key, [MutateInSpec.upsert('txn', STAGED, inside)]);
      for (let n = 0; n < 3 && (await of.receipt(phase)) === 'busy'; n++);
      assert.equal(await becomes(of), 'ours', `${phase}, staged`);
      // Up to `switch` nothing that a receipt does makes the commit fail.
      if (phase === 'settle') ({ cas } = await collection.get(of.key));
      const ended = MutateInSpec.remove('txn', inside);
      if (end === 'removes') await collection.remove(of.key, { cas });
      else if (end === 'takes back') await collection.mutateIn(of.key, [ended], { cas });
      else await collection.mutateIn(of.key, [ended, MutateInSpec.replace('', 'theirs')], { cas });
      for (let n = 0; n < 3 && (await of.receipt(phase)) === 'busy'; n++);
      assert.equal(await becomes(of), becomesThen, `${phase}, ${end}`);
    }
});

test('a get-and-touch by another hand: both stores are at rest with one body, and one expiry', {
  skip,
}, async () => {
  for (const phase of ['expand', 'seal', 'switch', 'settle'] as const) {
    const of = newKey();
    await of.put(phase, document('"ours"'));
    await cluster.collection.getAndTouch(of.key, 3600);
    for (let n = 0; n < 3 && (await of.receipt(phase)) === 'busy'; n++);
    const { held, row, texts } = await of.both();
    assert.ok(sameState(held, row), phase);
    assert.deepEqual(texts, ['"ours"', '"ours"'], phase);
  }
});
