/** `npx crossfade` against the stack on this machine, as operators use it. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import pMap from 'p-map';
import type { Checked } from '../../../functions/certification/certificate.ts';
import type { Collection } from '../../../functions/configuration/configuration.ts';
import type { Overview } from '../../../functions/operations/overview.ts';
import { documentFrom } from '../../../functions/protocol/fingerprint.ts';
import type { AuditEntry } from '../../../functions/records/audit.ts';
import { eventingFunction } from '../../../infra/console/eventing/definition.ts';
import { type Local, startLocal } from '../../../infra/local/start.ts';
import type { CheckedSettings } from '../../../infra/settings.ts';
import { changesAreAudited } from './audited.ts';
import { crossfade, crossfadeText } from './operator.ts';
import { type BothStores, bothStores, endStack, enter, eventually, SETTINGS } from './running.ts';

let local: Local;
let stores: BothStores;

/** The first move waits for the short form of a certificate. */
const settings: CheckedSettings = {
  ...SETTINGS,
  configuration: {
    ...SETTINGS.configuration,
    certification: { ...SETTINGS.configuration.certification, wanted: 'short' },
  },
};

before(async () => {
  const given = { settings, data: null, port: 0, containers: 2, rules: true };
  local = await startLocal({ ...given, log: () => {} });
  stores = bothStores(local.logins);
});
after(async () => {
  await endStack(local, stores);
});

const overview = async (collection: string): Promise<Overview> =>
  (await crossfade(local, 'status', collection))[0];
const text = (...given: string[]) => crossfadeText(local, ...given);

test('flags that are set are obeyed, and status and plan tell where it is and what is to come', async () => {
  const { output } = await text('status');
  assert.match(output, /orders {3}\[legacy\] → expand → seal → switch → settle → contract/);
  assert.match(output, /nothing: it is where the flags want it/);
  const { facts, seconds } = await crossfade(local, 'forecast', 'orders');
  assert.deepEqual([facts.documents, facts.pace > 0, seconds.all > 14 * 86_400], [0, true, true]);
  const impossible = await text('set', 'reads', 'oracle');
  assert.equal(impossible.code, 2);
  assert.match(impossible.error, /Nothing was changed\. orders: reads is oracle but oracle-writes is false/);
  assert.match((await text('set', 'seal')).error, /seal is only passed through/);
  assert.match((await text('set', 'expand', '--collection', 'nowhere')).error, /none of orders, carts/);

  assert.match(
    (await text('hold', 'orders', '--why', 'not yet')).output,
    /^Held: moves of orders into seal and/,
  );
  const why = ['--why', 'orders go first'];
  const set = await crossfade(local, 'set', 'contract', '--collection', 'orders', ...why);
  assert.deepEqual(set.at(-1), { name: '/crossfade/collections/orders/couchbase-writes', value: 'false' });
  assert.match(
    (await text('audit')).output,
    /user\/operator orders: flags set .*couchbase-writes false: orders go first\n/,
  );
  await certifies();
  // A rule has seen it, and the controller takes it from there.
  await eventually(
    () => overview('orders'),
    ({ effective }) => effective.phase === 'expand',
  );
  assert.equal((await overview('carts')).effective.phase, 'legacy');
  const plan = (await text('plan', 'orders')).output;
  assert.match(plan, /from expand to contract, 4 moves\n {2}1\. expand → seal\n/);
  assert.match(
    plan,
    /WAITS {2}hold: held by \S+user\/operator since \S+, because not yet; yours to give: .* commit orders\n/,
  );
  assert.match(
    plan,
    /2\. seal → switch\n {7}will wait for: bake, receipts, dead letters, verification of orders/,
  );
});

/** The gate tells the command; a document of somebody else in the scratch collection ends it at once, and without it the gate opens. */
async function certifies() {
  assert.match(
    (await text('plan', 'orders')).output,
    /WAITS {2}certificate: NOT_CERTIFIED: .*; yours to start/,
  );
  const stranger = documentFrom(Buffer.from('{}'), null);
  const state = await stores.scratch.read('a');
  await stores.scratch.swap('a', { ...state, content: stranger });
  const refused = await text('certify', 'start', '--short');
  assert.deepEqual([refused.code, refused.error], [1, '']);
  assert.match(
    refused.output,
    /has FAILED.*\n[\s\S]*FAILED {3}scratch\.own: CERTIFY_NOT_SCRATCH: the scratch collection/,
  );
  assert.match(
    (await text('plan', 'orders')).output,
    /WAITS {2}certificate: CERTIFICATE_VOID: .* Its verdict is failed/,
  );
  assert.notEqual((await stores.scratch.read('a')).content, null);
  await stores.scratch.remove('a');
  const { verdict, checks } = (await crossfade(local, 'certify', 'start', '--short')).certificates[0];
  assert.equal(verdict, 'passed', JSON.stringify(checks.filter(({ state }: Checked) => state !== 'passed')));
}

test('a run is stopped where it is, told of by status, and gone on with as it was begun', async () => {
  enter(local.parameters, 'expand', 60_000);
  const pace = (Value: string) =>
    local.parameters.call(
      'PutParameter',
      { Name: '/crossfade/backfill-pace', Value, Overwrite: true },
      'test',
    );
  const keys = Array.from({ length: 400 }, (_, n) => `r-${n}`);
  const content = documentFrom(Buffer.from('{"total":1}'), null);
  await pMap(keys, (key) => stores.couchbase.upsert(key, { content }), { concurrency: 32 });
  pace('20');
  const started = text('backfill', 'start', 'orders', '--prefix', 'r-');
  const { runs } = await eventually(
    () => overview('orders'),
    ({ runs: seen }) => (seen[0]?.listed ?? 0) > 0,
  );
  assert.match((await text('status')).output, /backfill .* shards, \d+ documents/);
  assert.match((await text('backfill', 'stop', 'orders')).output, /Stopped\. npx crossfade backfill resume/);
  const first = await started;
  assert.deepEqual(
    [first.code, /Stopped: An operator has stopped it/.test(first.error)],
    [2, true],
    first.error,
  );
  assert.match((await text('backfill', 'stop', 'orders')).error, /No backfill of orders is under way/);
  pace('100000');
  const resumed = await crossfade(local, 'backfill', 'resume', 'orders');
  assert.deepEqual([resumed.run, resumed.outcome, resumed.listed], [runs[0]?.run, 'clean', 400]);
});

test('smoke takes a document through every route, and a canary through the runs that there are', async () => {
  const looked = await crossfade(local, 'smoke', 'carts', '--dry-run');
  assert.deepEqual(
    looked.map(({ name, ok }: { name: string; ok: boolean }) => [name, ok]),
    ['deployment', 'phase', 'flags', 'stores'].map((name) => [name, true]),
  );
  const token = await local.deployment.gateway.token('test');
  const { output, code, error } = await text('smoke', 'orders', '--token', token);
  assert.deepEqual([code, error], [0, ''], output);
  assert.match(output, /ok {5}backfill of a canary: clean, of 1 keys\nok {5}verification of a canary: clean/);
  const refused = await text('smoke', 'orders', '--token', 'x');
  assert.deepEqual([refused.code, /WRONG {2}create: 401, and not 204/.test(refused.output)], [1, true]);
  assert.match((await text('smoke', 'orders')).error, /Whose token/);
});

test('a collection that is retired stays where it is, whatever the flags say', async () => {
  const why = ['--why', 'the move is over'];
  const early = await text('retire', 'orders', ...why);
  assert.deepEqual([early.code, /WAITS {2}phase: expand/.test(early.output)], [1, true], early.output);
  assert.match((await text('retire', 'orders', ...why, '--confirm')).error, /400: phase: expand/);
  enter(local.parameters, 'contract', 60_000);
  const { output, code } = await text('retire', 'orders', ...why, '--confirm');
  assert.equal(code, 0, output);
  assert.match(output, /DELETE FROM ORDERS WHERE kind = 'gone'/);
  await crossfade(local, 'set', 'legacy', '--collection', 'orders');
  const status = await text('status', 'orders');
  assert.match(status.output, /REFUSED {2}It has been retired/);
  assert.equal(status.code, 1);
  const { entries } = await crossfade(local, 'audit');
  const retired = entries.findIndex(({ action }: AuditEntry) => action === 'orders: retired');
  assert.equal(entries[retired].detail, 'the move is over');
  assert.ok(entries.slice(0, retired).some(({ action }: AuditEntry) => action === 'orders: flags set'));
});

changesAreAudited(() => local);

test('what was set aside is listed, shown, exported and explained, with its content but in explain', async () => {
  const { oracle } = stores;
  const content = documentFrom(Buffer.from('{"only":"in Oracle"}'), null);
  await oracle.write('s-1', { content, condition: { kind: 'none' }, handedOff: false });
  const from = await oracle.read('s-1');
  const to = { ...from, content: documentFrom(Buffer.from('2'), null), version: 9n, handoff: null };
  assert.equal(await oracle.swap('s-1', { from, to, aside: 'taken back' }), true);
  // One after the other: the function of operators has few containers, and refuses what is above them.
  const list = await text('set-aside', 'list', 'orders', '--prefix', 's-');
  const show = await text('set-aside', 'show', 'orders', 's-1');
  const exported = await text('set-aside', 'export', 'orders');
  const explained = await text('explain', 'orders', 's-1');
  assert.match(
    list.output,
    /^"s-1" set aside .*: version \d+, 20 bytes, handed off at 0; .*\n1 entries of 1\.\n$/,
  );
  assert.match(show.output, /version \d+, 20 bytes.*\n\{"only":"in Oracle"\}\n$/);
  const { key, text: body } = JSON.parse(exported.output);
  assert.deepEqual([key, body, exported.output.endsWith('}\n')], ['s-1', '{"only":"in Oracle"}', true]);
  assert.match(explained.output, /Content of Oracle that was replaced, set aside .*: version \d+, 20 bytes/);
  assert.ok(!explained.output.includes('only'));
});

test('doctor looks at both stores from this machine and through the functions, and nothing is bad', async () => {
  const { output, code } = await text('doctor', '--json');
  const { sides } = JSON.parse(output) as {
    sides: { from: string; lines: { code: string; state: string }[] }[];
  };
  assert.deepEqual([code, sides.map(({ from }) => from)], [0, ['here', 'functions']]);
  for (const { lines } of sides) {
    const state = (wanted: string) => lines.find((line) => line.code === wanted)?.state;
    assert.deepEqual([state('COUCHBASE'), state('ORACLE'), state('ORACLE_TABLES')], ['good', 'good', 'good']);
  }
  assert.ok(sides[0]?.lines.some((line) => line.code === 'ORACLE_OWNER' && line.state === 'good'));
  await local.couchbase.manage({ bucket: { replicaNumber: 3 } });
  const { orders } = settings.configuration.collections as { orders: Collection };
  const metadata = { bucket: orders.couchbase.bucket, scope: '_default', collection: '_default' };
  await local.couchbase.deploy(eventingFunction('orders', orders, local.deployment.gateway.url, metadata));
  const { output: worse, code: bad } = await text('doctor', '--from', 'functions');
  await local.couchbase.undeploy('crossfade-orders');
  await local.couchbase.calm();
  assert.equal(bad, 1);
  assert.match(
    worse,
    /good {6}COUCHBASE_EVENTING +change feeds listen to our collections: crossfade-orders;/,
  );
  assert.match(worse, /^From the functions:\n[\s\S]*bad {7}COUCHBASE_REPLICAS .*replicas: 3.*\n {40}→ /);
});

test('what cannot be understood says what is right, and nothing that is secret is printed', async () => {
  for (const [given, said] of [
    [['backfill', 'start'], /missing required argument 'collection'/],
    [['backfill', 'start', 'orders', '--shards', '0'], /a whole number, 1 to 1000/],
    [['verify', 'start', 'orders', '--mode', 'all'], /Allowed choices are count, version, content/],
    [['explain', 'nowhere', 'k'], /400: There is no collection "nowhere": it is none of orders, carts/],
    [['status', 'nowhere'], /none of orders, carts/],
    [['status', '--url', 'http://127.0.0.1:9'], /fetch failed|refused/],
  ] as const) {
    const { code, error } = await text(...given);
    assert.deepEqual([code, said.test(error)], [2, true], error);
  }
  const { output, error } = await text('status');
  const { couchbase, functions } = local.logins;
  for (const secret of [couchbase, ...Object.values(functions)].map(({ password }) => password))
    assert.ok(!output.includes(secret) && !error.includes(secret));
});
