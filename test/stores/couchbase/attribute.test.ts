/** Which request has written a document, as its attribute tells: also after somebody has touched it, and not after anybody has written it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseAttribute, readState, wroteIn } from '../../../functions/stores/couchbase/attribute.ts';

const [MINE, BODY] = ['k.f', Buffer.from('{"n":1}')];
const WROTE = wroteIn({ request: MINE, body: BODY }) ?? '';
const attributeOf = (request: string | null, wrote?: string) => ({
  ...{ version: '5', cas: '0x0500000000000000', marker: false, request },
  ...(wrote === undefined ? {} : { wrote }),
});
const requestOf = (cas: bigint, body: Buffer, attribute: object) =>
  readState(cas, body, parseAttribute(JSON.stringify(attribute))).request;

test('a request is known by its own mutation, and afterwards by the body that it wrote', () => {
  const mine = attributeOf(MINE, WROTE);
  assert.equal(requestOf(5n, BODY, mine), MINE);
  assert.equal(requestOf(6n, BODY, mine), MINE, 'touched');
  assert.equal(requestOf(6n, Buffer.from('{"n":2}'), mine), undefined, 'written over');
  assert.equal(requestOf(6n, BODY, attributeOf(null, WROTE)), undefined, 'no request');
});

test('functions of the version before, which tell nothing of the body, are understood, and what they leave behind deceives nobody', () => {
  const before = attributeOf(MINE);
  assert.deepEqual([requestOf(5n, BODY, before), requestOf(6n, BODY, before)], [MINE, undefined]);
  // Theirs was put over ours, and the body is ours again.
  const theirs = attributeOf('l.g', WROTE);
  assert.deepEqual([requestOf(5n, BODY, theirs), requestOf(6n, BODY, theirs)], ['l.g', undefined]);
  for (const wrote of [7, null, {}, [MINE]])
    assert.equal(requestOf(6n, BODY, { ...before, wrote }), undefined, JSON.stringify(wrote));
});
