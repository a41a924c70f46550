import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { createServer as createSecure } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text as textOf } from 'node:stream/consumers';
import { after, before, test } from 'node:test';
import type { TLSSocket } from 'node:tls';
import { sendWith } from '../../infra/console/client_certificate.ts';
import { run } from '../../infra/console/program.ts';
import { Service } from '../../infra/console/service.ts';
import { failureText } from '../../infra/console/unreachable.ts';
import { listening, portOf, shut } from '../../infra/local/listen.ts';
import { Authority } from '../../infra/local/servers/tls/authority.ts';

/** Answers one after the other; the last one again and again. */
let answers: { status: number; body: string }[] = [];
let server: Server;
let url: string;
before(async () => {
  server = createServer((_request, response) => {
    const { status, body } = (answers.length > 1 ? answers.shift() : answers[0]) as (typeof answers)[number];
    response.writeHead(status).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
after(() => server.close());

const NOTHING = {
  ...{ AWS_REGION: 'eu-central-1', AWS_ACCESS_KEY_ID: 'AKIAANN', AWS_SECRET_ACCESS_KEY: 'x' },
  ...{
    AWS_CONFIG_FILE: '/nowhere',
    AWS_SHARED_CREDENTIALS_FILE: '/nowhere',
    AWS_EC2_METADATA_DISABLED: 'true',
  },
};

/** What a command says that fails. */
async function said(environment: Record<string, string | undefined>, ...given: string[]): Promise<string> {
  const before = { ...process.env };
  for (const [name, value] of Object.entries({ ...NOTHING, ...environment }))
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
  try {
    let text = '';
    const code = await run(given, {
      out: () => {},
      error: (line) => {
        text += line;
      },
    });
    assert.equal(code, 2, text);
    return text;
  } finally {
    for (const name of Object.keys({ ...NOTHING, ...environment })) delete process.env[name];
    Object.assign(process.env, before);
  }
}

test('a command that cannot reach the API names the address, and what to do', async () => {
  const refused = await said({ CROSSFADE_URL: 'http://127.0.0.1:1/' }, 'status');
  assert.match(refused, /The API cannot be reached at http:\/\/127\.0\.0\.1:1: .*bad port.*CROSSFADE_URL/);
  assert.match(refused, /is npm start running\?/);
  assert.match(
    await said({ CROSSFADE_URL: '' }, 'status'),
    /^Where is the API\? Give --url, or set CROSSFADE_URL/,
  );
  assert.match(
    await said({ CROSSFADE_URL: 'localhost:8700' }, 'status'),
    /^"localhost:8700" is no address of an API: .* must look like https:/,
  );
});

test('a refusal says who was refused, what is missing, and what to do', async () => {
  answers = [{ status: 403, body: '{"message":"Forbidden"}' }];
  assert.match(
    await said({ CROSSFADE_URL: url }, 'status'),
    /^403: Forbidden\. The access key AKIAANN may not execute-api:Invoke POST http.*\/v1\/operations\/status: ask for/,
  );
  answers = [{ status: 404, body: '{"message":"Not Found"}' }];
  assert.match(await said({ CROSSFADE_URL: url }, 'status'), /is the address the stack’s output Url\?/);
  answers = [{ status: 403, body: '{"message":"Missing Authentication Token"}' }];
  assert.match(await said({ CROSSFADE_URL: url }, 'status'), /is the address the stack’s output Url\?/);
  answers = [{ status: 500, body: '{"message":"Internal Server Error"}' }];
  assert.match(
    await said({ CROSSFADE_URL: url }, 'status'),
    /^500: Internal Server Error\. .*try again; its log/,
  );
  answers = [{ status: 400, body: '{"detail":"There is no collection"}' }];
  assert.match(await said({ CROSSFADE_URL: url }, 'status'), /^400: There is no collection\n$/);
});

test('a region or credentials that are missing are named, with where to set them', async () => {
  const environment = { CROSSFADE_URL: url, AWS_REGION: undefined, AWS_DEFAULT_REGION: undefined };
  assert.match(await said(environment, 'status'), /^The AWS region is missing: set AWS_REGION/);
  const error = Object.assign(new Error('Could not load credentials from any providers'), {
    name: 'CredentialsProviderError',
  });
  assert.match(failureText(error, {}), /^AWS credentials are missing: set AWS_PROFILE, or AWS_ACCESS_KEY_ID/);
  const stale = Object.assign(new Error('connect ECONNREFUSED 127.0.0.1:4'), { code: 'ECONNREFUSED' });
  assert.match(
    failureText(stale, { AWS_ENDPOINT_URL: 'http://127.0.0.1:4' }),
    /AWS_ENDPOINT_URL, http:\/\/127\.0\.0\.1:4: nothing listens there\. .* paste its export lines again/,
  );
});

test('a call that AWS has throttled to the end is named by a code, with what to do', () => {
  const error = Object.assign(new Error('Rate exceeded'), { name: 'ThrottlingException' });
  assert.match(
    failureText(error, {}),
    /^THROTTLED: Rate exceeded\. .*\(ThrottlingException\): try again in a minute/,
  );
});

test('what has failed once is asked again the next time', async () => {
  Object.assign(process.env, NOTHING);
  answers = [
    { status: 500, body: '{"message":"Internal Server Error"}' },
    { status: 200, body: '{"parameters":"/crossfade"}' },
  ];
  const service = new Service(url);
  await assert.rejects(service.about(), /^Error: 500/);
  assert.equal((await service.about()).parameters, '/crossfade');
});

/** An API that takes clients with a certificate of this authority alone. */
async function closedApi(authority: Authority) {
  const { certificate, key } = authority.issue({ name: 'api', hosts: ['127.0.0.1'] });
  const server = createSecure(
    { cert: certificate, key, ca: authority.ca, requestCert: true, rejectUnauthorized: true },
    async (request, response) => {
      const body = await textOf(request);
      const signed = /^AWS4-HMAC/.test(request.headers.authorization ?? '');
      const { CN } = (request.socket as TLSSocket).getPeerCertificate().subject;
      response
        .writeHead(request.method === 'HEAD' ? 204 : 200)
        .end(JSON.stringify({ body, signed, client: CN }));
    },
  );
  await listening(server, 0);
  return { server, url: `https://127.0.0.1:${portOf(server)}` };
}

test('where the API asks clients for a certificate, commands show that of the environment', async () => {
  Object.assign(process.env, NOTHING);
  const authority = new Authority('clients', Date.now());
  const { ca } = authority;
  const { server: closed, url: address } = await closedApi(authority);
  const folder = mkdtempSync(join(tmpdir(), 'crossfade-client-'));
  try {
    const { certificate: cert, key } = authority.issue({ name: 'operator' });
    const send = sendWith({ cert, key, ca });
    const asked = await new Service(address, undefined, send).ask('about', { a: 1 });
    assert.deepEqual(asked, { body: '{"a":1}', signed: true, client: 'operator' });
    const head = await send(new Request(address, { method: 'HEAD' }));
    assert.deepEqual([head.status, await head.text()], [204, '']);
    // As fetch: whoever waits for an answer no longer is told so.
    const late = AbortSignal.timeout(0);
    await assert.rejects(send(new Request(address, { signal: late })), { name: 'TimeoutError' });
    // One of somebody else, and none.
    const other = new Authority('others', Date.now()).issue({ name: 'operator' });
    const foreign = sendWith({ cert: other.certificate, key: other.key, ca });
    await assert.rejects(
      new Service(address, undefined, foreign).ask('about'),
      /The API cannot be reached at https:.*deployment\.domain\.mutualTls\), CROSSFADE_CLIENT_CERT and/,
    );
    const [file, keyFile] = [join(folder, 'cert.pem'), join(folder, 'key.pem')];
    writeFileSync(file, cert);
    writeFileSync(keyFile, 'no key');
    for (const [given, message] of [
      [{ CROSSFADE_CLIENT_CERT: file }, /^CLIENT_CERTIFICATE: CROSSFADE_CLIENT_CERT and .* belong together/],
      [{ CROSSFADE_CLIENT_KEY: file }, /^CLIENT_CERTIFICATE: .* belong together/],
      [
        { CROSSFADE_CLIENT_CERT: file, CROSSFADE_CLIENT_KEY: join(folder, 'none.pem') },
        /^CLIENT_CERTIFICATE: .*none\.pem cannot be read \(ENOENT\): mend CROSSFADE_CLIENT_KEY/,
      ],
      [
        { CROSSFADE_CLIENT_CERT: file, CROSSFADE_CLIENT_KEY: keyFile },
        /^CLIENT_CERTIFICATE: .*key\.pem is no PEM: CROSSFADE_CLIENT_KEY must name/,
      ],
    ] as const)
      assert.match(await said({ CROSSFADE_URL: address, ...given }, 'status'), message);
  } finally {
    shut(closed);
    rmSync(folder, { recursive: true });
  }
});

test('whoever lacks a right is told the policy that has it: of an operation, and of a call that a command makes itself', async () => {
  answers = [{ status: 403, body: '{"message":"Forbidden"}' }];
  await assert.rejects(
    new Service(url).ask('force'),
    /ask for the policy of the right force \(output PolicyForce of the stack\)/,
  );
  const told = {
    type: 'urn:crossfade:problem:right-missing',
    detail: 'RIGHT_MISSING: force needs the right force',
  };
  answers = [{ status: 403, body: JSON.stringify(told) }];
  await assert.rejects(
    new Service(url).ask('force'),
    /^Error: 403: RIGHT_MISSING: force needs the right force$/,
  );
  const denied = (action: string) =>
    failureText(
      Object.assign(new Error(`ann is not authorized to perform: ${action}`), {
        name: 'AccessDeniedException',
      }),
      {},
    );
  assert.match(
    denied('states:StartExecution'),
    /StartExecution\. Ask for .* output PolicyRun, or use other credentials/,
  );
  assert.match(denied('ssm:PutParameter'), /output PolicyMove, or of PolicyRun for the pace/);
});
