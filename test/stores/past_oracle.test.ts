/** A document that was written past the API in `settle`: whoever finds it first, a receipt or a request, it is set aside, counted as a conflict and noted, once. */
import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { ForeignNotes } from '../../functions/edge/foreign_notes.ts';
import { INITIAL_PHASE } from '../../functions/phases/effective_phase.ts';
import { perform } from '../../functions/protocol/call.ts';
import { UNCONDITIONAL } from '../../functions/protocol/condition.ts';
import type { Phase } from '../../functions/protocol/phase.ts';
import { write } from '../../functions/protocol/write.ts';
import { StoreUnavailable } from '../../functions/stores/failure.ts';
import { portOf } from '../../functions/stores/port.ts';
import { TARGET, World } from '../reconciliation/receipt_world.ts';
import { document } from './contract/subject.ts';
import { Reference } from './reference.ts';

let world: World;
/** Couchbase orders nothing here, and Oracle has written the document: its receipt is on its way. Then somebody writes it in Couchbase. */
beforeEach(async () => {
  world = new World();
  world.phase = async () => ({ ...INITIAL_PHASE, phase: 'settle' });
  const { oracle, couchbase } = world.stores;
  await oracle.write('k', { content: document('"ours"'), condition: { kind: 'none' }, handedOff: false });
  await world.work();
  await couchbase.upsert('k', { content: document('"theirs"') });
  world.metrics.length = 0;
  world.did.length = 0;
});

const counted = (name: string) => world.metrics.filter((each) => each === name).length;
const foreign = () => [
  counted('ForeignWrites'),
  counted('ForeignConflicts'),
  world.did.filter((each) => each === 'foreign k in settle').length,
];
const OWN = { body: 'k write' };
const FEED = { body: 'k write', feed: true };

test('the receipt of our own write comes first: the feed finds nothing left, and the conflict was told', async () => {
  assert.equal(await world.work(OWN), null);
  assert.deepEqual(foreign(), [1, 1, 1]);
  assert.ok(world.logs.some((line) => line.startsWith('warn FOREIGN_WRITE')));
  assert.equal(await world.work(FEED), null);
  assert.deepEqual(foreign(), [1, 1, 1]);
});

test('the receipt of the feed comes first', async () => {
  assert.equal(await world.work(FEED), null);
  assert.equal(await world.work(OWN), null);
  assert.deepEqual(foreign(), [1, 1, 1]);
});

test('both come with one invocation, at the same time', async () => {
  const invocation = {};
  await Promise.all([world.work({ ...OWN, invocation }), world.work({ ...FEED, invocation })]);
  assert.deepEqual(foreign(), [1, 1, 1]);
});

test('so is one that is found by a difference that a run has found, or by a read that was compared', async () => {
  for (const body of ['k run', 'k read']) {
    await world.stores.couchbase.upsert('k', { content: document(`"${body}"`) });
    world.metrics.length = 0;
    assert.equal(await world.work({ body }), null);
    assert.equal(counted('ForeignConflicts'), 1, body);
  }
});

test('it is told also where the repair fails once it is set aside: the next delivery finds it below the row', async () => {
  const target = { ...TARGET, store: 'couchbase' } as const;
  const { swap } = world.stores.couchbase;
  Object.assign(world.stores.couchbase, {
    swap: () => Promise.reject(new StoreUnavailable(target, true, new Error('away'))),
  });
  assert.match((await world.work(OWN)) ?? '', /^couchbase read in orders/);
  assert.deepEqual(foreign(), [1, 1, 1]);
  Object.assign(world.stores.couchbase, { swap });
  assert.equal(await world.work(OWN), null);
  assert.deepEqual(foreign(), [1, 1, 1]);
  assert.equal((await world.stores.couchbase.read('k', {})).content?.digest, document('"ours"').digest);
});

test('a write of our own that was on its way during the move is none, unless a feed has told of it', async () => {
  const moving = async () => ({ ...INITIAL_PHASE, phase: 'settle' as const, since: 1 });
  world.phase = moving;
  assert.equal(await world.work(OWN), null);
  assert.deepEqual(foreign(), [0, 0, 0]);
  await world.stores.couchbase.upsert('k', { content: document('"again"') });
  assert.equal(await world.work(FEED), null);
  assert.deepEqual(foreign(), [1, 1, 1]);
});

let stores: Reference;
let did: string[];
let since: number;
let noted: (text: string) => Promise<void>;
beforeEach(() => {
  [stores, did, since] = [new Reference(() => 0), [], 0];
  noted = async (text) => void did.push(text);
});

const notes = () =>
  new ForeignNotes({
    phase: async () => ({ ...INITIAL_PHASE, phase: 'settle', since }),
    note: (collection, phase, prefix) => noted(`noted ${prefix} of ${collection} in ${phase}`),
    count: (metric) => void did.push(metric),
    log: { warn: (message, about) => void did.push(`${message} ${JSON.stringify(about)}`) },
    bake: 0,
  });

/** As a request does, over what somebody else has put into Couchbase. */
async function overwrite(telling: ForeignNotes, key: string): Promise<void> {
  const port = portOf(key, { ...stores, oracle: telling.over('orders', stores.oracle) });
  const put = (phase: Phase, body: string) =>
    perform(write(phase, { content: document(body), condition: UNCONDITIONAL }), port);
  await put('settle', '"ours"');
  await stores.couchbase.upsert(key, { content: document('"theirs"') });
  assert.equal((await put('settle', '"newer"')).kind, 'done');
  await telling.changes();
}

test('a write of the API that sets aside what was written past it tells of it, as receipts do', async () => {
  const telling = notes();
  await overwrite(telling, 'old:1');
  assert.deepEqual(did, [
    ...['ForeignWrites', 'ForeignConflicts'],
    'FOREIGN_WRITE: a document was written past the API {"collection":"orders","key":"old:1","phase":"settle"}',
    'noted old: of orders in settle',
  ]);
  assert.equal(telling.changes(), null, 'nothing is left to be waited for');
});

test('a request that meets what may be a write of our own during a move tells of none', async () => {
  since = 1;
  await overwrite(notes(), 'k');
  assert.deepEqual(did, []);
});

test('that a request cannot note it holds nothing up, and is logged', async () => {
  noted = () => Promise.reject(new Error('Oracle is away'));
  await overwrite(notes(), 'k');
  assert.match(did.at(-1) ?? '', /^A write past the API was not noted .*Oracle is away/);
  assert.equal(did.filter((each) => each === 'ForeignConflicts').length, 1);
});
