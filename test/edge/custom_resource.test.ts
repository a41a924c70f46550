/** CloudFormation gets an answer whatever happens: without one it waits for an hour. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { answered, resourceEvent } from '../../functions/edge/custom_resource.ts';

const EVENT = {
  RequestType: 'Update',
  ResponseURL: 'https://cf.example/answer?signed',
  StackId: 's',
  RequestId: 'r',
  LogicalResourceId: 'Schema',
} as const;

/** What CloudFormation is told, as it would be sent. */
async function told(act: () => Promise<void>, ok = true) {
  const sent: {
    url: unknown;
    method?: string | undefined;
    headers: unknown;
    body: Record<string, unknown>;
  }[] = [];
  const { fetch } = globalThis;
  globalThis.fetch = async (url, { method, headers, body } = {}) => {
    sent.push({ url, method, headers, body: JSON.parse(String(body)) });
    return new Response(null, { status: ok ? 200 : 403 });
  };
  try {
    await answered({ ...EVENT }, act);
  } finally {
    globalThis.fetch = fetch;
  }
  assert.equal(sent.length, 1);
  return sent[0] ?? assert.fail();
}

test('an event of CloudFormation is taken, and nothing else is', () => {
  const properties = { ServiceToken: 'arn', schema: 'hash' };
  assert.deepEqual(resourceEvent({ ...EVENT, ResourceProperties: properties }), {
    ...{ ...EVENT, ResourceProperties: {} },
  });
  for (const other of [{}, null, { ...EVENT, RequestType: 'Read' }, { ...EVENT, ResponseURL: undefined }])
    assert.throws(() => resourceEvent(other), /only CloudFormation invokes this function/);
});

test('what went well is answered as a success, always under the same name of the resource', async () => {
  const { url, method, headers, body } = await told(async () => {});
  assert.deepEqual([url, method], [EVENT.ResponseURL, 'PUT']);
  // The signature of the address is over no content type.
  assert.deepEqual(headers, { 'content-type': '' });
  assert.deepEqual(body, {
    ...{ Status: 'SUCCESS', PhysicalResourceId: 'crossfade-schema' },
    ...{ StackId: 's', RequestId: 'r', LogicalResourceId: 'Schema' },
  });
});

test('what failed is answered as a failure, with a reason that CloudFormation has room for', async () => {
  for (const [thrown, reason] of [
    [new Error('ORA-01017'), 'ORA-01017'],
    ['a text', 'a text'],
    [new Error('x'.repeat(5000)), 'x'.repeat(2000)],
  ] as const) {
    const { body } = await told(() => Promise.reject(thrown));
    assert.deepEqual([body.Status, body.Reason], ['FAILED', reason]);
  }
});

test('where CloudFormation does not take the answer, the function fails', async () => {
  await assert.rejects(
    told(async () => {}, false),
    /CloudFormation did not take the answer: 403/,
  );
});
