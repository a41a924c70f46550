/** A verification and a copy-back as operators start them: the state machines, the messages, the workers, all as they are deployed. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import pMap from 'p-map';
import type { Seen } from '../../../functions/control/seen.ts';
import { crossfade, crossfadeText } from './operator.ts';
import { enter, eventually } from './running.ts';
import { ask, keys, local, runs, stores, text, verifiable } from './verifying.ts';

verifiable();

test('what differs is told with its kind and counted', async () => {
  await pMap(keys, (key) => stores.couchbase.upsert(key, text('{"n":1}')), { concurrency: 32 });
  assert.equal((await runs.ended('CopyAll', { collection: 'orders', prefix: 'v-' })).status, 'SUCCEEDED');
  await stores.couchbase.upsert('v-010', text('{"n":2}'));
  await stores.couchbase.remove('v-020');
  await stores.oracle.apply('v-extra', { ...text('{}'), version: 3n });
  // Under live writes, with a repair after it: verify.long.ts.
  const found = await runs.ended('VerifyAll', { collection: 'orders', prefix: 'v-', shards: 3 });
  assert.deepEqual([found.status, found.error], ['FAILED', 'NotEqual']);
  const { verified, outcome } = JSON.parse(found.cause ?? '{}');
  assert.equal(outcome, 'failures');
  assert.deepEqual(verified.differences, { extra: 2, stale: 1 });
  const samples = verified.samples.map(({ key, kind }: { key: string; kind: string }) => [key, kind]);
  assert.deepEqual(samples.sort(), [
    ['v-010', 'stale'],
    ['v-020', 'extra'],
    ['v-extra', 'extra'],
  ]);
});

const console = (...given: string[]) => crossfade(local, ...given);

test('dead letters are seen by their reasons, explained, mended and sent again, or given up, with an entry each', async () => {
  await stores.couchbase.upsert('u-mend', text('{"total":"much"}'));
  await stores.couchbase.upsert('u-drop', text('{"total":"more"}'));
  const before = await console('preflight', 'orders');
  assert.equal(before.refused, 2);
  // The functions have kept it, and the same command begins anew once it has come to its end.
  const again = await console('preflight', 'orders');
  assert.deepEqual([again.checked, again.before, again.began > before.began], [before.checked, 0, true]);
  assert.match(before.samples[0].why, /TOTAL/);
  const copied = await runs.ended('CopyAll', { collection: 'orders', prefix: 'u-' });
  assert.equal(copied.error, 'NotAllCopied');
  const { groups, letters } = await console('dead-letters', 'list', '--collection', 'orders');
  assert.deepEqual([groups.length, groups[0].count], [1, 2]);
  assert.deepEqual(letters.map(({ key }: { key: string }) => key).sort(), ['u-drop', 'u-mend']);
  const explained = await console('explain', 'orders', 'u-mend');
  assert.deepEqual(
    [explained.difference.kind, explained.deadLetters[0].state, explained.findings[0].kind],
    ['missing', 'open', 'poison'],
  );

  await stores.couchbase.upsert('u-mend', text('{"total":1}'));
  const why = ['--why', 'the total is a number now'];
  assert.equal(
    (await console('dead-letters', 'redrive', '--collection', 'orders', '--key', 'u-mend', ...why)).done,
    1,
  );
  await eventually(
    () => stores.bodies('u-mend'),
    ({ oracle }) => oracle === '{"total":1}',
  );
  assert.equal((await console('dead-letters', 'discard', '--key', 'u-drop', ...why)).done, 1);
  await stores.couchbase.remove('u-drop');
  assert.deepEqual((await console('dead-letters', 'list')).groups, []);
  const { queues } = local;
  const dead = queues.names.find((name) => name.includes('ReceiptsDeadLetters')) ?? '';
  assert.deepEqual(queues.counts(dead), { ready: 0, delayed: 0, inflight: 0 });
  const { entries } = await console('audit');
  assert.deepEqual(entries.map(({ action }: { action: string }) => action).sort(), [
    'dead-letters discard',
    'dead-letters redrive',
  ]);
  assert.match(entries[0].actor, /user\/operator/);
  const repaired = await console('explain', 'orders', 'u-mend');
  assert.match(repaired.repairs[0].detail, /Oracle was given a document/);

  // Both runs of the test before were of a range only.
  assert.equal((await console('verified', 'orders')).clean, null);
  await assert.rejects(
    console('dead-letters', 'discard', '--key', 'u', '--why', 'x'),
    /400: discard is asked for wrongly at why/,
  );
  const unsigned = await fetch(`${local.deployment.gateway.url}/v1/operations/audit`, { method: 'POST' });
  assert.equal(unsigned.status, 403);
});

test('a run ends where the phase changes, and says so; and in contract it finds a row that SQL has changed', async () => {
  const pace = (Value: string) => {
    const change = { Name: '/crossfade/backfill-pace', Value, Overwrite: true };
    local.parameters.call('PutParameter', change, 'test');
    local.deployment.entry('verify').recycle();
  };
  pace('1');
  const running = runs.ended('VerifyAll', { collection: 'orders', prefix: 'v-', shards: 1 });
  const progress = () => runs.ended('VerifyAll', { collection: 'orders', look: true });
  await eventually(progress, ({ output }) => output?.progress?.listed > 0);
  enter(local.parameters, 'seal', 60_000);
  const { status, error, cause } = await running;
  assert.deepEqual([status, error], ['FAILED', 'PhaseChanged']);
  const late = /orders is in seal, and the verify .* was begun in expand/;
  assert.match(cause ?? '', late);
  const [, id = ''] = /the verify (\S+) was/.exec(cause ?? '') ?? [];
  // Its suspects are not looked at again either.
  await assert.rejects(local.deployment.entry('plan').invoke({ step: 'recheck', run: id }), late);
  pace('100000');
  await runs.ended('VerifyAll', { collection: 'orders', abandon: true });
  enter(local.parameters, 'contract', 60_000);
  const refused = await runs.ended('VerifyAll', { collection: 'orders', repair: true });
  assert.match(refused.cause ?? '', /The phase is contract: a verification repairs nothing/);
  const from = await stores.oracle.read('u-mend');
  await stores.oracle.swap('u-mend', { from, to: { ...from, ...text('{"total":3}') } });
  const looked = await runs.ended('VerifyAll', { collection: 'orders', prefix: 'u-' });
  assert.deepEqual(JSON.parse(looked.cause ?? '{}').verified?.differences, { 'sql-unversioned': 1 });
  const { changes } = await console('sql-changes', 'list', 'orders');
  assert.deepEqual(
    changes.map(({ key, what }: { key: string; what: string }) => [key, what]),
    [['u-mend', 'unversioned']],
  );
  assert.deepEqual(await stores.bodies('u-mend'), { couchbase: '{"total":1}', oracle: '{"total":3}' });
  // No gate opens before somebody has decided.
  await crossfadeText(local, 'sql-changes', 'leave', 'orders', 'u-mend', '--why', 'a test', '--confirm');
});

test('after contract, what only Oracle has comes back to Couchbase', async () => {
  assert.equal((await ask('PUT', 'v-001', '{"only":"in Oracle"}')).status, 204);
  assert.equal((await ask('DELETE', 'v-002')).status, 204);
  const early = await runs.ended('CopyAll', { collection: 'orders', back: 'changed' });
  assert.match(early.cause ?? '', /The phase is contract: a copy-back runs in settle/);
  enter(local.parameters, 'settle', 60_000);
  const { status, output } = await runs.ended('CopyAll', { collection: 'orders', back: 'changed' });
  assert.deepEqual([status, output?.kind, output?.listed, output?.applied], ['SUCCEEDED', 'copyback', 2, 2]);
  assert.equal((await stores.bodies('v-001')).couchbase, '{"only":"in Oracle"}');
  assert.equal((await stores.bodies('v-002')).couchbase, null);
});

/** Of one collection, as operators are told. */
async function seen(collection: string): Promise<Seen> {
  const all: Seen[] = await console('status');
  return all.find((each) => each.collection === collection) as Seen;
}

const control = () =>
  local.deployment.entry('control').invoke({}) as Promise<{ refused: boolean; wait: number }>;

test('the controller says what it waits for, starts what helps, and moves; force makes no bake shorter', async () => {
  // The copy-back of before is of a phase that was over then: it has begun before the bake of this one, 9 s long, was over.
  const since = Date.now();
  await eventually(
    async () => Date.now(),
    (now) => now > since + 1000,
  );
  // SSM tells its time in whole seconds.
  enter(local.parameters, 'settle', 10_000);
  const { decision, effective } = await seen('orders');
  assert.ok('conditions' in decision);
  assert.deepEqual([effective.phase, decision.kind, decision.to], ['settle', 'wait', 'switch']);
  const missing = decision.conditions.filter(({ holds }) => !holds);
  assert.deepEqual(
    missing.map(({ name }) => name),
    ['copy-back of orders'],
  );
  // It starts the copy-back that is missing, and moves once that has ended.
  await control();
  const moved = await eventually(
    async () => (await control()) && seen('orders'),
    (each) => each.effective.phase === 'switch',
  );
  assert.equal(moved.effective.by, 'controller');
  assert.ok('conditions' in moved.decision);
  assert.match(moved.decision.conditions[0]?.measured ?? '', /s are left/);
  const { entries } = await console('audit');
  const move = entries.find(({ action }: { action: string }) => action === 'orders: phase settle to switch');
  assert.match(move?.detail ?? '', /copy-back of orders: .* was clean/);

  const { atRisk, moved: none } = await console('force', 'orders', '--why', 'to see what is at risk');
  assert.deepEqual([atRisk.unknown, none], [null, null]);
  await assert.rejects(
    console('force', 'orders', '--why', 'in a hurry', '--confirm'),
    /400: No force makes a bake shorter/,
  );
  enter(local.parameters, 'switch', 60_000);
  const forced = await console('force', 'orders', '--why', 'in a hurry', '--confirm');
  assert.deepEqual([forced.moved.to, forced.moved.why], ['seal', 'forced: in a hurry']);
});

test('a collection with flags of its own goes its own way, and flags that ask for nothing stop nobody else', async () => {
  const set = (name: string, Value: string) =>
    local.parameters.call('PutParameter', { Name: `/crossfade/${name}`, Value, Overwrite: true }, 'test');
  set('reads', 'oracle');
  set('collections/carts/reads', 'couchbase');
  set('collections/carts/oracle-writes', 'true');
  const refused = await runs.ended('Controller', {});
  assert.equal(refused.error, 'FlagsRefused');
  assert.match(refused.cause ?? '', /^orders: reads is oracle but oracle-writes is false/);
  const [orders, carts] = [await seen('orders'), await seen('carts')];
  assert.deepEqual([orders.effective.phase, orders.decision.kind], ['seal', 'refused']);
  assert.deepEqual([carts.effective.phase, carts.wish?.own], ['expand', ['oracle-writes', 'reads']]);
  set('collections/carts/reads', 'inherit');
  assert.equal((await seen('carts')).decision.kind, 'wait');
});
