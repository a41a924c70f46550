/** From HTTP to both stores, in each phase, through the functions as they are deployed. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { PHASES, type Phase } from '../../../functions/protocol/phase.ts';
import { OPERATOR } from '../../../infra/local/policy.ts';
import { type Local, startLocal } from '../../../infra/local/start.ts';
import { REGION } from '../../../infra/local/template.ts';
import { crossfade } from './operator.ts';
import {
  type Ask,
  app,
  type BothStores,
  bothStores,
  endStack,
  enter,
  eventually,
  SETTINGS,
} from './running.ts';

let local: Local;
let ask: Ask;
let stores: BothStores;
const logged: string[] = [];

before(async () => {
  const log = (source: string, line: string) => logged.push(`${source}: ${line}`);
  local = await startLocal({ settings: SETTINGS, data: null, port: 0, containers: 2, rules: false, log });
  ask = await app(local.deployment.gateway);
  stores = bothStores(local.logins);
});
after(async () => {
  await endStack(local, stores);
});

const holders: Record<Phase, readonly string[]> = {
  legacy: ['couchbase'],
  expand: ['couchbase', 'oracle'],
  seal: ['couchbase', 'oracle'],
  switch: ['couchbase', 'oracle'],
  settle: ['couchbase', 'oracle'],
  contract: ['oracle'],
};

for (const phase of PHASES)
  test(`${phase}: a write is in ${holders[phase].join(' and ')} when it is acknowledged`, async () => {
    enter(local.parameters, phase);
    const [key, body] = [`walk-${phase}/ä+%`, '{"total":1.10,"n":12345678901234567890}'];
    const written = await ask('PUT', key, body, { 'if-none-match': '*' });
    assert.deepEqual([written.status, written.phase], [204, phase]);
    const expected = (store: string) => (holders[phase].includes(store) ? body : null);
    assert.deepEqual(await stores.bodies(key), {
      couchbase: expected('couchbase'),
      oracle: expected('oracle'),
    });
    const read = await ask('GET', key);
    assert.deepEqual([read.status, read.body, read.etag], [200, body, written.etag]);
    assert.equal((await ask('PATCH', key, '{"total":2}', { 'if-match': written.etag })).status, 204);
    assert.equal((await ask('PUT', key, '1', { 'if-match': written.etag })).status, 412);
    assert.equal((await ask('DELETE', key)).status, 204);
    assert.deepEqual(await stores.bodies(key), { couchbase: null, oracle: null });
    assert.equal((await ask('GET', key)).status, 404);
  });

test('the columns of the configuration are filled by the same write', async () => {
  enter(local.parameters, 'contract');
  assert.equal((await ask('PUT', 'columns', '{"customer":{"id":"c9"},"total":12.5}')).status, 204);
  const unfit = await ask('PUT', 'columns', '{"total":123456789012.5}');
  assert.equal(unfit.status, 422);
  assert.match(
    unfit.body,
    /a number of 12 digits before the point and 1 digits after it at total, for the column TOTAL/,
  );
});

test('a follower that is away costs the client nothing: the receipt brings it what it missed, but for what operators leave out', async () => {
  enter(local.parameters, 'expand');
  const whose = ['--collection', 'orders', '--prefix', 'left-', '--why', 'load tests are not moved'];
  const { changed, closed } = await crossfade(local, 'dead-letters', 'leave-out', ...whose);
  assert.deepEqual([changed, closed.done], [true, 0]);
  await local.oracle.fault({
    operation: 'execute',
    statement: 'ORDERS',
    times: null,
    action: { kind: 'error', number: 3113, text: 'gone' },
  });
  assert.equal((await ask('PUT', 'missed', '{"total":1}')).status, 204);
  assert.equal((await ask('PUT', 'left-1', '{"total":"much"}')).status, 204);
  await local.oracle.calm();
  assert.deepEqual(await stores.bodies('missed'), { couchbase: '{"total":1}', oracle: null });
  await eventually(
    () => stores.bodies('missed'),
    ({ oracle }) => oracle === '{"total":1}',
  );
  await eventually(() => logged.some((line) => line.includes('ReceiptsSettled')), Boolean);
  const [letter] = await eventually(
    () => stores.letters.ofKey('orders', 'left-1'),
    (letters) => letters.length > 0,
  );
  assert.deepEqual([letter?.state, letter?.queued], ['discarded', 0]);
  assert.match(letter?.caller ?? '', /^[^~]*~[\w-]{12}$/);
  assert.ok(logged.some((line) => line.includes('UnstorableAccepted')));
});

test('a document that Oracle can never hold ends among the dead letters, with the reason, also where no letter can be written now', async () => {
  enter(local.parameters, 'expand');
  const id = local.queues.names.find((name) => name.includes('ReceiptsDeadLetters')) ?? '';
  await local.oracle.fault({
    operation: 'execute',
    statement: 'CROSSFADE_LETTERS',
    times: null,
    action: { kind: 'error', number: 3113, text: 'gone' },
  });
  assert.equal((await ask('PUT', 'unfit', '{"total":"much"}')).status, 204);
  await eventually(
    () => local.queues.counts(id),
    ({ ready }) => ready === 1,
  );
  await local.oracle.calm();
  // The controller writes the letter before it looks. The message stays until an operator closes its letter.
  await local.deployment.entry('control').invoke({});
  const letters = await stores.letters.open({}, 10);
  assert.deepEqual(
    letters.map(({ collection, key }) => [collection, key]),
    [['orders', 'unfit']],
  );
  assert.match(letters[0]?.caller ?? '', /~/);
  assert.match(letters[0]?.reason ?? '', /TOTAL/);
  assert.deepEqual(local.queues.counts(id), { ready: 1, delayed: 0, inflight: 0 });
  await eventually(() => logged.some((line) => line.includes('ReceiptsBuried')), Boolean);
});

test('without a token, or with one for others, nobody gets in', async () => {
  const url = `${local.deployment.gateway.url}/v1/collections/orders/documents/orders-1`;
  for (const authorization of ['', 'Bearer x.y.z']) {
    const response = await fetch(url, { headers: { authorization } });
    assert.equal(response.status, 401);
  }
  assert.equal((await fetch(`${local.deployment.gateway.url}/v2`)).status, 404);
});

test('the SDK of an operator sees the parameters, and a key that nobody has sees nothing', async () => {
  const client = (accessKeyId: string) =>
    new SSMClient({
      endpoint: local.deployment.endpoint.url,
      region: REGION,
      credentials: { accessKeyId, secretAccessKey: 'x' },
    });
  const get = new GetParameterCommand({ Name: '/crossfade/reads' });
  assert.equal((await client(OPERATOR).send(get)).Parameter?.Value, 'couchbase');
  await assert.rejects(client('somebody').send(get), { name: 'UnrecognizedClientException' });
});
