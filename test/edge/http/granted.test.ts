/** What tokens grant, and that nothing is read or written for one that does not grant it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import * as v from 'valibot';
import { GRANTS, type Grants, VERBS, type Verb } from '../../../functions/configuration/grants.ts';
import { grantedBy } from '../../../functions/edge/http/granted.ts';
import { ApiInMemory } from './api_in_memory.ts';

const scopes = (more: object = {}): Grants => v.parse(GRANTS, { kind: 'scopes', ...more });
const MAP: Grants = { kind: 'claim', claim: 'crossfade' };

/** All that is granted, of two collections. */
function all(grants: Grants, claims: Record<string, unknown>): string {
  const granted = grantedBy(grants, claims);
  const pairs = ['orders', 'carts'].flatMap((name) => VERBS.map((verb) => [name, verb] as const));
  return pairs.flatMap(([name, verb]) => (granted.may(name, verb) ? `${name}.${verb}` : [])).join(' ');
}

for (const [name, grants, claims, expected] of [
  ['a token without a claim', scopes(), {}, ''],
  ['a text', scopes(), { scope: 'openid orders.read carts.write' }, 'orders.read carts.write'],
  ['a list', scopes(), { scp: ['orders.read', 'orders.batch'] }, 'orders.read orders.batch'],
  [
    'a list as the gateway writes it',
    scopes(),
    { scp: '[orders.read carts.batch]' },
    'orders.read carts.batch',
  ],
  ['a list of one', scopes(), { scp: '[orders.read]' }, 'orders.read'],
  ['an empty list', scopes(), { scp: '[]' }, ''],
  ['two claims', scopes(), { scope: 'orders.read', scp: 'orders.write' }, 'orders.read orders.write'],
  ['every collection', scopes(), { scope: '*.read' }, 'orders.read carts.read'],
  [
    'groups of Cognito',
    scopes({ claims: ['cognito:groups'] }),
    { 'cognito:groups': '[orders.write]' },
    'orders.write',
  ],
  ['another claim than the one', scopes({ claims: ['cognito:groups'] }), { scope: 'orders.write' }, ''],
  ['a prefix', scopes({ prefix: 'shop/' }), { scope: 'shop/orders.read carts.read' }, 'orders.read'],
  ['no verb', scopes(), { scope: 'orders orders. orders.* .read orders.reader orders.READ *.*' }, ''],
  ['what is neither text nor list', scopes(), { scope: 1, scp: { 'orders.read': true } }, ''],
  ['a list of what is no text', scopes(), { scp: [['orders.read'], 1, null] }, ''],
  [
    'everything',
    { kind: 'everything' } as const,
    {},
    'orders.read orders.write orders.batch carts.read carts.write carts.batch',
  ],
  [
    'a map',
    MAP,
    { crossfade: { orders: ['read', 'write'], '*': 'batch' } },
    'orders.read orders.write orders.batch carts.batch',
  ],
  [
    'a map as JSON',
    MAP,
    { crossfade: '{"orders":["read"],"carts":"read write"}' },
    'orders.read carts.read carts.write',
  ],
  [
    'a map as the gateway writes it',
    MAP,
    { crossfade: 'map[*:[batch] carts:[] orders:[read write]]' },
    'orders.read orders.write orders.batch carts.batch',
  ],
  ['an empty map', MAP, { crossfade: 'map[]' }, ''],
  ['a map that is none', MAP, { crossfade: 'map[orders:[read] carts:[reads]]' }, ''],
  ['no map', MAP, { crossfade: ['orders.read'], scope: 'orders.read' }, ''],
  ['nonsense', MAP, { crossfade: '{"orders":' }, ''],
  ['what every object has', { kind: 'claim', claim: 'constructor' } as const, {}, ''],
] as const)
  test(`what a token grants: ${name}`, () => {
    assert.equal(all(grants, claims as Record<string, unknown>), expected);
  });

test('a claim of any form grants no more than the texts in it name', () => {
  const anything = fc.oneof(fc.string(), fc.array(fc.string()), fc.anything());
  fc.assert(
    fc.property(anything, fc.constantFrom(...VERBS), (value, verb) => {
      const claims = { scope: value, scp: value, crossfade: value };
      for (const grants of [scopes(), MAP]) {
        if (!grantedBy(grants, claims).may('orders', verb)) continue;
        const texts = JSON.stringify(value) ?? '';
        assert.ok(texts.includes(verb), texts);
      }
    }),
  );
});

const PATH = '/v1/collections/orders/documents';
const WRITES = JSON.stringify({ writes: [{ key: 'k', delete: true }] });
const REQUESTS: readonly (readonly [string, readonly Verb[]])[] = [
  ['GET', ['read']],
  ['HEAD', ['read']],
  ['PUT', ['write']],
  ['PATCH', ['write']],
  ['DELETE', ['write']],
  ['BATCH', ['batch', 'write']],
];

function send(it: ApiInMemory, method: string, scope: string, headers: Record<string, string> = {}) {
  const claims = { iss: 'https://issuer.example', sub: 'app', scope };
  if (method === 'BATCH') return it.batch(WRITES, claims, headers);
  return it.ask(method, 'k', { body: '{}', claims, headers });
}

test('a request is served where the token grants each verb that it needs, and no more is needed', async () => {
  for (const [method, needed] of REQUESTS) {
    const it = new ApiInMemory();
    await it.ask('PUT', 'k', { body: '{}' });
    const { status } = await send(it, method, needed.map((verb) => `orders.${verb}`).join(' '));
    assert.ok(status < 300, `${method}: ${status}`);
  }
});

test('without a verb that it needs it is refused, whatever else the token and the request have, before SSM and the stores are asked', async () => {
  const HEADERS = [{}, { 'if-match': '*' }, { 'if-none-match': '*' }, { 'idempotency-key': 'k' }];
  for (const [method, needed] of REQUESTS)
    for (const missing of needed)
      for (const headers of HEADERS) {
        const it = new ApiInMemory();
        it.phaseIsAway = true;
        const others = VERBS.filter((verb) => verb !== missing).map((verb) => `orders.${verb}`);
        const told = await send(
          it,
          method,
          [...others, 'carts.read carts.write carts.batch'].join(' '),
          headers,
        );
        assert.deepEqual(
          [told.status, it.called, it.sent, it.failures],
          [403, [], [], []],
          `${method} ${missing}`,
        );
        assert.equal(told.headers['cache-control'], 'no-store');
        assert.equal(told.headers['content-type'], 'application/problem+json');
        if (method === 'HEAD') assert.equal(told.body, '');
        else {
          assert.equal(told.problem?.type, 'urn:crossfade:problem:not-granted');
          assert.match(told.problem?.detail ?? '', new RegExp(`needs the scope "orders\\.${missing}"`));
        }
        assert.match(it.lines[0] ?? '', new RegExp(`^not granted ${missing} of "orders" to [\\w-]{12}$`));
      }
});

test('who has no grant is not told which collections there are; who has some is told those', async () => {
  const it = new ApiInMemory();
  const routeKey = 'GET /v1/collections/{collection}/documents';
  const ask = (scope: string, collection: string) =>
    it.send({
      method: 'GET',
      routeKey,
      rawPath: PATH,
      rawQueryString: 'key=k',
      collection,
      claims: { scope },
    });
  const [there, notThere] = [await ask('', 'orders'), await ask('', 'nothing')];
  assert.deepEqual([there.status, notThere.status], [403, 403]);
  assert.equal(there.problem?.detail.replaceAll('orders', 'nothing'), notThere.problem?.detail);
  const blind = await ask('nothing.read', 'nothing');
  assert.deepEqual([blind.status, blind.problem?.detail], [404, '"nothing" is no collection.']);
  const seeing = await ask('nothing.read orders.batch', 'nothing');
  assert.equal(seeing.problem?.detail, '"nothing" is none of orders.');
  const long = await ask('', 'x'.repeat(9000));
  assert.ok((long.problem?.detail.length ?? 0) < 400 && (it.lines[0]?.length ?? 0) < 400);
});
