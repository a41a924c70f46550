import assert from 'node:assert/strict';
import { test } from 'node:test';
import { phaseOf } from '../../functions/phases/parameters.ts';
import type { Phase } from '../../functions/protocol/phase.ts';
import { ParameterStore } from '../../infra/local/aws/parameters.ts';
import type { Deployment } from '../../infra/local/deploy.ts';
import { QUICK } from '../../infra/local/quick.ts';
import { sampleKey } from '../../infra/local/sample_key.ts';
import { type Started, welcome } from '../../infra/local/welcome.ts';
import { checkSettings } from '../../infra/settings.ts';
import config from '../shop.config.ts';

const deployment = {
  gateway: { url: 'http://127.0.0.1:8700', token: async () => 'ey.x' },
  endpoint: { url: 'http://127.0.0.1:4711' },
} as unknown as Deployment;

function printed(phases: Readonly<Record<string, Phase>>, started: Started, settings = config) {
  const parameters = new ParameterStore(null, () => 0);
  for (const [name, phase] of Object.entries(phases))
    parameters.declare(phaseOf('/crossfade', name), JSON.stringify({ phase, since: 0, by: 'x' }), '', null);
  return welcome({ deployment, parameters }, checkSettings(settings, 'test'), started);
}

test('what is printed at a start is true, wherever the collections are', async () => {
  const first = await printed({ orders: 'legacy', carts: 'legacy' }, { quick: false, kept: null });
  assert.match(first, /orders +in phase legacy: Couchbase alone is written and read\n/);
  assert.match(first, /Nothing is kept/);
  assert.match(first, /npx crossfade backfill start orders/);
  const later = await printed({ orders: 'expand', carts: 'settle' }, { quick: false, kept: '/data' });
  assert.match(later, /orders +in phase expand: both are written/);
  assert.match(later, /carts +in phase settle: Oracle decides/);
  assert.ok(!later.includes('legacy'), later);
  assert.match(later, /kept in \/data\. The token, the ports and the keys are new at each start/);
  assert.match(later, /paste the lines below again/);
  const last = await printed({ orders: 'contract', carts: 'settle' }, { quick: false, kept: '/data' });
  assert.ok(!/set expand|backfill start/.test(last), 'no line that would be refused');
});

test('what is to be tried has keys that the collection takes', async () => {
  const collections = {
    ...config.collections,
    orders: { ...config.collections.orders, keys: { include: ['order::*'] } },
  };
  const all = await printed(
    { orders: 'legacy', carts: 'legacy' },
    { quick: false, kept: null },
    { ...config, collections },
  );
  assert.match(all, /documents\?key=order%3A%3Aorders-7"/);
  assert.match(all, /-X PUT .*documents\?key=order%3A%3Amine"/);
  assert.match(all, /npx crossfade explain orders order::orders-7\n/);
  for (const [include, key] of [
    [['*'], 'orders-7'],
    [['order::*'], 'order::orders-7'],
    [['a*:*b'], 'aorders-7:b'],
    [['5\\**'], '5*orders-7'],
    [['tmp*', 'one'], 'one'],
  ] as const)
    assert.equal(sampleKey({ include, ignore: ['tmp*'] }, 'orders-7'), key);
});

test('it says how long a move takes, and how to shorten it', async () => {
  const phases = { orders: 'legacy', carts: 'legacy' } as const;
  const slow = await printed(phases, { quick: false, kept: null });
  assert.match(slow, /A bake is 50 seconds, .*\nnpm start -- --quick it takes seconds/);
  const quick = await printed(phases, { quick: true, kept: null }, { ...config, timing: QUICK });
  assert.match(quick, /a bake is 9 seconds/);
});

test('tokens are sent as the API page says, with what any curl can do', async () => {
  const welcomed = await printed({ orders: 'legacy', carts: 'legacy' }, { quick: false, kept: null });
  const curls = welcomed.match(/curl .*/g);
  assert.equal(curls?.length, 4);
  assert.match(welcomed, /^ {2}export TOKEN=\S+$/m, 'what is pasted may start other programs that need it');
  for (const line of curls ?? []) {
    assert.ok(line.includes('-H "Authorization: Bearer $TOKEN"'), line);
    assert.ok(!line.includes('--json'), line);
  }
});
