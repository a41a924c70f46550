import assert from 'node:assert/strict';
import { test } from 'node:test';
import { batchIn, MOST_WRITES } from '../../../functions/edge/http/batch.ts';

const NOW = Date.UTC(2026, 0, 1);
const asker = { claims: {}, now: NOW, began: NOW, bake: 50_000 };
const readAll = (text: string) => batchIn(Buffer.from(text), 'orders', asker);
const read = (text: string) =>
  readAll(text).map((write) => ('request' in write ? write.request : assert.fail(write.refused)));

test('documents and patches are taken out of a batch as they are spelt', () => {
  const [put, patch, remove] = read(
    '{"writes": [{"key":"a","put": {"n":1e400, "n":12345678901234567890} ,"ttl":"60","if-none-match":"*"},' +
      '{"patch":{"x":null,"y":1.0},"key":"b","expires-at":"never"},{"key":"c","delete":true,"if-match":"\\"5\\""}]}',
  );
  assert.equal(
    put?.verb === 'put' && Buffer.from(put.payload.body).toString(),
    '{"n":1e400, "n":12345678901234567890}',
  );
  assert.equal(put?.verb === 'put' && put.payload.expiresAt, NOW + 60_000);
  assert.equal(put?.precondition.noneMatch, 'any');
  assert.deepEqual(patch?.verb === 'patch' && [patch.patch, patch.expiresAt], ['{"x":null,"y":1.0}', null]);
  assert.deepEqual([remove?.verb, remove?.key, remove?.precondition.match], ['delete', 'c', [5n]]);
});

test('a put of null is a document, and no deletion', () => {
  const [put] = read('{"writes":[{"key":"a","put":null}]}');
  assert.equal(put?.verb === 'put' && Buffer.from(put.payload.body).toString(), 'null');
});

test('a batch that cannot be read says where, and nothing of it is done', () => {
  const many = JSON.stringify({
    writes: Array.from({ length: MOST_WRITES + 1 }, (_, n) => ({ key: `${n}`, put: 1 })),
  });
  const cases = [
    ['[]', /The batch cannot be read/],
    ['{"writes":[]}', /writes: there must be 1 or more/],
    ['{"writes":[{"key":"a"}]}', /writes\.0: it must have exactly one of put, patch and delete/],
    ['{"writes":[{"key":"a","put":1,"delete":true}]}', /exactly one/],
    ['{"writes":[{"key":"a","put":1,"expiry":1}]}', /writes\.0\.expiry/],
    ['{"writes":[{"key":1,"put":1}]}', /writes\.0\.key/],
    ['{"writes":[{"key":"a","put":1},{"key":"a","delete":true}]}', /writes\.1: the key "a" stands twice/],
    [many, /100 or fewer/],
  ] as const;
  for (const [text, message] of cases) assert.throws(() => read(text), message, text.slice(0, 80));
});

test('what is wrong with one write alone is told of that write', () => {
  for (const [wrong, slug] of [
    ['"put":1,"ttl":"x"', 'expiry'],
    ['"put":1,"expires-at":"2025-12-31T23:59:59Z"', 'expiry'],
    ['"put":1,"if-match":"5"', 'etag'],
    ['"patch":1,"if-none-match":"x"', 'etag'],
    ['"delete":true,"if-match":"x"', 'etag'],
    ['"put":1,"idempotency-key":""', 'idempotency-key'],
    ['"delete":true,"idempotency-key":"1"', 'idempotency-key'],
  ] as const) {
    const [before, write, after] = readAll(
      `{"writes":[{"key":"a","put":1},{"key":"b",${wrong}},{"key":"c","put":1}]}`,
    );
    assert.ok(before !== undefined && 'request' in before && after !== undefined && 'request' in after);
    assert.equal(write !== undefined && 'refused' in write && write.refused.problem.slug, slug, wrong);
  }
});
