import assert from 'node:assert/strict';
import { generateKeyPairSync, sign } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { Bucket } from '../../infra/local/bucket.ts';
import { type Gateway, serveApi } from '../../infra/local/gateway.ts';
import { InvocationFailed, Refused } from '../../infra/local/lambda/failure.ts';
import type { LocalFunction } from '../../infra/local/lambda/function.ts';
import { OPERATOR } from '../../infra/local/policy.ts';
import { routed } from './routed.ts';

const ARN = 'arn:aws:lambda:eu-central-1:000000000000:function:Slow';
const template = routed(ARN, { 'GET /slow': 'JWT', 'POST /operations': 'AWS_IAM' });

/** The beginning of a signature by AWS. */
const SIGNED = `AWS4-HMAC-SHA256 Credential=${OPERATOR}/20261127`;

let gateway: Gateway;
let slow: LocalFunction;
const failures: string[] = [];
const timedOut = new InvocationFailed('Sandbox.Timedout', 'Task timed out after 4.00 seconds');
let failure = timedOut;
before(async () => {
  const invoke = async () => {
    throw failure;
  };
  slow = { settings: { name: 'Slow' }, invoke } as unknown as LocalFunction;
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

test('an invocation that Lambda refuses is answered as API Gateway answers it', async () => {
  const authorization = `Bearer ${await gateway.token('you')}`;
  for (const [type, status, message] of [
    ['TooManyRequestsException', 503, 'Service Unavailable'],
    ['RequestTooLargeException', 413, 'Request Entity Too Large'],
    ['RecursiveInvocationException', 500, 'Internal Server Error'],
  ] as const) {
    failure = new Refused(type, 'refused');
    const response = await fetch(`${gateway.url}/slow`, { headers: { authorization } });
    assert.deepEqual([response.status, await response.json()], [status, { message }]);
  }
  failure = timedOut;
});

test('a token that is not signed with RSA is refused, and so are headers of more than ten kilobytes', async () => {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const claims = { iss: 'https://issuer', aud: 'crossfade', exp: 4_102_444_800 };
  const text = `${part({ alg: 'ES256', kid: 'local' })}.${part(claims)}`;
  const signature = sign('sha256', Buffer.from(text), { key: privateKey, dsaEncoding: 'ieee-p1363' });
  const signed = `${text}.${signature.toString('base64url')}`;
  const status = async (headers: Record<string, string>) =>
    (await fetch(`${gateway.url}/slow`, { headers })).status;
  assert.equal(await status({ authorization: `Bearer ${signed}` }), 401);
  const [header = ''] = (await gateway.token('you')).split('.');
  assert.deepEqual(JSON.parse(Buffer.from(header, 'base64url').toString()), { alg: 'RS256', kid: 'local' });
  assert.equal(await status({ 'x-long': 'x'.repeat(10_240) }), 431);
});

/** The rows of the API's page: a message by its status, null where there is none. */
function messagesOfPage(): Map<number, string | null> {
  const page = readFileSync(new URL('../../functions/edge/http/README.md', import.meta.url), 'utf8');
  const [, section = ''] = page.split('## Answers of the gateway');
  const rows = section.matchAll(/^\| (\d{3}) \| (?:`(.+?)`|none) \|/gm);
  return new Map([...rows].map(([, status, message]) => [Number(status), message ?? null]));
}

test('the API’s page says what the gateway answers by itself', async () => {
  const authorization = `Bearer ${await gateway.token('you')}`;
  const [authorized, body] = [{ headers: { authorization } }, 'x'.repeat(10_485_761)];
  const none = await serveApi(template, new Map([[ARN, slow]]), 0, () => {}, new Bucket(0, 0));
  const seen = new Map<number, string | null>();
  const ask = async (path: string, init: RequestInit = {}, { url } = gateway) => {
    const response = await fetch(`${url}${path}`, init);
    const text = await response.text();
    seen.set(response.status, text === '' ? null : JSON.parse(text).message);
  };
  try {
    await ask('/slow');
    await ask('/operations', { method: 'POST' });
    await ask('/nowhere');
    await ask('/operations', { method: 'POST', body, headers: { authorization: SIGNED } });
    await ask('/slow', {}, none);
    await ask('/slow', { headers: { 'x-long': 'x'.repeat(10_240) } });
    await ask('/slow', authorized);
    failure = new Refused('TooManyRequestsException', 'refused');
    await ask('/slow', authorized);
  } finally {
    failure = timedOut;
    await none.stop();
  }
  assert.deepEqual(seen, messagesOfPage());
});

test('requests beyond the limits of the stage are answered 429 before any container, and a route with limits of its own goes on', async () => {
  const limits = (requests: number) => ({ ThrottlingRateLimit: 0, ThrottlingBurstLimit: requests });
  const stage = { DefaultRouteSettings: limits(1), RouteSettings: { 'POST /operations': limits(3) } };
  const throttled = routed(ARN, { 'GET /slow': 'JWT', 'POST /operations': 'AWS_IAM' }, stage);
  const limited = await serveApi(throttled, new Map([[ARN, slow]]), 0);
  const asked = (path: string, init: RequestInit) =>
    fetch(`${limited.url}${path}`, init).then(({ status }) => status);
  try {
    const app = { headers: { authorization: `Bearer ${await limited.token('you')}` } };
    const operator = { method: 'POST', headers: { authorization: SIGNED } };
    // 500 is what the function has to say.
    assert.deepEqual([await asked('/slow', app), await asked('/slow', app)], [500, 429]);
    assert.deepEqual([await asked('/operations', operator), await asked('/slow', app)], [500, 429]);
  } finally {
    await limited.stop();
  }
});
