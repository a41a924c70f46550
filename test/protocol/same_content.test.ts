/** When two documents are the same, and what is worked out to tell. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { documentFrom, fingerprint } from '../../functions/protocol/fingerprint.ts';
import { payloadOf } from '../../functions/protocol/payload.ts';
import { type Document, sameContent } from '../../functions/protocol/state.ts';

const of = (body: string, expiresAt: number | null = null): Document =>
  documentFrom(Buffer.from(body), expiresAt);

/** One whose canonical form nobody may ask for. */
function plainly(body: string, expiresAt: number | null = null): Document {
  return {
    body: Buffer.from(body),
    expiresAt,
    get digest(): string {
      return assert.fail('Its form is worked out');
    },
  };
}

test('the same bytes with the same expiry are the same document, and no form is worked out', () => {
  assert.equal(sameContent(plainly('{"a":1}'), plainly('{"a":1}')), true);
  assert.equal(sameContent(plainly('{"a":1}', 5000), plainly('{"a":1}', 5000)), true);
});

test('another spelling is the same document; another value, another expiry and none at all are not', () => {
  assert.equal(sameContent(of('{"a":1}'), of('{ "a": 1.0 }')), true);
  assert.equal(sameContent(of('{"a":1}'), of('{"a":2}')), false);
  assert.equal(sameContent(of('{"a":1}'), of('{"a":11}')), false);
  assert.equal(sameContent(of('{"a":1}', 5000), of('{"a":1}', 6000)), false);
  assert.equal(sameContent(of('{"a":1}', 5000), of('{"a":1}')), false);
  assert.equal(sameContent(of(''), of('', 5000)), false);
  assert.equal(sameContent(of('{"a":1}'), null), false);
  assert.equal(sameContent(null, of('{"a":1}')), false);
  assert.equal(sameContent(null, null), true);
});

test('a document tells which request wrote it, where that is known', () => {
  assert.equal(documentFrom(Buffer.from('1'), null, 'r').request, 'r');
  assert.equal('request' in of('1'), false);
});

test('a document has its payload, and one that came without gets one of its body and its expiry', () => {
  const made = of('{"a":1}', 5000);
  assert.equal(payloadOf(made), made.payload);
  const { body, expiresAt, digest } = payloadOf(plainly('{ "a": 1 }', 5000));
  assert.deepEqual([body, expiresAt, digest], [Buffer.from('{ "a": 1 }'), 5000, made.digest]);
  assert.equal(digest, fingerprint(Buffer.from('{"a":1}'), 5000));
});
