import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Response } from '../../functions/edge/http/told.ts';
import { servedIn } from '../../functions/edge/served.ts';

const DOCUMENT = '/v1/collections/{collection}/documents';
const BATCH = 'POST /v1/collections/{collection}/batch';

const event = (method: string, routeKey = `${method} ${DOCUMENT}`) => ({
  routeKey,
  pathParameters: { collection: 'orders' },
  requestContext: { http: { method } },
});
const response = (statusCode: number, body = '', phase = 'seal'): Response => ({
  ...{ statusCode, body, isBase64Encoded: false },
  headers: phase === '' ? {} : { 'crossfade-phase': phase },
});
const kind = (...given: Parameters<typeof servedIn>) => {
  const served = servedIn(...given);
  return served === null ? null : [...Object.values(served.subject), served.failed].join(' ');
};

test('a request counts for its collection, phase and operation, and as failed where the app has not got what it should', () => {
  const of = (operation: string, failed = false) => `request orders seal ${operation} ${failed}`;
  assert.equal(kind(event('GET'), response(200)), of('read'));
  assert.equal(kind(event('HEAD'), response(404)), of('read'));
  assert.equal(kind(event('PUT'), response(412)), of('write'));
  assert.equal(kind(event('PATCH'), response(503)), of('patch', true));
  assert.equal(kind(event('DELETE'), response(500)), of('delete', true));
  // Writes of one document queue up behind a slow store.
  assert.equal(kind(event('PUT'), response(429)), of('write', true));
});

test('one write that has failed makes a batch fail, whatever its keys are', () => {
  const batch = (...results: object[]) => response(207, JSON.stringify({ phase: 'seal', results }));
  const one = (status: number, key = 'k') => ({ key, status });
  const failed = (...results: object[]) => servedIn(event('POST', BATCH), batch(...results))?.failed;
  assert.equal(kind(event('POST', BATCH), response(200)), 'request orders seal batch false');
  assert.equal(failed(one(204), one(503)), true);
  assert.equal(failed(one(429)), true);
  assert.equal(failed(one(204), one(404), one(400, '"status":503')), false);
});

test('what was refused before its phase was known counts for none, nor does a change feed', () => {
  assert.equal(servedIn(event('PUT'), response(403, '', '')), null);
  assert.equal(servedIn(event('PUT'), response(200, '', 'sideways')), null);
  assert.equal(servedIn({ ...event('GET'), pathParameters: {} }, response(200)), null);
  assert.equal(servedIn(event('POST', 'POST /v1/collections/{collection}/changes'), response(200)), null);
});
