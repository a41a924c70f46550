/** What is no UTF-8 is refused: a byte that was replaced would be another document, or another key. */
import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { ApiInMemory } from './api_in_memory.ts';

let it: ApiInMemory;
beforeEach(() => {
  it = new ApiInMemory();
  // It decodes bodies; a REST API, of which rest.test.ts tells, hands them on as they are.
  it.gateway = 'http';
});

/** As a gateway passes a text on: decoded, with U+FFFD for what is no UTF-8. */
const put = (sent: Uint8Array, headers: Record<string, string> = {}) =>
  it.ask('PUT', 'k', {
    body: Buffer.from(sent).toString('utf8'),
    headers: { 'content-length': String(sent.length), ...headers },
  });

test('a text of which the gateway has replaced bytes is refused, and nothing is written', async () => {
  for (const sent of [
    [0x22, 0xff, 0xfe, 0x22],
    [0x22, 0xe9, 0x22],
    [0x22, 0xe2, 0x82, 0x22],
    [0x22, 0xc0, 0x80, 0x22],
  ]) {
    const { status, problem } = await put(Buffer.from(sent));
    assert.deepEqual([status, problem?.type], [400, 'urn:crossfade:problem:not-utf8'], String(sent));
  }
  assert.deepEqual(it.called, []);
});

test('a batch is refused in the same way', async () => {
  const sent = Buffer.concat([
    Buffer.from('{"writes":[{"key":"k","put":"'),
    Buffer.from([0xff]),
    Buffer.from('"}]}'),
  ]);
  const { status, problem } = await it.batch(sent.toString('utf8'));
  assert.deepEqual([status, problem?.type], [400, 'urn:crossfade:problem:not-utf8']);
});

test('bytes that came as base64 are refused where they are no UTF-8', async () => {
  const body = Buffer.from([0x22, 0xff, 0x22]).toString('base64');
  const { status, problem } = await it.ask('PUT', 'k', { body, isBase64Encoded: true });
  assert.deepEqual([status, problem?.type], [400, 'urn:crossfade:problem:not-json']);
});

test('half of a surrogate pair is no text that UTF-8 can say', async () => {
  const { status, problem } = await it.ask('PUT', 'k', {
    body: '"\ud800"',
    headers: { 'content-length': '5' },
  });
  assert.deepEqual([status, problem?.type], [400, 'urn:crossfade:problem:not-utf8']);
});

test('U+FFFD that was sent is kept, as it is or as an escape', async () => {
  for (const body of ['"a\ufffdb"', '"a\\ufffdb"']) {
    assert.equal((await put(Buffer.from(body))).status, 204);
    assert.equal((await it.ask('GET', 'k')).body, body);
  }
  // Without its length nobody can tell whether it was sent.
  assert.equal((await it.ask('PUT', 'k', { body: '"\ufffd"' })).status, 400);
  assert.equal((await it.ask('PUT', 'k', { body: '"\\ufffd"' })).status, 204);
});

test('a body that was compressed, or is in another charset, is told so; JSON in UTF-8 is taken whatever its headers say', async () => {
  const json = Buffer.from('{"a":"é"}');
  const told = async (bytes: Uint8Array, headers: Record<string, string>) => {
    const texts = await put(bytes, headers);
    const bare = await it.ask('PUT', 'k', {
      ...{ body: Buffer.from(bytes).toString('base64'), isBase64Encoded: true, headers },
    });
    assert.equal(texts.status, bare.status);
    return `${bare.status} ${bare.problem?.detail ?? ''}`;
  };
  const gzip = { 'content-type': 'application/json', 'content-encoding': 'gzip' };
  assert.match(await told(gzipSync(json), gzip), /^415 Content-Encoding is "gzip"\. Send the body as it is/);
  for (const [charset, bytes] of [
    ['utf-16', Buffer.from(json.toString(), 'utf16le')],
    ['iso-8859-1', Buffer.from(json.toString(), 'latin1')],
  ] as const) {
    const type = { 'content-type': `application/json; charset="${charset}"` };
    assert.match(await told(bytes, type), new RegExp(`^415 The charset of Content-Type is "${charset}"`));
    assert.equal(await told(json, type), '204 ');
  }
  assert.equal(await told(json, gzip), '204 ');
  assert.match(await told(Buffer.from('{'), { 'content-encoding': 'identity' }), /^400 The body is no JSON/);
});
