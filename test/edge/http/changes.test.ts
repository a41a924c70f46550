/** The route of change feeds: what it takes, what it makes of it, and what it refuses. */
import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { documentFrom } from '../../../functions/protocol/fingerprint.ts';
import { ApiInMemory, FEED, NOW } from './api_in_memory.ts';

let it: ApiInMemory;
beforeEach(() => {
  it = new ApiInMemory();
  it.phase = 'expand';
});

const told = (...changes: object[]) => JSON.stringify({ changes });
const answered = async (body: string) => {
  const { status, body: answer } = await it.changes(body);
  return [status, JSON.parse(answer)] as const;
};
const casOf = async (key: string) => String((await it.stores.couchbase.read(key, {})).cas);

test('a write of our own that Oracle has is known, and costs one question to Oracle', async () => {
  await it.ask('PUT', 'own', { body: '1' });
  [it.called, it.sent] = [[], []];
  const cas = await casOf('own');
  const [status, taken] = await answered(told({ key: 'own', cas, expires: 0 }));
  assert.deepEqual([status, taken], [202, { phase: 'expand', known: 1, collapsed: 0, receipts: 0 }]);
  assert.deepEqual([it.called, it.sent], [['oracle.read'], []]);
  // So is one that comes later than a newer write.
  await it.ask('PUT', 'own', { body: '2' });
  assert.equal((await answered(told({ key: 'own', cas })))[1].known, 1);
});

test('a write past the API gets a receipt that comes soon, and a burst of it gets one', async () => {
  const put = async () =>
    String(await it.stores.couchbase.upsert('theirs', { content: documentFrom(Buffer.from('1'), null) }));
  const body = told({ key: 'theirs', cas: await put() }, { key: 'theirs', cas: await put() });
  assert.deepEqual((await answered(body))[1], { phase: 'expand', known: 1, collapsed: 0, receipts: 1 });
  assert.deepEqual(it.sent, [
    { collection: 'orders', key: 'theirs', phase: 'expand', cause: 'write', expired: 0n, feed: true },
  ]);
  assert.deepEqual((await answered(told({ key: 'theirs', cas: await put() })))[1].collapsed, 1);
  // Nobody promises that the receipt is still on its way.
  it.time = NOW + 5001;
  assert.equal((await answered(told({ key: 'theirs', cas: await put() })))[1].receipts, 1);
  // A container remembers so many keys, and looks at others once too often.
  for (const key of ['a', 'b', 'c']) await answered(told({ key, cas: '5' }));
  assert.equal((await answered(told({ key: 'theirs', cas: await put() })))[1].receipts, 1);
});

test('a deletion of what Oracle has is looked at; of what it never had, only where a backfill may be copying it', async () => {
  await it.ask('PUT', 'here', { body: '1' });
  it.sent = [];
  const gone = String(BigInt(await casOf('here')) + 1n);
  const changes = told({ key: 'never', cas: '7', deleted: true }, { key: 'here', cas: gone, deleted: true });
  assert.deepEqual((await answered(changes))[1], { phase: 'expand', known: 0, collapsed: 0, receipts: 2 });
  it = new ApiInMemory();
  it.phase = 'seal';
  const never = told({ key: 'never', cas: '7', deleted: true });
  assert.deepEqual((await answered(never))[1], { phase: 'seal', known: 1, collapsed: 0, receipts: 0 });
});

test('a removal hides no write of the same key beside it, whatever their CAS and their order', async () => {
  const written = { key: 'k', cas: String(10n ** 18n) };
  for (const cas of ['1', String(10n ** 18n + 1n), '18446744073709551615']) {
    const removed = { key: 'k', cas, deleted: true };
    for (const changes of [
      [written, removed],
      [removed, written],
    ]) {
      it = new ApiInMemory();
      it.phase = 'expand';
      assert.equal((await answered(told(...changes)))[1].receipts, 1, JSON.stringify(changes));
    }
  }
});

test('what is gone in both stores is known in each phase: deletions of our own, marks that go, what has expired', async () => {
  for (const phase of ['expand', 'seal', 'switch', 'settle'] as const) {
    it.phase = phase;
    await it.ask('PUT', phase, { body: '1' });
    await it.ask('DELETE', phase);
    it.sent = [];
    // In `expand` the row has the version of the deletion.
    const cas =
      phase === 'expand' ? String((await it.stores.oracle.read(phase, {})).version) : String(2n ** 63n);
    assert.equal((await answered(told({ key: phase, cas, deleted: true })))[1].known, 1, phase);
    assert.deepEqual(it.sent, [], phase);
  }
});

test('where Oracle orders the keys, or is away, each change is looked at; in legacy none, and in contract writes are counted', async () => {
  const changes = told({ key: 'a', cas: '5' }, { key: 'b', cas: '5', deleted: true });
  it.phase = 'settle';
  await it.ask('PUT', 'b', { body: '1' });
  [it.called, it.sent] = [[], []];
  assert.equal((await answered(changes))[1].receipts, 2);
  assert.deepEqual(it.called, ['oracle.read'], 'for the deletion alone');
  it = new ApiInMemory();
  it.phase = 'seal';
  it.failing = new Map([['oracle.read', 'away']]);
  assert.equal((await answered(changes))[1].receipts, 2);
  it.phase = 'legacy';
  assert.deepEqual((await answered(changes))[1], { phase: 'legacy', known: 2, collapsed: 0, receipts: 0 });
  it.phase = 'contract';
  assert.equal((await answered(changes))[1].known, 2);
  assert.deepEqual(it.fed, ['lost a']);
});

test('what a feed that has stood still tells in contract of our own writes before is none', async () => {
  await it.ask('PUT', 'own', { body: '1' });
  const cas = await casOf('own');
  it.phase = 'contract';
  const theirs = String(BigInt(cas) + 1n);
  assert.equal((await answered(told({ key: 'own', cas }, { key: 'theirs', cas: theirs })))[0], 202);
  assert.deepEqual(it.fed, ['lost theirs']);
  await answered(told({ key: 'own', cas: theirs }));
  assert.deepEqual(it.fed, ['lost theirs', 'lost own']);
});

test('a probe that comes back is noted, and looked at only where Oracle may have taken it', async () => {
  const key = 'crossfade-feed-probe/1';
  assert.equal((await answered(told({ key, cas: '5' })))[1].known, 1);
  assert.equal((await answered(told({ key, cas: '6', deleted: true })))[1].known, 1);
  assert.deepEqual(it.fed, [`probe ${key}`, `probe ${key}`]);
  await it.stores.oracle.apply(key, { content: documentFrom(Buffer.from('1'), null), version: 5n });
  assert.equal((await answered(told({ key, cas: '6', deleted: true })))[1].receipts, 1);
});

test('a change that no receipt can be sent for is to be sent again', async () => {
  it.queueIsAway = true;
  const { status, problem, headers } = await it.changes(told({ key: 'a', cas: '5' }));
  assert.equal(status, 503);
  assert.match(problem?.detail ?? '', /does not take 1 of the changes/);
  assert.equal(headers['retry-after'], '1');
  it.queueIsAway = false;
  assert.equal((await answered(told({ key: 'a', cas: '5' })))[1].receipts, 1);
});

test('what forged CAS say is believed by nobody: they lead to a look at both stores at most', async () => {
  await it.ask('PUT', 'own', { body: '"ours"' });
  const before = [await it.stores.couchbase.read('own', {}), await it.stores.oracle.read('own', {})];
  const forged = told({ key: 'own', cas: '18446744073709551615', deleted: true }, { key: 'own2', cas: '1' });
  assert.equal((await answered(forged))[0], 202);
  assert.deepEqual(
    [await it.stores.couchbase.read('own', {}), await it.stores.oracle.read('own', {})],
    before,
  );
});

const KEY = 'k'.repeat(251);
const REFUSED: readonly (readonly [body: string, status: number, slug: string, detail: RegExp])[] = [
  ['', 400, 'not-json', /no JSON/],
  ['[]', 400, 'changes', /changes: it is missing/],
  ['1', 400, 'changes', /it must be an object/],
  ['{"changes":[]}', 400, 'changes', /there must be 1 or more/],
  ['{"changes":[1]}', 400, 'changes', /changes\.0: it must be an object/],
  [told({ cas: '1' }), 400, 'changes', /key/],
  [told({ key: '', cas: '1' }), 400, 'changes', /1 to 250 bytes/],
  [told({ key: KEY, cas: '1' }), 400, 'changes', /1 to 250 bytes/],
  [told({ key: '\ud800', cas: '1' }), 400, 'changes', /1 to 250 bytes/],
  [told({ key: 'a' }), 400, 'changes', /cas/],
  ...[1, '0', '-1', '1e3', '0x1', '18446744073709551616', '999999999999999999999'].map(
    (cas) => [told({ key: 'a', cas }), 400, 'changes', /changes\.0\.cas: it must be/] as const,
  ),
  [told({ key: 'a', cas: '1', deleted: false }), 400, 'changes', /it must be true/],
  [told({ key: 'a', cas: '1', expires: -1 }), 400, 'changes', /0 or more/],
  [told({ key: 'a', cas: '1', doc: 'secret' }), 400, 'changes', /doc/],
  [
    told(...Array.from({ length: 101 }, (_, n) => ({ key: `${n}`, cas: '1' }))),
    400,
    'changes',
    /100 or fewer/,
  ],
  [`${told({ key: 'a', cas: '1' })}${' '.repeat(65_536)}`, 400, 'changes', /more than 65536 bytes/],
];
for (const [body, status, slug, detail] of REFUSED)
  test(`refused: ${body.slice(0, 60)}`, async () => {
    const answer = await it.changes(body);
    assert.deepEqual([answer.status, answer.problem?.type], [status, `urn:crossfade:problem:${slug}`]);
    assert.match(answer.problem?.detail ?? '', detail);
    assert.doesNotMatch(answer.body, /secret/);
    assert.deepEqual([it.sent, it.called], [[], []]);
  });

test('a token needs the scope, however its issuer spells the claim; an app’s token has none', async () => {
  const body = told({ key: 'a', cas: '5' });
  for (const claims of [
    { sub: 'app' },
    { scope: 'crossfade/changesx openid' },
    { scope: 7 },
    // As scopes of apps are read: no issuer separates them by commas.
    { scope: 'openid,crossfade/changes' },
    { scp: '[openid,crossfade/changes]' },
    { scp: [['crossfade/changes']] },
  ]) {
    const { status, problem } = await it.changes(body, claims);
    assert.deepEqual([status, problem?.type], [403, 'urn:crossfade:problem:scope']);
  }
  for (const claims of [
    { scope: 'openid crossfade/changes' },
    { scp: '[crossfade/changes other]' },
    { scp: ['crossfade/changes'] },
  ])
    assert.equal((await it.changes(body, claims)).status, 202);
});

test('who has the scope alone is not told which collections there are; who may use some is told those', async () => {
  const ask = (scope: string) =>
    it.send({
      routeKey: 'POST /v1/collections/{collection}/changes',
      ...{ rawPath: '/v1/collections/nothing/changes', method: 'POST', collection: 'nothing' },
      ...{ body: told({ key: 'a', cas: '5' }), claims: { ...FEED, scope } },
    });
  const blind = await ask('crossfade/changes');
  assert.deepEqual([blind.status, blind.problem?.detail], [404, '"nothing" is no collection.']);
  assert.doesNotMatch(`${blind.body} ${JSON.stringify(blind.headers)} ${it.lines.join()}`, /orders/);
  const seeing = await ask('crossfade/changes orders.read');
  assert.equal(seeing.problem?.detail, '"nothing" is none of orders.');
});

test('a collection without a feed says so', async () => {
  it.hasFeed = false;
  const { status, problem } = await it.changes(told({ key: 'a', cas: '5' }));
  assert.equal(status, 409);
  assert.match(problem?.detail ?? '', /Set collections\.orders\.feed in the configuration/);
});
