import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type Gateway, serveApi } from '../../infra/local/gateway.ts';
import { InvocationFailed } from '../../infra/local/lambda/container.ts';
import type { LocalFunction } from '../../infra/local/lambda/function.ts';
import { Template } from '../../infra/local/template.ts';

const ARN = 'arn:aws:lambda:eu-central-1:000000000000:function:Slow';
const route = (RouteKey: string) => ({
  Type: 'AWS::ApiGatewayV2::Route',
  Properties: {
    ...{ RouteKey, Target: 'integrations/Integration', ApiId: 'local' },
    ...{ AuthorizationType: 'JWT', AuthorizerId: 'Authorizer' },
  },
});
const template = new Template('/out', {
  Resources: {
    Permission: {
      Type: 'AWS::Lambda::Permission',
      Properties: { Principal: 'apigateway.amazonaws.com', FunctionName: ARN, SourceArn: '*' },
    },
    Authorizer: {
      Type: 'AWS::ApiGatewayV2::Authorizer',
      Properties: { JwtConfiguration: { Issuer: 'https://issuer', Audience: ['crossfade'] } },
    },
    Integration: { Type: 'AWS::ApiGatewayV2::Integration', Properties: { IntegrationUri: ARN } },
    Slow: route('GET /slow'),
  },
});

let gateway: Gateway;
const failures: string[] = [];
before(async () => {
  const invoke = async () => {
    throw new InvocationFailed('Sandbox.Timedout', 'Task timed out after 4.00 seconds');
  };
  const slow = { settings: { name: 'Slow' }, invoke } as unknown as LocalFunction;
  gateway = await serveApi(template, new Map([[ARN, slow]]), 0, (line) => failures.push(line));
});
after(() => gateway.stop());

test('a request whose function fails is answered 500, and why it failed is not thrown away', async () => {
  const response = await fetch(`${gateway.url}/slow?key=x`, {
    headers: { authorization: `Bearer ${await gateway.token('you')}` },
  });
  // The caller is told no more than API Gateway would tell.
  assert.deepEqual([response.status, await response.text()], [500, '{"message":"Internal Server Error"}']);
  assert.deepEqual(failures, ['GET /slow: Sandbox.Timedout: Task timed out after 4.00 seconds']);
});
