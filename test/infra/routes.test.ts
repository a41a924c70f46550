/** Who may call which route: what the gateway wants of apps and of operators, by the routes and the policies of the template. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as v from 'valibot';
import { parseConfiguration } from '../../functions/configuration/configuration.ts';
import { GRANTS } from '../../functions/configuration/grants.ts';
import { routeOf } from '../../functions/edge/http/operator_routes.ts';
import { OPERATIONS_ROUTE } from '../../functions/edge/http/routes.ts';
import type { OperationName } from '../../functions/operations/request.ts';
import { operationsOf, RIGHT_OF, RIGHTS, type Right } from '../../functions/operations/rights.ts';
import { permissionsIn } from '../../infra/handover.ts';
import { openapi, templated } from '../../infra/openapi/document.ts';
import { routeScopes } from '../../infra/stack/route_scopes.ts';
import config from '../shop.config.ts';
import { all, type Properties, template } from './template.ts';

const named = (value: Properties): string =>
  typeof value === 'string'
    ? value
    : (value['Fn::Join']?.[1].map(named).join('') ?? value.Ref ?? value['Fn::GetAtt'][0]);

/** The right whose alias a route leads to. */
function rightBehind(target: Properties): string {
  const [, integration] = /integrations\/(\w+)/.exec(named(target)) ?? [];
  const [, { IntegrationUri }] = all('AWS::ApiGatewayV2::Integration', integration)[0] as [
    string,
    Properties,
  ];
  const [, { Name }] = all('AWS::Lambda::Alias', named(IntegrationUri))[0] as [string, Properties];
  return Name;
}

test('the route of each operation leads to the alias of its right, and the common route to that of read', () => {
  const routes = new Map(
    all('AWS::ApiGatewayV2::Route').map(([, { RouteKey, Target }]) => [RouteKey, Target]),
  );
  for (const name of Object.keys(RIGHT_OF) as OperationName[]) {
    const target = routes.get(`POST /v1/operations/${name}`) ?? routes.get('POST /v1/operations/{operation}');
    assert.equal(rightBehind(target), RIGHT_OF[name], name);
  }
});

test('the policy of a right allows its operations by their paths, each of them one policy alone, and nothing everywhere', () => {
  const policies = all('AWS::IAM::ManagedPolicy');
  assert.equal(policies.length, RIGHTS.length);
  const seen: string[] = [];
  for (const [, { Description, PolicyDocument }] of policies) {
    const right = /^Crossfade, right (\w+): /.exec(Description)?.[1];
    for (const { Effect, Action, Resource } of PolicyDocument.Statement) {
      assert.equal(Effect, 'Allow');
      for (const resource of [Resource].flat().map(named)) {
        assert.notEqual(resource, '*');
        if (Action !== 'execute-api:Invoke') continue;
        const name = /\/\$default\/POST\/v1\/operations\/([a-z-]+)$/.exec(resource)?.[1] ?? resource;
        assert.equal(RIGHT_OF[name as OperationName], right, resource);
        seen.push(name);
      }
    }
  }
  assert.deepEqual(seen.sort(), Object.keys(RIGHT_OF).sort());
});

test('the outputs of the stack tell the ARN of each policy', () => {
  const { Outputs } = template as unknown as { Outputs: Record<string, Properties> };
  for (const right of ['Read', 'Run', 'Move', 'Force', 'Retire'])
    assert.match(Outputs[`Policy${right}`].Value.Ref, new RegExp(`^Rights${right}`));
});

test('the policies allow this, and nothing else', () => {
  const write = 'Allow ssm:GetParameter ssm:PutParameter on ssm:::parameter/crossfade';
  const flags = ['couchbase-writes', 'oracle-writes', 'reads'];
  const operations = (right: Right) =>
    operationsOf(right).map(
      (name) => `Allow execute-api:Invoke on execute-api:::DocumentsHttp/$default/POST/v1/operations/${name}`,
    );
  const runs = ['CopyAllMachine', 'VerifyAllMachine', 'CertifyMachine'].flatMap((name) => [
    `Allow states:ListExecutions states:StartExecution on ${name}`,
    `Allow states:DescribeExecution states:StopExecution on states:::execution:${name}:*`,
  ]);
  const expected = {
    OperatorsRead: [
      ...operations('read'),
      'Allow logs:GetLogEvents on logs:::log-group:FunctionsAuditLog:log-stream:audit',
    ],
    OperatorsRun: [...operations('run'), `${write}/backfill-pace`, ...runs],
    OperatorsMove: [
      ...operations('move'),
      ...flags.flatMap((flag) => [`${write}/${flag}`, `${write}/collections/*/${flag}`]),
    ],
    OperatorsForce: operations('force'),
    OperatorsRetire: operations('retire'),
  };
  const may = permissionsIn(template);
  for (const [name, lines] of Object.entries(expected))
    assert.deepEqual([...(may[name] ?? [])].sort(), lines.sort(), name);
});

test('whoever reaches the service from outside does so by a route that is described, or by those of operators', () => {
  const described = Object.entries(openapi('0.1.0', null).paths as Record<string, object>).flatMap(
    ([path, { parameters: _, ...methods }]: [string, { parameters?: unknown }]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
  );
  const routes = all('AWS::ApiGatewayV2::Route').map(([, { RouteKey }]) => templated(RouteKey));
  const own = RIGHTS.filter((right) => right !== 'read').flatMap(operationsOf);
  const operated = [OPERATIONS_ROUTE, ...own.map(routeOf)].map((route) => `POST ${route}`);
  assert.deepEqual(routes.sort(), [...described, ...operated].sort());
});

const { deployment: _, ...shop } = config;
const parsed = parseConfiguration(shop, 'test');

test('each route for apps wants its verb, on any collection', () => {
  const routes = all('AWS::ApiGatewayV2::Route').filter(
    ([, { AuthorizationType }]) => AuthorizationType === 'JWT',
  );
  assert.equal(routes.length, 12);
  for (const [, { RouteKey, AuthorizationScopes }] of routes) {
    // A change feed has a scope of its own, which the function looks for.
    if (/changes$/.test(RouteKey)) {
      assert.deepEqual(AuthorizationScopes ?? [], [], RouteKey);
      continue;
    }
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
