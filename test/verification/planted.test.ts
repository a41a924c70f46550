/** Every kind of difference, planted among real documents under live writers: all of them are found, and nothing else. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import oracledb from 'oracledb';
import pMap from 'p-map';
import { LeftOut } from '../../functions/books/left_out.ts';
import { Letters, letterId } from '../../functions/books/letters.ts';
import { measuredLook } from '../../functions/edge/explain.ts';
import { isLeftOut, leaveOut, leftState } from '../../functions/edge/left_out.ts';
import { shardsFrom } from '../../functions/protocol/shard.ts';
import { settle } from '../../functions/reconciliation/settle.ts';
import type { Mode } from '../../functions/records/run.ts';
import { summarize } from '../../functions/runs/summary.ts';
import type { Pair } from '../../functions/stores/snapshot.ts';
import { compareShard } from '../../functions/verification/compare_shard.ts';
import { look } from '../../functions/verification/look.ts';
import { looksAt, portsToCompare, portsToCompareVersions } from '../../functions/verification/ports.ts';
import { recheck } from '../../functions/verification/recheck.ts';
import { realPlaces } from '../runs/real_places.ts';
import { LIMITS, Rig } from '../runs/rig.ts';
import { document } from '../stores/contract/subject.ts';
import { makeVersionsIndex } from '../stores/couchbase/versions_index.ts';
import { projectedRows } from './projected_rows.ts';
import { writers } from './writers.ts';

/** Milliseconds that a difference must stand here: writers send no receipts, they settle at once. */
const STANDS = 400;
const DIGITS = '{"n":12345678901234567890123456789012345678}';

let rig: Rig;
let keys: string[];
before(async () => {
  rig = await Rig.start({ size: 8 });
  const all = realPlaces(2000);
  keys = [...all.keys()];
  await pMap(all, ([key, body]) => put(key, body), { concurrency: 32 });
  for (const [key, body] of Object.entries(SPECIAL)) await put(key, body);
  await copy();
});
after(() => rig.stop());

const SPECIAL = {
  ...{ 'p/digit': DIGITS, 'p/decimal': '{"n":1.0}', 'p/order': '{"a":1,"b":2}', 'p/empty': '{"s":""}' },
  ...{ 'p/bytes': 'no JSON', 'p/expiry': '{"e":1}', 'p/tombstone': '{}', 'p/missing': '{}', 'p/stale': '{}' },
  ...{ 'p/foreign': '{"v":1}', 'p/removed': '{}', 'p/marker': '{}', 'p/handed': '{}', 'p/ahead': '{}' },
};
const put = (key: string, body: string) => rig.cluster.store.upsert(key, { content: document(body) });

async function copy(): Promise<void> {
  const run = await rig.begin(shardsFrom(keys, 3));
  for (const { shard } of await rig.shards(run)) await rig.work(run, shard);
}

/** As nobody of ours would do it: past the protocol. */
async function meddle(key: string, assignments: string, binds: oracledb.BindParameters = {}): Promise<void> {
  const { name } = rig.database.table;
  const target = { store: 'oracle', operation: 'meddle', collection: name, key } as const;
  const text = `UPDATE ${name} SET ${assignments} WHERE doc_key = :key`;
  const { rowsAffected } = await rig.database.connection.use(target, true, (session) =>
    session.execute(
      text,
      { ...(binds as Record<string, oracledb.BindParameter>), key },
      { autoCommit: true },
    ),
  );
  assert.equal(rowsAffected, 1, key);
}

const bytes = (text: string) => ({ body: { val: Buffer.from(text), type: oracledb.BUFFER } });

async function plant(): Promise<Record<string, string>> {
  const { store } = rig.cluster;
  await meddle('p/digit', 'body = :body', bytes(DIGITS.replace('678}', '679}')));
  await meddle('p/decimal', 'body = :body', bytes('{"n":1}'));
  await meddle('p/order', 'body = :body', bytes('{ "b": 2, "a": 1 }'));
  await meddle('p/empty', 'body = :body', bytes('{"s":null}'));
  await meddle('p/bytes', 'bytes = :body', bytes('no  JSON'));
  await meddle('p/expiry', 'expires = 4000000000');
  await meddle('p/tombstone', "kind = 'gone', body = NULL");
  await meddle('p/handed', 'handoff = version');
  await meddle('p/ahead', 'version = version + 5');
  await rig.database.store.apply('p/extra', { content: document('{}'), version: 3n });
  await put('p/stale', '{"newer":true}');
  await store.remove('p/removed');
  await store.upsert('p/new', { content: document('{"missing":1}') });
  // A version of our own, which a client that knows nothing of it overwrites: the attribute stays, and says nothing any more.
  const held = await store.read('p/foreign');
  const version = held.version + 10n;
  await store.swap('p/foreign', { cas: held.cas, content: document('{"v":2}'), version });
  await rig.database.store.apply('p/foreign', { content: document('{"v":2}'), version });
  await put('p/foreign', '{"v":3}');
  const marked = await store.read('p/marker');
  const cas = await store.swap('p/marker', { cas: marked.cas, content: null, version: null });
  await rig.database.store.apply('p/marker', { content: null, version: cas ?? 0n });
  // Of both orders of "gone", one is agreement: absent in Couchbase, a tombstone in Oracle.
  const gone = await store.remove('p/missing');
  await rig.database.store.apply('p/missing', { content: null, version: gone ?? 0n });
  return {
    ...{ 'p/digit': 'content', 'p/empty': 'content', 'p/bytes': 'content', 'p/expiry': 'expiry' },
    ...{ 'p/tombstone': 'tombstone', 'p/handed': 'handed-off', 'p/ahead': 'ahead', 'p/extra': 'extra' },
    ...{ 'p/stale': 'stale', 'p/removed': 'extra', 'p/new': 'missing', 'p/foreign': 'stale' },
    'p/marker': 'marker',
  };
}

/** What tells whether an operator has left a document out. */
function parts() {
  const { both, database } = rig;
  return {
    stores: { of: () => both, leftOut: new LeftOut(database.connection) },
    phases: { current: async () => ({ phase: 'expand', since: 0, by: 'test' }) },
    ...{ now: Date.now, configuration: { timing: { call: 5000 } } },
  } as unknown as Parameters<typeof isLeftOut>[0];
}

async function verified(mode: Mode) {
  const options = { mode, repair: false };
  const run = await rig.begin(shardsFrom(keys, 2), { kind: 'verify', options });
  for (const { shard } of await rig.shards(run)) {
    const { row, work } = await rig.take(run, shard);
    const ports =
      mode === 'version'
        ? await portsToCompareVersions(rig.both, work, 'expand')
        : portsToCompare(rig.both, work, 'expand', mode);
    const how = { phase: 'expand', mode, repair: false, most: 1000 } as const;
    assert.equal(await compareShard(row, ports, LIMITS, how), 'done');
  }
  const looks = looksAt(rig.both, mode === 'content' ? 'whole' : 'outside', Date.now, 5000);
  for (let left = 1; left > 0; ) {
    const next = await recheck(
      {
        suspects: (after) => rig.findings.suspects(run, after),
        looked: (noted) => rig.findings.looked(noted),
        look: async (key) => (await look([key], looks, 'expand'))[0] as Pair,
        leftOut: async ({ key, seen }) => seen !== null && (await leftState(parts(), 'c', key)) === seen,
        ...{ repair: async () => {}, now: Date.now, timely: () => true },
      },
      { phase: 'expand', mode, repair: false, stands: STANDS },
    );
    left = next.suspects;
  }
  const found = await rig.ledger.run(run);
  assert.ok(found !== null);
  const summary = await summarize(found, rig, Date.now());
  const mismatches = await rig.findings.of(run, 'mismatch', 1000);
  return { summary, found: Object.fromEntries(mismatches.map(({ key, kind }) => [key, kind])), mismatches };
}

test('all planted differences are found under live writers, and nothing else; repaired, and clean', async () => {
  assert.equal((await verified('content')).summary.outcome, 'clean');
  const planted = await plant();
  const stop = writers(rig, keys);
  const { summary, found, mismatches } = await verified('content');
  assert.ok((await stop()) > 50);
  assert.deepEqual(found, planted);
  assert.equal(summary.outcome, 'failures');
  assert.equal(
    Object.values(summary.verified?.differences ?? {}).reduce((sum, count) => sum + count, 0),
    Object.keys(planted).length,
  );
  assert.match(mismatches.find(({ key }) => key === 'p/digit')?.detail ?? '', /they first differ at \/n/);

  // The same by the lists of both stores, but for what only a body tells.
  await makeVersionsIndex(rig.cluster);
  const listed = await verified('version');
  assert.deepEqual(
    listed.found,
    Object.fromEntries(Object.entries(planted).filter(([, kind]) => kind !== 'content')),
  );
  const { applied, failed, verified: told } = listed.summary;
  assert.equal(listed.summary.listed, applied + failed + (told?.byLists ?? 0));
  assert.ok((told?.byLists ?? 0) > 10 * applied, `${told?.byLists} by lists, ${applied} looked at`);

  const send = async () => true;
  for (const { key } of mismatches) {
    const receipt = { collection: 'c', key, phase: 'expand', cause: 'run', expired: 0n } as const;
    await settle(receipt, 'expand', rig.both, send, () => true);
  }
  const second = await verified('content');
  assert.deepEqual([second.found, second.summary.outcome], [{}, 'clean']);
});

test('a mode that looks at less finds less, and says which it was', async () => {
  await meddle('p/order', 'body = :body', bytes('{"b":3}'));
  await meddle('p/stale', 'version = version - 1');
  await put('p/unseen', '{}');
  const counted = await verified('count');
  assert.deepEqual(counted.found, { 'p/unseen': 'missing' });
  assert.equal(counted.summary.verified?.mode, 'count');
  assert.deepEqual((await verified('version')).found, { 'p/unseen': 'missing', 'p/stale': 'stale' });
  assert.deepEqual((await verified('content')).found, {
    ...{ 'p/unseen': 'missing', 'p/stale': 'stale', 'p/order': 'content' },
  });
});

test('what an operator has left out is no difference, until it is written again', async () => {
  const letters = new Letters(rig.database.connection);
  const discard = async (key: string) => {
    await letters.keep(key, 'no number', { collection: 'c', key }, 1);
    const letter = (await letters.find(letterId('', { collection: 'c', key }))) ?? assert.fail();
    await leaveOut(parts())(letter);
    assert.equal(await isLeftOut(parts(), 'c', key), false, 'its letter is still open');
    assert.ok(await letters.close(letter, 'discarded', 2));
  };
  const left = ['p/unseen', 'p/stale', 'p/order'];
  for (const key of left) await discard(key);
  const clean = await verified('content');
  assert.deepEqual([clean.found, clean.summary.outcome], [{}, 'clean']);
  assert.equal(clean.summary.verified?.leftOut, 3);
  for (const key of left) assert.equal(await isLeftOut(parts(), 'c', key), true);
  await put('p/unseen', '{"again":1}');
  await meddle('p/stale', 'version = version - 1');
  const again = await verified('content');
  assert.deepEqual(again.found, { 'p/unseen': 'missing', 'p/stale': 'stale' });
  assert.equal(again.summary.outcome, 'failures');
  assert.deepEqual(await Promise.all(left.map((key) => isLeftOut(parts(), 'c', key))), [false, false, true]);
  const away = { ...parts(), phases: { current: () => Promise.reject(new Error('SSM is away')) } } as never;
  assert.equal(await isLeftOut(away, 'c', 'p/order'), false);
  // Nobody knows in which state it is left out: it is set aside again.
  const letter = { id: letterId('', { collection: 'c', key: 'p/order' }), collection: 'c', key: 'p/order' };
  await leaveOut(away)(letter);
  assert.equal(await isLeftOut(parts(), 'c', 'p/order'), false);
});

test('an explanation reads no body where one is too large for its function, as one of 20 MiB, which no lookup survives', async () => {
  const [body, row] = [Buffer.alloc(20 * 1024 * 1024, 'x'), document('{"a":1}')];
  const transcoder = { encode: (): [Buffer, number] => [body, 0x02000006], decode: (bytes: Buffer) => bytes };
  await rig.cluster.collection.upsert('p/large', body, { transcoder });
  await rig.database.store.apply('p/large', { content: row, version: 7n });
  const at = (key: string) => measuredLook(rig.both, key, 'expand', 5000);
  const { couchbase, oracle, bytes } = await at('p/large');
  assert.deepEqual(bytes, { couchbase: body.length, oracle: row.body.length });
  assert.deepEqual([couchbase.presence, couchbase.body], ['large', null]);
  assert.deepEqual([oracle.presence, oracle.version, oracle.body], ['live', 7n, null]);
  assert.ok((await at('p/order')).couchbase.body !== null);
  // Couchbase cannot have it.
  assert.equal((await at('k'.repeat(250))).couchbase.presence, 'absent');
});

projectedRows(() => rig.database);
