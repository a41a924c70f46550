/** The function that reads topics: what it makes of a batch, when the batch comes again, and what stops none of it. */
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { CallFailed } from '../../functions/protocol/call.ts';
import { OperatorNeeded, PoisonDocument } from '../../functions/stores/failure.ts';
import './kafka_records.ts';
import { base64, CAS, event, many, TARGET, value, World } from './kafka_world.ts';

before(() => {
  process.env.POWERTOOLS_METRICS_DISABLED = 'true';
});

test('a batch leads to a receipt for each key that Oracle may not have, and to its lag', async () => {
  const it = new World();
  it.rows.set('known', { version: CAS, gone: false });
  it.rows.set('removed', { version: 1n, gone: false });
  await it.invoke(
    event(
      { value: value('known') },
      { value: value('known', CAS - 5n), partition: 1 },
      { value: value('new') },
      { value: value('new', CAS + 9n), partition: 2 },
      { value: value('removed', CAS, 'deletion') },
      { value: value('never', CAS, 'expiration') },
    ),
  );
  // What Oracle never had may be in a copy that a backfill has yet to apply.
  assert.deepEqual(it.sent, ['orders new', 'orders removed', 'orders never']);
  assert.deepEqual(
    [it.counted.get('receipts'), it.counted.get('known'), it.counted.get('lag')],
    [3, 3, 1001],
  );
  // What comes again is on its way.
  await it.invoke(event({ value: value('new') }));
  assert.equal(it.sent.length, 3);
});

test('a removal hides no write of the same key beside it: of another collection, forged, or of later', async () => {
  const forged = 2n ** 64n - 1n;
  for (const cas of [CAS + 1n, CAS - 1n, forged, 1n])
    for (const order of [0, 1]) {
      const it = new World();
      const records = [{ value: value('k') }, { value: value('k', cas, 'deletion'), partition: 1 }];
      await it.invoke(event(...(order === 0 ? records : records.toReversed())));
      assert.deepEqual(it.sent, ['orders k'], `${cas} ${order}`);
    }
});

test('a CAS that is forged hides none either, and one that comes before its document changes nothing', async () => {
  const it = new World();
  it.rows.set('k', { version: CAS - 10n, gone: false });
  await it.invoke(event({ value: value('k', 1n) }, { value: value('k') }));
  assert.deepEqual(it.sent, ['orders k']);
  await it.invoke(event({ value: value('other', 1n) }));
  assert.deepEqual(it.sent, ['orders k', 'orders other'], 'a row that there is not is looked for');
});

test('a topic of keys alone leads to a receipt for each, since nothing tells that Oracle has them; a probe to none', async () => {
  const it = new World();
  it.rows.set('k', { version: 2n ** 64n - 2n, gone: false });
  const probe = 'crossfade-feed-probe/1';
  await it.invoke(
    event(
      { topic: 'cart.keys' },
      { topic: 'cart.keys', key: probe },
      { topic: 'cart.keys', key: 'gone', value: null },
    ),
  );
  assert.deepEqual(it.sent, ['carts k', 'carts gone']);
  assert.deepEqual([it.probes, it.counted.get('lag')], [[probe], 500]);
  // Where nobody looks at Couchbase, a removal cannot be told from a write, and is counted as none.
  it.phase = 'contract';
  await it.invoke(
    event({ topic: 'cart.keys' }, { value: value('late') }, { value: value('went', CAS, 'expiration') }),
  );
  assert.deepEqual(it.lost, ['late']);
});

test('collections over the same documents share a topic: each gets what it takes, and what none takes is dropped and counted', async () => {
  const it = new World();
  const keys = ['bill::1', 'due::1', 'stray', '_sync:rev:1', 'crossfade-feed-probe/1', 'bill::2'];
  await it.invoke(event(...keys.map((key) => ({ topic: 'papers', value: value(key) }))));
  assert.deepEqual(it.sent.toSorted(), ['bills bill::1', 'bills bill::2', 'dues due::1']);
  assert.deepEqual([it.counted.get('notTaken'), it.probes.length], [2, 2]);
});

test('what is no change is counted and told of by its place, and stops nothing', async () => {
  const it = new World();
  await it.invoke(
    event(
      ...[{}, { value: null }, { value: base64('secret') }, { value: '' }],
      { value: value('k'.repeat(251)) },
      { value: value('elsewhere', CAS, 'mutation', 'other') },
      { key: '__COUCHBASE_INITIAL_OFFSET_TOMBSTONE__1' },
      { value: value('fine') },
    ),
  );
  assert.deepEqual(it.sent, ['orders fine']);
  assert.deepEqual([it.counted.get('ChangesUnread'), it.counted.get('ChangesElsewhere')], [5, 1]);
  const [line = ''] = it.lines.filter((each) => each.includes('CHANGE_UNREAD'));
  assert.match(line, /"partition":0,"offset":2,"why":"the value is no JSON"/);
  assert.doesNotMatch(line, /secret|kkkk/);
  await it.invoke(event(...Array.from({ length: 50 }, () => ({ value: base64('x') }))));
  assert.equal(
    (it.lines.findLast((each) => each.includes('CHANGE_UNREAD'))?.match(/offset/g) ?? []).length,
    10,
    'a flood is counted, and some of it named',
  );
});

test('a key that no row can have stops none of the others', async () => {
  const it = new World();
  it.oracle = (keys) => {
    if (keys.includes('k7')) throw new PoisonDocument(TARGET, 'it does not fit');
  };
  await it.invoke(many(250));
  assert.equal(it.sent.length, 249);
  assert.equal(it.counted.get('ChangesUnread'), 1);
});

test('where Oracle is away each change is looked at, and it is waited for once', async () => {
  const it = new World();
  it.oracle = () => {
    throw new CallFailed('away');
  };
  await it.invoke(many(350));
  assert.deepEqual([it.sent.length, it.asked.length], [350, 1]);
});

test('the batch comes again where something is away, as a whole: no failure is told of a single record', async () => {
  const it = new World();
  it.queueIsAway = true;
  await assert.rejects(it.invoke(many(3)), /FEED_BEHIND: 3 changes of orders are not taken, since the queue/);
  it.queueIsAway = false;
  assert.equal(await it.invoke(many(3)), undefined);
  assert.equal(it.sent.length, 3);
  it.phase = null;
  await assert.rejects(it.invoke(many(3)), /the phase is not known/);
  it.phase = 'expand';
  it.oracle = () => {
    throw new OperatorNeeded(TARGET, 'the table is gone');
  };
  await assert.rejects(it.invoke(many(3)), /the table is gone/);
});

test('a batch for which there is too little time is begun, and what was taken of it is not taken again', async () => {
  const it = new World();
  it.oracle = () => {
    it.remaining -= 6000;
  };
  await assert.rejects(
    it.invoke(many(500)),
    /FEED_BEHIND: 200 changes of orders are not taken, since no time is left/,
  );
  it.remaining = 20_000;
  it.oracle = () => {};
  await it.invoke(many(500));
  assert.equal(it.sent.length, 500);
});

test('a record that has no time, as Kafka tells by -1, is taken as any other, and so is the batch that it comes with', async () => {
  for (const timestamp of [-1, null, undefined]) {
    const it = new World();
    const { records } = event({ topic: 'cart.keys', key: 'old' }, { topic: 'cart.keys', key: 'new' });
    const [first, ...rest] = records['cart.keys-0'] ?? [];
    await it.invoke({
      eventSource: 'aws:kafka',
      records: { 'cart.keys-0': [{ ...first, timestamp }, ...rest] },
    });
    assert.deepEqual(it.sent, ['carts old', 'carts new']);
    assert.equal(it.counted.get('lag'), 500, 'it says nothing of the lag');
  }
});

test('an event that is none of Kafka, and a topic of no collection, fail, and nothing is taken', async () => {
  const it = new World();
  await assert.rejects(it.invoke({ Records: [] }), /none of a Kafka topic/);
  for (const wrong of [{ offset: -1 }, { key: 'not Base64!' }, { partition: 'a' }, { value: 1 }]) {
    const { records } = event({ value: value('k') });
    const [record] = records['orders-0'] ?? [];
    const changed = { eventSource: 'aws:kafka', records: { 'orders-0': [{ ...record, ...wrong }] } };
    await assert.rejects(it.invoke(changed), /none of a Kafka topic/, JSON.stringify(wrong));
  }
  await assert.rejects(
    it.invoke(event({ topic: 'other', value: value('k') })),
    /FEED_TOPIC_UNKNOWN: .* "other"\./,
  );
  assert.equal(
    await it.invoke({ eventSource: 'SelfManagedKafka', bootstrapServers: 'b:9092', records: {} }),
    undefined,
  );
  assert.deepEqual(it.sent, []);
});
