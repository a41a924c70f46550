/** Both stores through their drivers: the protocol's steps over the pair that it was made for. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import pMap from 'p-map';
import { bulkReads } from '../../functions/edge/bulk_reads.ts';
import { isSettled } from '../../functions/protocol/bulk_look.ts';
import { perform } from '../../functions/protocol/call.ts';
import { UNCONDITIONAL } from '../../functions/protocol/condition.ts';
import { converge } from '../../functions/protocol/converge.ts';
import { Payload } from '../../functions/protocol/payload.ts';
import { PHASES, type Phase } from '../../functions/protocol/phase.ts';
import { read } from '../../functions/protocol/read.ts';
import { agree, type Content } from '../../functions/protocol/state.ts';
import { verify } from '../../functions/protocol/verify.ts';
import { write } from '../../functions/protocol/write.ts';
import { Bulkheads } from '../../functions/routing/bulkheads.ts';
import { NO_PRECONDITION } from '../../functions/routing/precondition.ts';
import { Router } from '../../functions/routing/router.ts';
import { type Partners, portOf } from '../../functions/stores/port.ts';
import { Receipts } from '../../functions/stores/receipt.ts';
import { certified } from '../certification/over_servers.ts';
import { document } from './contract/subject.ts';
import { type TestCluster, testCluster } from './couchbase/cluster.ts';
import { type TestDatabase, testDatabase } from './oracle/database.ts';
import { Reference } from './reference.ts';

let cluster: TestCluster;
let database: TestDatabase;
let partners: Partners;

before(async () => {
  [cluster, database] = await Promise.all([testCluster(), testDatabase({ size: 16 })]);
  partners = { couchbase: cluster.store, oracle: database.store, receipt: new Reference(Date.now).receipt };
});
after(() => Promise.all([cluster.stop(), database.stop()]));

certified(() => ({ cluster, database }));

const WALK = [...PHASES, ...[...PHASES].reverse()];
const put = (phase: Phase, key: string, content: Content) =>
  perform(write(phase, { content, condition: UNCONDITIONAL }), portOf(key, partners));
const get = (phase: Phase, key: string) => perform(read(phase), portOf(key, partners));
const textOf = (content: Content | undefined) =>
  content === null || content === undefined ? null : Buffer.from(content.body).toString();
/** As the receipt of a write does, a bake later. */
const settle = async (phase: Phase, key: string) => {
  const converged = await perform(converge(phase, 0n), portOf(key, partners));
  if (converged.kind === 'marker') await perform(converge(phase, converged.cas), portOf(key, partners));
};

/** Spelt as an app may: the bytes come back as they went in. */
const BODIES = [
  '{"step":STEP, "big":9007199254740993}',
  ' STEP',
  '"text STEP"',
  '[ STEP.0 ]',
  'no JSON STEP',
];

test('a walk there and back keeps every document in the store that is read', async () => {
  const keys = Array.from({ length: 5 }, (_, n) => `${randomUUID()}-${n}`);
  const held = new Map<string, Content>();
  for (const [step, phase] of WALK.entries()) {
    for (const key of keys) await settle(phase, key);
    for (const key of keys) {
      const [content, expected] = [(await get(phase, key)).content, held.get(key)];
      assert.equal(content?.digest, expected?.digest, `on entering ${phase}`);
      assert.deepEqual(textOf(content), textOf(expected), `on entering ${phase}`);
    }
    for (const [n, key] of keys.entries()) {
      // Some keys are left alone in some phases, and some documents are deleted.
      if ((step + n) % 3 === 0) continue;
      const body = BODIES[(step + n) % BODIES.length]?.replace('STEP', `${step}`);
      const content = (step + n) % 4 === 0 ? null : document(body ?? '');
      assert.equal((await put(phase, key, content)).kind, 'done', phase);
      held.set(key, content);
    }
  }
});

test('an app writes, reads and patches a counter or a text in every phase, there and back', async () => {
  const stores = { couchbase: cluster.store, oracle: database.store };
  const router = new Router(
    () => stores,
    new Receipts(async () => true),
    () => false,
  );
  const place = { collection: 'c', key: randomUUID(), precondition: NO_PRECONDITION };
  for (const phase of WALK) {
    const surroundings = { phase, timely: () => true };
    const found = async () => {
      const answer = await router.read(place, surroundings);
      assert.equal(answer.kind, 'found', phase);
      return answer.kind === 'found' ? textOf(answer.document) : null;
    };
    await settle(phase, place.key);
    for (const body of ['42', ' "a session token"']) {
      const put = { ...place, verb: 'put', payload: new Payload(Buffer.from(body), null) } as const;
      assert.equal((await router.write(put, surroundings)).kind, 'written', phase);
      assert.equal(await found(), body, phase);
      // RFC 7396: what is no object is taken for an empty one.
      const patch = { ...place, verb: 'patch', patch: '{"n":1}', expiresAt: 'keep' } as const;
      assert.equal((await router.write(patch, surroundings)).kind, 'written', phase);
      assert.equal(await found(), '{"n":1}', phase);
      await router.write(put, surroundings);
    }
  }
});

test('clients that fight over keys in every phase leave two stores that agree', async () => {
  const keys = Array.from({ length: 4 }, (_, n) => `${randomUUID()}-${n}`);
  for (const [step, phase] of WALK.entries()) {
    const writes = Array.from({ length: 40 }, (_, n) => n);
    const outcomes = await pMap(
      writes,
      (n) =>
        put(phase, keys[n % keys.length] as string, n % 7 === 0 ? null : document(`{"n":${step * 100 + n}}`)),
      { concurrency: 8 },
    );
    const done = outcomes.filter(({ kind }) => kind === 'done').length;
    assert.ok(done >= writes.length / 2, `${done} of ${writes.length} were done in ${phase}`);
    for (const key of keys) await settle(phase, key);
    if (phase === 'legacy' || phase === 'contract') continue;
    for (const key of keys) {
      assert.equal(await perform(verify(phase), portOf(key, partners)), 'equal', `${phase}, ${key}`);
      assert.ok(agree(await cluster.store.read(key), await database.store.read(key)));
    }
  }
});

test('what expires in Couchbase before Oracle has it brings back nothing that it was put over', async () => {
  const key = randomUUID();
  const port = portOf(key, partners);
  await put('switch', key, document('"old"'));
  // Written over by a router that stands still until its document has expired, and goes on then.
  const late = (await port({ name: 'couchbase.upsert', content: document('"brief"') })) as bigint;
  await port({ name: 'couchbase.remove' });
  await settle('switch', key);
  assert.equal(await port({ name: 'oracle.apply', content: document('"brief"'), version: late }), false);
  const { content, version } = await get('switch', key);
  assert.equal(content?.digest, document('"old"').digest);
  const same = { content: document('"new"'), condition: { kind: 'version', version } } as const;
  assert.equal((await perform(write('switch', same), port)).kind, 'done');
  assert.equal(await perform(verify('switch'), port), 'equal');

  await port({ name: 'couchbase.remove' });
  assert.equal((await get('seal', key)).content, null);
  assert.equal((await get('switch', key)).content, null, 'Oracle was told before the answer');
  await settle('seal', key);
  assert.equal((await cluster.store.read(key)).cas, 0n);
});

test('on a walk there and back, bulk reads see what single reads see, and find every key settled that has come to rest', async () => {
  const { connection, table } = database;
  const both = { couchbase: cluster.store, database: connection, table };
  const reads = bulkReads(both, () => true, Date.now);
  const keys = Array.from({ length: 12 }, (_, n) => `${randomUUID()}-${n}`);
  const later = Math.floor(Date.now() / 1000) * 1000 + 3_600_000;
  for (const phase of WALK) {
    for (const [n, key] of keys.entries()) {
      const text = (BODIES[n % BODIES.length] as string).replace('STEP', String(n));
      await put(phase, key, n % 6 === 5 ? null : document(text, n % 4 === 3 ? later : null));
    }
    for (const key of keys) await settle(phase, key);
    const [held, rows] = [await reads.couchbase(keys), await reads.oracle(keys)];
    for (const [n, key] of keys.entries()) {
      assert.deepEqual(held[n], await cluster.store.read(key), `${phase}: ${key} in Couchbase`);
      assert.deepEqual(rows[n], await database.store.read(key), `${phase}: ${key} in Oracle`);
      const looked = { couchbase: held[n] ?? undefined, oracle: rows[n] ?? undefined };
      assert.ok(isSettled(phase, 0n, looked), `${phase}: ${key}`);
    }
  }
});

const TIMER = {
  now: () => performance.now(),
  after: (milliseconds: number, act: () => void) => {
    const started = setTimeout(act, milliseconds);
    return () => clearTimeout(started);
  },
};
const SILENCE = { kind: 'silence', applied: false } as const;
const SILENT = {
  expand: () =>
    database.server?.fault({ operation: 'execute', statement: null, times: null, action: SILENCE }),
  settle: () => cluster.server?.fault({ operation: 'lookupIn', times: null, action: SILENCE }),
} as const;

for (const phase of ['expand', 'settle'] as const)
  test(`${phase}: a PUT beside a silent follower is acknowledged by its receipt`, async (t) => {
    if (database.server === null || cluster.server === null) return t.skip('the stores cannot be silenced');
    const stores = { couchbase: cluster.store, oracle: database.store };
    const log = { withoutFollower: () => {}, changed: () => {}, withoutReceipt: () => {} };
    const bulkheads = new Bulkheads({ least: 100, most: 300 }, TIMER, log);
    const router = new Router(
      () => stores,
      new Receipts(async () => true),
      () => false,
      bulkheads,
    );
    const payload = new Payload(Buffer.from('{}'), null);
    const put = { collection: 'c', precondition: NO_PRECONDITION, verb: 'put', payload } as const;
    const write = () => router.write({ ...put, key: randomUUID() }, { phase, timely: () => true });
    await write();
    await SILENT[phase]();
    for (let n = 0; n < 8; n++) {
      const began = performance.now();
      assert.equal((await write()).kind, 'written');
      assert.ok(performance.now() - began < 5000, `${n}: ${performance.now() - began} ms`);
    }
    await Promise.all([database.server.calm(), cluster.server.calm()]);
  });

test('a copy whose caller has stopped waiting sends nothing more', async () => {
  const gone = { name: 'StoreUnavailable', message: /stopped waiting/ };
  const [key, content] = [randomUUID(), document('{}')];
  // Its update has found no row; the insertion is not sent any more.
  let asked = 0;
  await assert.rejects(
    database.store.apply(key, { content, version: 5n }, () => asked++ === 0),
    gone,
  );
  assert.equal((await database.store.read(key)).version, 0n);
});
