/** The write API under events of any kind. */
import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import fc from 'fast-check';
import { NotHttp } from '../../../functions/edge/http/event.ts';
import { ApiInMemory } from './api_in_memory.ts';

let it: ApiInMemory;
beforeEach(() => {
  it = new ApiInMemory();
});

test('any event is answered, or refused as none of HTTP', async () => {
  const text = fc.oneof(
    fc.string(),
    fc.constantFrom('GET', 'PUT', 'PATCH', 'key=%41', '"1"', '{"writes":[]}', '1'),
  );
  const headers = fc.dictionary(
    fc.constantFrom('If-Match', 'if-none-match', 'TTL', 'Expires-At', 'content-type'),
    text,
  );
  const likely = fc.record(
    {
      version: fc.constant('2.0'),
      routeKey: fc.oneof(text, fc.constant('POST /v1/collections/{collection}/batch')),
      rawPath: text,
      rawQueryString: text,
      headers,
      pathParameters: fc.record(
        { collection: fc.constantFrom('orders', 'x'), key: text },
        { requiredKeys: [] },
      ),
      requestContext: fc.record({ requestId: fc.string(), http: fc.record({ method: text }) }),
      body: fc.oneof(text, fc.json()),
      isBase64Encoded: fc.boolean(),
    },
    { requiredKeys: ['version', 'routeKey', 'rawPath', 'requestContext'] },
  );
  await fc.assert(
    fc.asyncProperty(fc.oneof({ weight: 5, arbitrary: likely }, fc.anything()), async (event) => {
      try {
        const { statusCode, headers: told } = await it.api.serve(event, () => 20_000);
        assert.ok(statusCode >= 200 && statusCode < 500, String(statusCode));
        assert.ok(Object.values(told).every((value) => typeof value === 'string'));
      } catch (error) {
        assert.ok(error instanceof NotHttp, String(error));
      }
    }),
    { numRuns: 2000 },
  );
});
