/** The Eventing service of the embedded server: what it deploys, and what it refuses. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, afterEach, before, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { Bucket } from '../../../infra/local/servers/couchbase/bucket.ts';
import { Eventing } from '../../../infra/local/servers/couchbase/eventing/eventing.ts';
import { Storage } from '../../../infra/local/servers/couchbase/storage.ts';

const scopes = new Map([
  [
    'shop',
    {
      id: 8,
      collections: new Map([
        ['orders', 9],
        ['meta', 10],
      ]),
    },
  ],
]);
const bucket = new Bucket('b', 4, scopes, {
  storage: new Storage(':memory:'),
  now: Date.now,
  newUuid: () => 1n,
});
const eventing = new Eventing(new Map([['b', bucket]]));

let server: Server;
let got: { url?: string | undefined; authorization?: string | undefined; body: unknown }[] = [];
let status = 202;
before(async () => {
  server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const { url, headers } = request;
    const body = JSON.parse(Buffer.concat(chunks).toString()) as unknown;
    got.push({ url, authorization: headers.authorization, body });
    response.writeHead(status, { 'content-type': 'application/json' }).end('{"taken":1}');
  }).listen(0);
  await once(server, 'listening');
});
afterEach(async () => {
  await eventing.undeploy('f');
  eventing.be({});
  [got, status] = [[], 202];
});
after(async () => {
  await eventing.stop();
  server.close();
});

const POSTS = `function OnUpdate(doc, meta, xattrs) { send(meta, doc, xattrs); }
function OnDelete(meta) { send(meta, null); }
function send(meta, doc, xattrs) {
  const answer = curl('POST', api, { path: '/x', body: { meta: meta, doc: doc, xattrs: xattrs } });
  if (answer.status !== 202) throw new Error('It answers ' + answer.status);
}`;
const definition = (appcode: string, more: object = {}, depcfg: object = {}) => ({
  ...{ appname: 'f', appcode, version: 'evt-7.6.0-0000-ee' },
  depcfg: {
    ...{ buckets: [], metadata_bucket: 'b', metadata_scope: 'shop', metadata_collection: 'meta' },
    ...{ source_bucket: 'b', source_scope: 'shop', source_collection: 'orders' },
    curl: [
      {
        ...{ value: 'api', hostname: `http://127.0.0.1:${(server.address() as AddressInfo).port}` },
        ...{
          auth_type: 'bearer',
          bearer_key: 'secret',
          allow_cookies: false,
          validate_ssl_certificate: true,
        },
      },
    ],
    ...depcfg,
  },
  settings: {
    ...{ dcp_stream_boundary: 'from_now', deployment_status: true, processing_status: true },
    ...{ language_compatibility: '6.6.2', execution_timeout: 5 },
    ...more,
  },
});
const put = (key: string, value: string, collection = 9, xattrs = new Map<string, string>()) =>
  bucket.put(collection, Buffer.from(key), {
    ...{ value: Buffer.from(value), flags: 0, expiry: 0, deleted: value === '', xattrs },
  });
async function until(is: () => boolean): Promise<void> {
  for (const from = performance.now(); !is(); await setTimeout(5))
    assert.ok(performance.now() - from < 10_000, JSON.stringify([got, eventing.of('f')]));
}

test('handlers get the newest state of each document, with its CAS as a text, and what is written before is not seen', async () => {
  put('before', '1');
  await eventing.deploy(definition(POSTS));
  put('elsewhere', '1', 10);
  eventing.be({ stopped: true });
  put('a', '1');
  const { cas } = put(
    'a',
    '{"n":2}',
    9,
    new Map([
      ['crossfade', '{"cas":"0x1"}'],
      ['_sync', '1'],
    ]),
  );
  const gone = put('b', '');
  await setTimeout(20);
  assert.deepEqual([got, eventing.of('f').waiting], [[], 2]);
  eventing.be({});
  await until(() => got.length === 2);
  const [b, a] = got.map(
    ({ body }) => body as { meta: Record<string, unknown>; doc: unknown; xattrs: unknown },
  );
  assert.deepEqual([a?.meta.id, a?.meta.cas, a?.doc], ['a', String(cas), { n: 2 }]);
  assert.deepEqual(a?.xattrs, { crossfade: { cas: '0x1' } });
  assert.deepEqual([b?.meta.id, b?.meta.cas, b?.doc], ['b', String(gone.cas), null]);
  assert.deepEqual([got[0]?.url, got[0]?.authorization], ['/x', 'Bearer secret']);
});

test('each state comes at least once, and what a handler has thrown on is not tried again', async () => {
  await eventing.deploy(definition(POSTS));
  eventing.be({ repeats: 2, attributes: false });
  put('a', '1');
  await until(() => eventing.of('f').handled === 2);
  assert.deepEqual(
    got.map(({ body }) => Object.keys(body as object)),
    [
      ['meta', 'doc'],
      ['meta', 'doc'],
    ],
  );
  eventing.be({});
  status = 503;
  put('b', '1');
  await until(() => eventing.of('f').failed === 1);
  assert.match(eventing.of('f').lastFailure ?? '', /It answers 503/);
  assert.equal(got.length, 3);
});

const REFUSED: readonly (readonly [what: string, code: string, message: RegExp])[] = [
  ['what is no JavaScript', 'function OnUpdate(doc, meta) {', /ERR_HANDLER_COMPILATION: SyntaxError/],
  [
    'an unknown name',
    'function OnUpdate(doc, meta) { fetch(meta.id); }',
    /fetch is nothing that an Eventing/,
  ],
  ['a name of Node', 'function OnUpdate(doc, meta) { process.exit(1); }', /process is nothing that/],
  ['waiting', 'function OnUpdate(doc, meta) { setTimeout(OnUpdate, 1); }', /setTimeout is nothing that/],
  ['promises by words', 'async function OnUpdate(doc, meta) { await 1; }', /async is nothing that/],
  [
    'state of its own',
    'var seen = 0;\nfunction OnUpdate(doc, meta) { seen++; }',
    /only functions are allowed/,
  ],
  ['timers', 'function OnUpdate(doc, meta) { createTimer(OnUpdate); }', /createTimer is not simulated/],
  ['no handler', 'function Update(doc, meta) {}', /neither OnUpdate nor OnDelete/],
];
for (const [what, code, message] of REFUSED)
  test(`${what} fails the deployment`, async () => {
    await assert.rejects(eventing.deploy(definition(code)), message);
  });

test('a definition with anything else than the documented members fails, and so does a keyspace that is not there', async () => {
  const refuse = (given: object, message: RegExp) => assert.rejects(eventing.deploy(given), message);
  await refuse(definition(POSTS, { using_magic: true }), /ERR_INVALID_CONFIG: settings\.using_magic/);
  await refuse(definition(POSTS, { dcp_stream_boundary: 'everything' }), /not simulated/);
  await refuse(definition(POSTS, {}, { source_collection: 'nowhere' }), /ERR_COLLECTION_MISSING/);
  await refuse(definition(POSTS, {}, { source_collection: 'meta' }), /the same keyspace/);
  await refuse([definition(POSTS), definition(POSTS)], /one function at a time/);
});

test('a handler that does not end is ended', async () => {
  await eventing.deploy(
    definition('function OnUpdate(doc, meta) { while (true) {} }', { execution_timeout: 1 }),
  );
  put('a', '1');
  await until(() => eventing.of('f').failed === 1);
  assert.match(eventing.of('f').lastFailure ?? '', /timed out/);
});
