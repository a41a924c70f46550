/** What becomes of the message of a receipt, with all that its worker reaches replaced. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { INITIAL_PHASE } from '../../functions/phases/effective_phase.ts';
import { PhaseUnknown } from '../../functions/phases/phase_cache.ts';
import type { Received } from '../../functions/reconciliation/receipt_worker.ts';
import { OperatorNeeded, PoisonDocument, StoreUnavailable } from '../../functions/stores/failure.ts';
import { document } from '../stores/contract/subject.ts';
import { NOW, RECEIVED, TARGET, World } from './receipt_world.ts';

test('a receipt of what both stores hold is settled without a word', async () => {
  const world = new World();
  assert.equal(await world.work(), null);
  assert.deepEqual([world.metrics, world.did, world.logs], [['ReceiptsSettled'], [], []]);
});

test('what was missing is repaired, logged and noted; and where it cannot be noted, that is logged', async () => {
  const world = new World();
  await world.stores.couchbase.upsert('k', { content: document('1') });
  assert.equal(await world.work(), null);
  assert.deepEqual(world.metrics, ['ReceiptsSettled', 'Repairs']);
  assert.deepEqual(world.did, [`repair k at ${NOW}: write in expand`]);
  assert.match(world.logs.join(), /^info A document was repaired .*"key":"k".*4400 ms after the receipt/);
  await world.stores.couchbase.upsert('k', { content: document('2') });
  world.noteFails = true;
  assert.equal(await world.work(), null);
  assert.equal(world.logs.at(-1), 'warn It was not noted {"cause":"Error: Oracle is away"}');
});

test('whoever has waited for a store waits no more: after a second delivery, and after a repair', async () => {
  for (const [given, did] of [
    [{}, []],
    [{ deliveries: 2 }, ['settled k write']],
    [{ body: 'k run' }, ['settled k run']],
  ] as const) {
    const world = new World();
    await world.work(given);
    assert.deepEqual(world.did, did);
  }
  const world = Object.assign(new World(), { noteFails: true });
  assert.equal(await world.work({ deliveries: 2 }), null);
  assert.deepEqual(world.logs, ['warn It still counts as waiting {"cause":"Error: Oracle is away"}']);
});

test('what Oracle can never take is set aside, with who has written it, unless operators leave it out; nothing else is ever left out', async () => {
  const refused = new PoisonDocument(TARGET, 'there is no number');
  const away = { ...TARGET, store: 'couchbase' } as const;
  for (const [leftByChoice, failure, did, counted] of [
    [false, refused, [`set aside k write of shop~1: ${refused.message}`], 'ReceiptsBuried'],
    [true, refused, [], 'UnstorableLeftOut'],
    [
      true,
      new PoisonDocument(away, 'too large'),
      ['set aside k write of shop~1: couchbase'],
      'ReceiptsBuried',
    ],
  ] as const) {
    const world = Object.assign(new World(), { leftByChoice, failure });
    world.phase = () => Promise.resolve({ ...INITIAL_PHASE, phase: 'expand' });
    world.identity = () => Promise.reject(failure);
    assert.equal(await world.work({ caller: 'shop~1' }), null);
    assert.deepEqual(world.metrics, [counted]);
    assert.deepEqual(
      world.did.map((each, n) => each.slice(0, did[n]?.length)),
      did,
    );
  }
  const loop = Object.assign(new World(), { leftByChoice: true });
  await loop.work({ loop: 'MessageLoop' });
  assert.deepEqual(loop.metrics, ['MessageLoops', 'ReceiptsBuried']);
});

test('a key that is a phase ahead is repaired in that phase, as requests for it are answered', async () => {
  for (const [percent, isKept] of [
    [99, true],
    [1, false],
  ] as const) {
    const world = new World();
    world.phase = async () => ({ ...INITIAL_PHASE, phase: 'seal', ramp: { percent, since: 0 } });
    // Couchbase has nothing, and no tombstone: in seal it counts as deleted, and in switch the row counts.
    await world.stores.oracle.apply('k', { content: document('1'), version: 5n });
    await world.work();
    assert.equal((await world.stores.oracle.read('k', {})).content !== null, isKept, `${percent} %`);
  }
});

test('a store that is away: the message is noted with its time, is hidden, and is delivered again', async () => {
  const world = Object.assign(new World(), { fails: new StoreUnavailable(TARGET, false, new Error('away')) });
  assert.match((await world.work()) ?? '', /oracle read in orders, key "k": no clear answer/);
  assert.deepEqual(world.did, ['age 4', `waits k write since ${RECEIVED.sent}`, 'hidden 120']);
  assert.deepEqual(world.metrics, ['ReceiptsDelayed']);
  assert.match(
    world.logs[0] ?? '',
    /^warn A receipt is to be delivered again {"messageId":"m","body":"<k write>"/,
  );
});

test('no store is asked while the breaker is open, and no letter says that the message waits', async () => {
  const world = Object.assign(new World(), { fails: new StoreUnavailable(TARGET, false, new Error('away')) });
  for (let n = 0; n < 5; n++) await world.work();
  const { reads } = world;
  world.did.length = 0;
  assert.equal(await world.work(), 'A store is away, and is not asked now');
  assert.deepEqual([world.reads, world.did], [reads, ['age 4', 'hidden 120']]);
});

test('what fails for no reason is visible again when the queue says so', async () => {
  const world = Object.assign(new World(), { fails: new Error('who knows') });
  assert.equal(await world.work({ sent: NOW + 5000 }), 'who knows');
  assert.deepEqual(world.did, ['age 0', `waits k write since ${NOW + 5000}`]);
});

test('a phase that cannot be read, another store and time that is up make the receipt wait', async () => {
  const waits = async (given: object, why: RegExp) => {
    const world = Object.assign(new World(), given);
    assert.match((await world.work()) ?? '', why);
    assert.deepEqual(world.did.at(-1), 'hidden 120');
    assert.equal(world.reads, 0);
  };
  await waits({ phase: () => Promise.reject(new PhaseUnknown()) }, /^The phase is unknown$/);
  const other = new OperatorNeeded(TARGET, 'IDENTITY_CHANGED');
  await waits({ identity: () => Promise.reject(other) }, /IDENTITY_CHANGED/);
  await waits({ timely: false }, /^No time is left for /);
});

test('what can never be settled is set aside with its reason, and so is a message without end', async () => {
  const loop = 'MessageLoop: too often';
  const cases: readonly (readonly [Partial<Received>, Error | null, string])[] = [
    [{ body: 'bad' }, null, 'The message is no receipt'],
    [{}, new PoisonDocument(TARGET, 'it is too large'), 'oracle read in orders, key "k": it is too large'],
    [{ loop }, null, loop],
  ];
  for (const [given, fails, why] of cases) {
    const world = Object.assign(new World(), { fails });
    const { body = RECEIVED.body } = given;
    assert.equal(await world.work(given), null);
    assert.deepEqual(world.did, [`set aside ${body}: ${why}`]);
    assert.deepEqual(world.metrics, [...('loop' in given ? ['MessageLoops'] : []), 'ReceiptsBuried']);
    assert.match(
      world.logs[0] ?? '',
      /^error A receipt can never be settled as it is {"messageId":"m","body":"</,
    );
  }
});

test('a repair that messages of an invocation share is counted, logged and noted once', async () => {
  const world = new World();
  await world.stores.couchbase.upsert('k', { content: document('1') });
  const invocation = {};
  await Promise.all([world.work({ invocation }), world.work({ invocation }), world.work({ invocation })]);
  const settled = ['ReceiptsSettled', 'ReceiptsSettled', 'ReceiptsSettled'];
  assert.deepEqual(world.metrics.toSorted(), [...settled, 'Repairs']);
  assert.deepEqual(world.did, [`repair k at ${NOW}: write in expand`]);
  await world.stores.couchbase.upsert('k', { content: document('2') });
  await world.work();
  assert.equal(world.metrics.filter((name) => name === 'Repairs').length, 2);
});

test('one invocation looks once at a key, however many messages it has of it; the next invocation looks anew', async () => {
  const world = new World();
  const invocation = {};
  await Promise.all([world.work({ invocation }), world.work({ invocation }), world.work({ invocation })]);
  assert.deepEqual([world.reads, world.metrics.length], [1, 3]);
  await world.work({ invocation, body: 'k run' });
  assert.equal(world.reads, 2);
  await world.work();
  assert.equal(world.reads, 3);
});

test('a deletion whose marker is seen sends a receipt on that removes it', async () => {
  const phase = async () => ({ ...INITIAL_PHASE, phase: 'seal' as const });
  const world = Object.assign(new World(), { phase });
  await world.stores.couchbase.upsert('k', { content: document('1') });
  await world.work();
  const { cas } = await world.stores.couchbase.read('k', {});
  await world.stores.couchbase.swap('k', { cas, content: null, version: null });
  assert.equal(await world.work(), null);
  assert.deepEqual(
    world.sent.map(({ key, cause }) => [key, cause]),
    [['k', 'marker']],
  );
});

test('what a change feed has found is told, counted and noted, from seal on as a conflict; a receipt of the same body is none', async () => {
  const past = new World();
  await past.stores.couchbase.upsert('k', { content: document('1') });
  assert.equal(await past.work({ body: 'k write', feed: true }), null);
  assert.ok(past.metrics.includes('ForeignWrites'), String(past.metrics));
  assert.ok(!past.metrics.includes('ForeignConflicts'));
  assert.ok(past.did.includes('foreign k in expand'), String(past.did));
  assert.ok(past.logs.some((line) => line.startsWith('warn FOREIGN_WRITE')));
  const own = new World();
  await own.stores.couchbase.upsert('k', { content: document('1') });
  assert.equal(await own.work({ body: 'k write' }), null);
  assert.ok(!own.metrics.includes('ForeignWrites'));
  const sealed = new World();
  sealed.phase = async () => ({ ...INITIAL_PHASE, phase: 'seal' });
  await sealed.stores.couchbase.upsert('k', { content: document('1') });
  sealed.noteFails = true;
  assert.equal(
    await sealed.work({ body: 'k write', feed: true }),
    null,
    'that it cannot be noted holds nothing up',
  );
  assert.ok(sealed.metrics.includes('ForeignConflicts'));
});
