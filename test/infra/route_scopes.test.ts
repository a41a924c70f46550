/** Which scopes the gateway wants of tokens, by configuration. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as v from 'valibot';
import { parseConfiguration } from '../../functions/configuration/configuration.ts';
import { GRANTS } from '../../functions/configuration/grants.ts';
import { routeScopes } from '../../infra/stack/route_scopes.ts';
import config from '../shop.config.ts';
import { all } from './template.ts';

const { deployment: _, ...shop } = config;
const parsed = parseConfiguration(shop, 'test');

test('each route for apps wants its verb, on any collection', () => {
  const routes = all('AWS::ApiGatewayV2::Route').filter(
    ([, { AuthorizationType }]) => AuthorizationType === 'JWT',
  );
  assert.equal(routes.length, 11);
  for (const [, { RouteKey, AuthorizationScopes }] of routes) {
    const verb = /batch$/.test(RouteKey) ? 'batch' : /^(GET|HEAD) /.test(RouteKey) ? 'read' : 'write';
    assert.deepEqual(AuthorizationScopes, [`orders.${verb}`, `carts.${verb}`, `*.${verb}`], RouteKey);
  }
});

test('the gateway wants no scope where it cannot judge: another claim, or more collections than a route has room for', () => {
  const of = (grants: object, collections = parsed.collections) =>
    routeScopes({ ...parsed, collections, grants: v.parse(GRANTS, grants) }, 'read');
  const many = (count: number) =>
    Object.fromEntries(
      Array.from({ length: count }, (_, n) => [`c${n}`, parsed.collections.orders]),
    ) as typeof parsed.collections;
  assert.deepEqual(of({ kind: 'scopes', prefix: 'shop/' }), [
    'shop/orders.read',
    'shop/carts.read',
    'shop/*.read',
  ]);
  assert.deepEqual(of({ kind: 'scopes', claims: ['scope', 'cognito:groups'] }), []);
  assert.deepEqual(of({ kind: 'claim', claim: 'crossfade' }), []);
  assert.deepEqual(of({ kind: 'everything' }), []);
  assert.deepEqual(
    [9, 10].map((count) => of({ kind: 'scopes' }, many(count)).length),
    [10, 0],
  );
});
