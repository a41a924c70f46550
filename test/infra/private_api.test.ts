/** A private API: its template, and what its gateway makes of requests, on this machine. */
import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { parseConfiguration } from '../../functions/configuration/configuration.ts';
import { authorize } from '../../functions/edge/authorizer.ts';
import { httpEvent } from '../../functions/edge/http/event.ts';
import { IssuerKeys } from '../../functions/edge/issuer_keys.ts';
import { permissionsIn } from '../../infra/handover.ts';
import { issuer } from '../../infra/local/app_tokens.ts';
import { type Gateway, serveApi } from '../../infra/local/gateway.ts';
import { place } from '../../infra/local/place.ts';
import { OPERATOR, operatorIn, Policies } from '../../infra/local/policy.ts';
import { ENDPOINT_HEADER, issuedIn } from '../../infra/local/rest_front.ts';
import { Template } from '../../infra/local/template.ts';
import { ApiInMemory } from '../edge/http/api_in_memory.ts';
import { PRIVATE, WEB_ACL } from '../judges/variants.ts';
import config from '../shop.config.ts';
import { type Properties, templateOf } from './assembled.ts';
import { functionsIn } from './functions_here.ts';

const document = templateOf({ ...config, deployment: { ...config.deployment, private: PRIVATE } });
const all = (type: string): [string, Properties][] =>
  Object.entries(document.Resources)
    .filter(([, { Type }]) => Type === type)
    .map(([id, { Properties: properties }]) => [id, properties]);
const template = new Template('/out', document);
for (const resource of template.resources) place(template, resource, 'http://127.0.0.1');
const { deployment: _, ...shop } = config;
const { grants } = parseConfiguration(shop, 'test');

let it: ApiInMemory;
let gateway: Gateway;
let apps: Awaited<ReturnType<typeof issuer>>;
let keys: IssuerKeys;
/** What functions were invoked with, by their handlers. */
let invoked: [name: string, event: unknown][] = [];
const functions = functionsIn(document, template, (handler, event) => {
  invoked.push([handler, event]);
  switch (handler) {
    case 'api.handler':
      return it.api.serve(event, () => it.remaining);
    case 'operate.handler':
      return Promise.resolve({ statusCode: 200, body: httpEvent(event).actor });
    default:
      return authorize(event, {
        ...{ ...issuedIn(template), grants, collections: ['orders', 'carts'], keys, now: Date.now() },
      });
  }
});

const policies = new Policies(template);
/** `nobody` is somebody of the account whom no policy allows anything. */
const allows = (key: string, action: string, resource: string) =>
  key === OPERATOR || policies.allowsOperator(operatorIn(key)?.rights ?? [], action, resource);

before(async () => {
  apps = await issuer();
  gateway = await serveApi(template, functions, 0, undefined, undefined, allows, apps);
});
after(() => gateway.stop());
beforeEach(() => {
  it = new ApiInMemory();
  invoked = [];
  const { issuer: name } = issuedIn(template);
  const read = async (address: string) =>
    address === `${name}keys` ? apps.jwks : { jwks_uri: `${name}keys` };
  keys = new IssuerKeys(name, { read, now: Date.now });
});

const names = () => invoked.map(([name]) => name);
let callers = 0;
/** A token that the gateway has not kept anything of. */
const tokenOf = (scope = 'orders.read orders.write') => gateway.token(`app-${callers++}`, { scope });
async function ask(method: string, path: string, authorization: string | null, more: RequestInit = {}) {
  const headers = { ...more.headers, ...(authorization === null ? {} : { authorization }) };
  const response = await fetch(`${gateway.url}${path}`, { ...more, method, headers });
  return { status: response.status, body: await response.text(), headers: response.headers };
}
const ORDERS = '/v1/collections/orders/documents';
const signed = (key: string) => `AWS4-HMAC-SHA256 Credential=${key}/20261128`;

test('documents are written and read with keys in the path, and no key is taken for another', async () => {
  const token = await tokenOf();
  const odd = ['order-1', 'a/b', 'a b', 'a+b', '100%', '%2F', 'a;b', 'a?b=c&d', 'é', '[1]'];
  for (const [n, key] of odd.entries()) {
    const path = `${ORDERS}/${encodeURIComponent(key)}`;
    const put = await ask('PUT', path, `Bearer ${token}`, {
      ...{ body: `{"n":${n}.0}`, headers: { 'content-type': 'application/json', 'If-None-Match': '*' } },
    });
    assert.equal(put.status, 204, key);
  }
  for (const [n, key] of odd.entries()) {
    const found = await ask('GET', `${ORDERS}/${encodeURIComponent(key)}`, `Bearer ${token}`);
    assert.deepEqual([found.status, found.body], [200, `{"n":${n}.0}`], key);
    const asked = await ask('GET', `${ORDERS}?key=${encodeURIComponent(key)}`, `Bearer ${token}`);
    if (/[ %]/.test(key)) assert.match(`${asked.status} ${asked.body}`, /^400 .*key-ambiguous/, key);
    else assert.deepEqual([asked.status, asked.body], [200, `{"n":${n}.0}`], key);
  }
  // One look at the token: what it grants is kept for all methods.
  assert.equal(names().filter((name) => name === 'authorize.handler').length, 1);
});

test('what a token does not grant is denied by the gateway, also once it has let the token through to something else', async () => {
  const token = await tokenOf('orders.read');
  assert.equal((await ask('GET', `${ORDERS}?key=a`, token)).status, 404);
  const { status, body } = await ask('PUT', `${ORDERS}?key=a`, token, { body: '1' });
  assert.deepEqual([status, body], [403, '{"message":"Forbidden"}']);
  assert.deepEqual(names(), ['authorize.handler', 'api.handler']);
  // The verb, but on another collection: the function looks again.
  const carts = await ask('GET', `${ORDERS}?key=a`, await tokenOf('carts.read'));
  assert.match(`${carts.status} ${carts.body}`, /^403 .*not-granted/);
});

test('without a token that is good nothing is invoked, and while the issuer is away the answer is 503 and not 401', async () => {
  for (const none of [null, 'Bearer', 'Bearer x', 'Basic YTpi']) {
    const { status, body } = await ask('GET', `${ORDERS}?key=a`, none);
    assert.deepEqual([status, body], [401, '{"message":"Unauthorized"}'], String(none));
  }
  assert.deepEqual(names(), []);
  const bad = `${(await tokenOf()).slice(0, -8)}AAAAAAAA`;
  assert.equal((await ask('GET', `${ORDERS}?key=a`, bad)).status, 401);
  keys = new IssuerKeys('https://nowhere.example', {
    read: () => Promise.reject(new Error('away')),
    now: Date.now,
  });
  const away = await ask('GET', `${ORDERS}?key=a`, await tokenOf());
  assert.deepEqual([away.status, away.body], [503, '{"message":"Service Unavailable"}']);
  assert.equal(away.headers.get('retry-after'), '5');
  assert.deepEqual([...new Set(names())], ['authorize.handler']);
});

test('nobody comes through another endpoint, whatever they have', async () => {
  const headers = { [ENDPOINT_HEADER]: 'vpce-0fedcba9876543210' };
  for (const [method, path, authorization] of [
    ['GET', `${ORDERS}?key=a`, await tokenOf()],
    ['POST', '/v1/operations/status', signed(OPERATOR)],
  ] as const) {
    const { status, body } = await ask(method, path, authorization, { headers });
    assert.deepEqual([status, body], [403, '{"message":"Forbidden"}']);
  }
  assert.deepEqual(names(), []);
  const other = { headers: { [ENDPOINT_HEADER]: PRIVATE.endpoints[1] as string } };
  assert.equal((await ask('GET', `${ORDERS}?key=a`, await tokenOf(), other)).status, 404);
});

test('a policy of the API that allowed its endpoints everything would let anybody of the account operate', async () => {
  const changed = structuredClone(document);
  const [[id]] = all('AWS::ApiGateway::RestApi') as [[string, Properties]];
  const { Policy }: Properties = changed.Resources[id]?.Properties ?? {};
  assert.equal(Policy.Statement.length, 1);
  Policy.Statement.push({ ...Policy.Statement[0], Effect: 'Allow', Condition: undefined });
  const open = new Template('/out', changed);
  for (const resource of open.resources) place(open, resource, 'http://127.0.0.1');
  const other = await serveApi(open, functions, 0, undefined, undefined, allows, apps);
  const headers = { authorization: signed('nobody') };
  const asked = fetch(`${other.url}/v1/operations/status`, { method: 'POST', headers });
  assert.equal((await asked.finally(() => other.stop())).status, 200);
});

test('the policy of the API lets nobody operate: that needs a right of the caller', async () => {
  for (const [key, path, expected] of [
    ['alice@read', '/v1/operations/status', 200],
    ['alice@read', '/v1/operations/force', 403],
    ['alice@force', '/v1/operations/force', 200],
    // Somebody with credentials of the account, and no policy of ours.
    ['nobody', '/v1/operations/status', 403],
  ] as const) {
    const { status, body } = await ask('POST', path, signed(key), { body: '{}' });
    assert.equal(status, expected, `${key} ${path}`);
    if (status === 200) assert.match(body, /:user\/alice$/);
  }
  // A token is no signature, and a signature no token.
  assert.equal((await ask('POST', '/v1/operations/status', await tokenOf())).status, 403);
  assert.equal((await ask('GET', `${ORDERS}?key=a`, signed(OPERATOR))).status, 401);
});

test('every method wants a token or a signature, has limits, and leads to what may be invoked for it', () => {
  const methods = all('AWS::ApiGateway::Method');
  assert.equal(methods.length, 30);
  const custom = methods.filter(([, { AuthorizationType }]) => AuthorizationType === 'CUSTOM');
  assert.equal(custom.length, 12);
  assert.ok(methods.every(([, { AuthorizationType: type }]) => type === 'CUSTOM' || type === 'AWS_IAM'));
  const [[, stage]] = all('AWS::ApiGateway::Stage') as [[string, Properties]];
  const [common, ...own] = stage.MethodSettings;
  assert.deepEqual(
    [common.ResourcePath, common.ThrottlingRateLimit, common.ThrottlingBurstLimit],
    ['/*', 5800, 1160],
  );
  assert.equal(own.length, 18);
  assert.deepEqual(own[0], {
    ...{ HttpMethod: 'POST', ResourcePath: '/~1v1~1operations~1{operation}' },
    ...{ ThrottlingRateLimit: 50, ThrottlingBurstLimit: 50 },
  });
  const format = JSON.parse(stage.AccessLogSetting.Format);
  assert.deepEqual(
    [format.client, format.endpoint, format.operator],
    ['$context.authorizer.principalId', '$context.identity.vpceId', '$context.identity.userArn'],
  );
});

test('it is of the kind PRIVATE, bound to the endpoints, with a web ACL, and changes no setting of the account', () => {
  const [[id, api]] = all('AWS::ApiGateway::RestApi') as [[string, Properties]];
  assert.deepEqual(api.EndpointConfiguration, { Types: ['PRIVATE'], VpcEndpointIds: PRIVATE.endpoints });
  assert.deepEqual(api.BinaryMediaTypes, ['*/*']);
  const [[, acl]] = all('AWS::WAFv2::WebACLAssociation') as [[string, Properties]];
  assert.equal(acl.WebACLArn, WEB_ACL);
  assert.match(JSON.stringify(acl.ResourceArn), new RegExp(`::/restapis/.*${id}.*/stages/`));
  for (const none of ['AWS::ApiGateway::Account', 'AWS::ApiGatewayV2::Api']) assert.deepEqual(all(none), []);
  const { Outputs } = document as unknown as { Outputs: Record<string, Properties> };
  const urls = Object.keys(Outputs).filter((name) => /Url|Endpoint/.test(name));
  assert.deepEqual(urls, ['Url', 'Url2']);
  assert.match(
    JSON.stringify(Outputs.Url2.Value),
    new RegExp(`-${PRIVATE.endpoints[1]}\\.execute-api\\..*/live`),
  );
});

test('the function that looks at tokens may do nothing but write its log, and reads no secret', () => {
  assert.deepEqual(permissionsIn(document).Authorize, [
    'Allow logs:CreateLogStream logs:PutLogEvents on FunctionsAuthorizeLog',
  ]);
});

test('its alarms watch what a REST API measures, and no refused token raises one', () => {
  const alarms = JSON.stringify(
    all('AWS::CloudWatch::Alarm').filter(([name]) => name.startsWith('Documents')),
  );
  for (const metric of ['5XXError', 'Count', 'Latency']) assert.match(alarms, new RegExp(`"${metric}"`));
  assert.match(alarms, /"Name":"ApiName","Value":"Crossfade"/);
  const ofAuthorizer = all('AWS::CloudWatch::Alarm').filter(([name]) =>
    name.startsWith('FunctionsAuthorize'),
  );
  assert.deepEqual(ofAuthorizer.map(([, { MetricName }]) => MetricName).sort(), ['Duration', 'Throttles']);
});
