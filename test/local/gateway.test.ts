/** What functions are given by the HTTP API of this machine, as AWS's gives it. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type Gateway, serveApi } from '../../infra/local/gateway.ts';
import type { LocalFunction } from '../../infra/local/lambda/function.ts';
import { Template } from '../../infra/local/template.ts';

const ARN = 'arn:function';
const template = new Template('/out', {
  Resources: {
    Route: {
      Type: 'AWS::ApiGatewayV2::Route',
      Properties: {
        RouteKey: 'PUT /documents',
        Target: 'integrations/Integration',
        AuthorizationType: 'JWT',
        AuthorizerId: 'Authorizer',
        AuthorizationScopes: ['orders.write', '*.write'],
        ApiId: 'api',
      },
    },
    Integration: { Type: 'AWS::ApiGatewayV2::Integration', Properties: { IntegrationUri: ARN } },
    Authorizer: {
      Type: 'AWS::ApiGatewayV2::Authorizer',
      Properties: { JwtConfiguration: { Issuer: 'https://issuer.example', Audience: ['crossfade'] } },
    },
    Permission: {
      Type: 'AWS::Lambda::Permission',
      Properties: { Principal: 'apigateway.amazonaws.com', FunctionName: ARN, SourceArn: '*' },
    },
  },
});

interface Event {
  readonly body?: string;
  readonly isBase64Encoded: boolean;
  readonly headers: Record<string, string>;
  readonly requestContext: { readonly authorizer: { readonly jwt: { readonly claims: object } } };
}

let gateway: Gateway;
let events: Event[];
before(async () => {
  const target = { invoke: async (event: Event) => ({ statusCode: events.push(event) && 204 }) };
  gateway = await serveApi(template, new Map([[ARN, target as unknown as LocalFunction]]), 0);
});
after(() => gateway.stop());

async function put(headers: Record<string, string>, body: Uint8Array<ArrayBuffer>): Promise<Event> {
  events = [];
  const authorization = `Bearer ${await gateway.token('app')}`;
  const url = `${gateway.url}/documents`;
  const { status } = await fetch(url, { method: 'PUT', headers: { authorization, ...headers }, body });
  assert.equal(status, 204);
  return events[0] as Event;
}

test('every claim of a token is a text', async () => {
  const { requestContext } = await put({}, Buffer.from('1'));
  const { iat, exp, ...claims } = requestContext.authorizer.jwt.claims as Record<string, string>;
  assert.deepEqual(claims, {
    ...{ sub: 'app', iss: 'https://issuer.example', aud: '[crossfade]' },
    scope: '*.read *.write *.batch',
  });
  assert.match(`${iat} ${exp}`, /^\d+ \d+$/);
  assert.ok([iat, exp].every((claim) => typeof claim === 'string'));
});

test('bodies of text types are decoded, whatever bytes they have, and others come as base64', async () => {
  const bytes = Buffer.from([0x22, 0xff, 0x22]);
  for (const type of ['application/json', 'application/json; charset=utf-8', 'text/plain']) {
    const { body, isBase64Encoded, headers } = await put({ 'content-type': type }, bytes);
    assert.deepEqual([body, isBase64Encoded, headers['content-length']], ['"\ufffd"', false, '3'], type);
  }
  for (const type of ['application/merge-patch+json', 'application/octet-stream', '']) {
    const { body, isBase64Encoded } = await put({ 'content-type': type }, bytes);
    assert.deepEqual([body, isBase64Encoded], [bytes.toString('base64'), true], type);
  }
});

test('a token needs any scope of its route, in scope or scp; without one the function is not asked', async () => {
  for (const [claims, expected] of [
    [{ scope: 'orders.write' }, 204],
    [{ scope: 'openid *.write' }, 204],
    [{ scp: ['orders.write'] }, 204],
    [{ scp: 'orders.write' }, 204],
    [{ scope: 'orders.read carts.write' }, 403],
    [{ scope: 'orders.writer' }, 403],
    [{ 'cognito:groups': ['orders.write'] }, 403],
    [{}, 403],
  ] as const) {
    events = [];
    const authorization = `Bearer ${await gateway.token('app', claims)}`;
    const response = await fetch(`${gateway.url}/documents`, { method: 'PUT', headers: { authorization } });
    const body = await response.text();
    assert.deepEqual(
      [response.status, events.length],
      [expected, expected === 204 ? 1 : 0],
      JSON.stringify(claims),
    );
    if (expected === 403) assert.equal(body, '{"message":"Forbidden"}');
  }
});
