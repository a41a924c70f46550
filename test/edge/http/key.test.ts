import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { KeysInPath } from '../../../functions/configuration/keys_in_path.ts';
import { keyOf } from '../../../functions/edge/http/key.ts';
import { BadRequest } from '../../../functions/edge/http/problem.ts';
import { pathSeen } from '../../../infra/local/http_event.ts';

const PREFIX = '/v1/collections/orders/documents/';
/** Where no key has a `%` or a `?`. */
const inPath = (rawPath: string, parameter: string, keysInPath: KeysInPath = 'accept') =>
  keyOf({ rawPath, rawQueryString: '', parameter, keysInPath });
const inQuery = (rawQueryString: string) =>
  keyOf({ ...{ rawPath: PREFIX.slice(0, -1), rawQueryString }, parameter: undefined, keysInPath: 'refuse' });
const key = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 60 });

test('every key can be said in the query', () => {
  fc.assert(
    fc.property(key, (each) => {
      assert.equal(inQuery(`x=1&key=${encodeURIComponent(each)}`), each);
    }),
  );
  for (const each of ['..', '.', '/', 'a//b', 'a+b', '100%', '%2F', '\0', 'key=1&key=2'])
    assert.equal(inQuery(`key=${encodeURIComponent(each)}`), each);
});

test('whatever a gateway does to the path, a key is never taken for another', () => {
  fc.assert(
    fc.property(fc.oneof(key, fc.constantFrom('a%20b', '%2525', 'a%2Fb/c', '50%')), (each) => {
      const encoded = encodeURIComponent(each);
      // Which parts of what the gateway tells are decoded: none, the parameter, or both.
      for (const [path, parameter] of [
        [encoded, encoded],
        [encoded, each],
        [each, each],
      ] as const)
        try {
          assert.equal(inPath(PREFIX + path, parameter), each);
        } catch (error) {
          assert.ok(error instanceof BadRequest, String(error));
          assert.equal(error.problem.slug, 'key-ambiguous');
        }
    }),
    { numRuns: 1000 },
  );
});

test('a path is handed on as AWS was seen to do it', () => {
  // (github.com/hotsock/voker, vokerhttp/testdata/ingress-paths.json, 2026-11-28)
  for (const [sent, seen] of [
    ['/capture/plain', '/capture/plain'],
    ['/capture/space%20value', '/capture/space value'],
    ['/capture/question%3Fvalue', '/capture/question'],
    ['/capture/percent%25done', null],
    ['/capture/hash%23value', '/capture/hash#value'],
    ['/capture/slash%2Fvalue', '/capture/slash/value'],
    ['/capture/literal%252Fvalue', '/capture/literal/value'],
    ['/capture/literal%253Fvalue', '/capture/literal?value'],
    ['/capture/literal%2525value', '/capture/literal%value'],
  ] as const)
    assert.equal(pathSeen(sent), seen, sent);
});

test('what AWS makes of a path is another key where a key has % or ?, so no key in a path is taken unless none has', () => {
  const sent = (each: string) => pathSeen(`${PREFIX}${encodeURIComponent(each)}`) as string;
  const got = (each: string, keysInPath: KeysInPath) =>
    inPath(sent(each), sent(each).slice(PREFIX.length), keysInPath);
  // Nothing of the request tells that these were sent as something else.
  assert.deepEqual(
    ['https://x/y?z=1', 'a%2Fb'].map((each) => got(each, 'accept')),
    ['https://x/y', 'a/b'],
  );
  for (const each of ['https://x/y?z=1', 'a%2Fb', 'order-1'])
    assert.throws(() => got(each, 'refuse'), /API Gateway decodes a path twice.*Send it as \?key=/);
  fc.assert(
    fc.property(
      key.filter((each) => !/[%?]/.test(each)),
      (each) => {
        assert.equal(got(each, 'accept'), each);
      },
    ),
  );
  // Of a client that has not kept to it.
  for (const each of ['a%253Fb', '100%25'])
    assert.throws(() => got(each, 'accept'), /can be read in two ways/);
});

test('a key of which a gateway has replaced bytes is not taken for another', () => {
  // Both %ff and %fe would come to it.
  assert.throws(() => inPath(`${PREFIX}a\ufffd`, 'a\ufffd'), /can be read in two ways/);
  assert.throws(() => inPath(`${PREFIX}%ff`, '\ufffd'), /can be read in two ways/);
  assert.throws(() => inPath(`${PREFIX}\ud800`, '\ud800'), /can be read in two ways/);
  assert.equal(inPath(`${PREFIX}a%EF%BF%BD`, 'a\ufffd'), 'a\ufffd');
  for (const wrong of ['a\ufffd', '\ud800'])
    assert.throws(() => inQuery(`key=${wrong}`), /not percent-encoded UTF-8/);
  assert.equal(inQuery('key=a%EF%BF%BD'), 'a\ufffd');
});

test('ordinary keys in the path need no care, behind a stage too', () => {
  for (const each of ['order-1', 'a:b', 'user::42', 'a/b'])
    assert.equal(inPath(`/live${PREFIX}${each}`, each), each);
  assert.equal(inPath(`${PREFIX}a%20b`, 'a b'), 'a b');
});

test('no key, two keys and keys in no encoding are refused with what to send instead', () => {
  assert.throws(() => inQuery('other=1'), /names no key.*\?key=/);
  assert.throws(() => inQuery('key=a&key=b'), /more than one key/);
  assert.throws(
    () => keyOf({ rawPath: `${PREFIX}a`, rawQueryString: 'key=b', parameter: 'a', keysInPath: 'accept' }),
    /more than one key/,
  );
  for (const wrong of ['%', '%zz', '%ff', 'a+b'])
    assert.throws(() => inQuery(`key=${wrong}`), /not percent-encoded UTF-8/);
});
