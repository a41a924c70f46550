/** Answers are as large as Lambda takes them, and no larger. */
import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { documentFrom } from '../../../functions/protocol/fingerprint.ts';
import { ApiInMemory } from './api_in_memory.ts';

/** Bytes of the whole answer as JSON, as Node's runtime sends it: "Response payload size exceeded maximum allowed payload size". */
const LARGEST = 6_291_556;

let it: ApiInMemory;
beforeEach(() => {
  it = new ApiInMemory();
});

const sizeOf = (response: object) => Buffer.byteLength(JSON.stringify(response));

async function served(body: Buffer, method = 'GET') {
  await it.stores.couchbase.upsert('k', { content: documentFrom(body, null) });
  const event = {
    ...{
      version: '2.0',
      routeKey: `${method} /v1/collections/{collection}/documents`,
      rawQueryString: 'key=k',
    },
    ...{ rawPath: '/v1/collections/orders/documents', pathParameters: { collection: 'orders' } },
    requestContext: {
      ...{ requestId: 'r-1', http: { method } },
      authorizer: { jwt: { claims: { scope: 'orders.read' } } },
    },
  };
  return it.api.serve(event, () => 20_000);
}

/** One text: to look at many values costs more than all else here. */
const textOf = (unit: string, bytes: number) =>
  Buffer.from(`"${unit.repeat((bytes - 2) / Buffer.byteLength(unit))}"`);

for (const [name, body, status] of [
  ['quotes, each of which is more bytes in the answer', textOf('id\\"0\\"', 4_800_000), 413],
  ['quotes, of which there is room for all', textOf('id\\"0\\"', 3_500_000), 200],
  ['text of more bytes than characters', textOf('é', 6_290_000), 200],
  ['text of more bytes than there is room for', textOf('é', 6_291_556), 413],
  ['bytes, as base64', Buffer.alloc(4_700_000, 0xff), 200],
  ['too many bytes, as base64', Buffer.alloc(4_720_000, 0xff), 413],
] as const)
  test(`a document of ${name}: ${status}`, async () => {
    const response = await served(body);
    assert.equal(response.statusCode, status);
    assert.ok(sizeOf(response) <= LARGEST, String(sizeOf(response)));
    if (status === 413) assert.match(JSON.parse(response.body).type, /:too-large$/);
    const head = await served(body, 'HEAD');
    assert.deepEqual([head.statusCode, head.headers['content-length']], [200, String(body.length)]);
  });

test('the limit is met to the byte', async () => {
  const around = sizeOf(await served(Buffer.from('1'))) - 1;
  const digits = LARGEST - around;
  for (const [length, status] of [
    [digits, 200],
    [digits + 1, 413],
  ] as const) {
    const spaces = Buffer.alloc(length, ' ');
    spaces[0] = 0x31;
    const response = await served(spaces);
    assert.equal(response.statusCode, status);
    if (status === 200) assert.equal(sizeOf(response), LARGEST);
  }
});
