/** Who asks, for which operation, and how they are answered. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { MoveRefused } from '../../functions/control/move_refused.ts';
import { serveOperation } from '../../functions/edge/operator_api.ts';
import { BadOperation, type OperationName } from '../../functions/operations/request.ts';
import { operationsOf, RIGHT_OF, RIGHTS, type Right, rightIn } from '../../functions/operations/rights.ts';
import { BadFlag } from '../../functions/phases/flags.ts';

const SAMPLE = JSON.parse(
  readFileSync(new URL('../../events/operate.explain.json', import.meta.url), 'utf8'),
) as Record<string, unknown> & { readonly requestContext: object };
const ACTOR = 'arn:aws:iam::000000000000:user/operator';

async function served(
  event: unknown,
  perform: () => Promise<unknown> = async () => ({ found: 1 }),
  right: Right | null = 'read',
) {
  const asked: unknown[] = [];
  const said: string[] = [];
  const response = await serveOperation(event, {
    ...{ collections: ['orders'], right },
    perform: (operation, actor) => {
      asked.push([operation, actor]);
      return perform();
    },
    logger: {
      info: (message, { operation, actor }) => said.push(`${message}: ${operation} by ${actor}`),
      error: (message, { message: cause }) => said.push(`${message}: ${cause}`),
    },
  });
  return { ...response, asked, said, answer: JSON.parse(response.body) };
}

test('who has signed the request, and what they ask for, is handed on, and what was found is answered', async () => {
  const { statusCode, headers, asked, said, answer } = await served(SAMPLE);
  assert.deepEqual([statusCode, answer], [200, { found: 1 }]);
  assert.deepEqual(headers, { 'content-type': 'application/json', 'cache-control': 'no-store' });
  assert.deepEqual(asked, [[{ name: 'explain', collection: 'orders', key: 'order-1' }, ACTOR]]);
  assert.deepEqual(said, [`An operation: explain by ${ACTOR}`]);
});

test('an operation without a body is asked for with nothing', async () => {
  const event = { ...SAMPLE, pathParameters: { operation: 'status' }, body: undefined };
  assert.deepEqual((await served(event)).asked, [[{ name: 'status' }, ACTOR]]);
});

test('what nobody has signed, or what is no operation, is refused, and nothing is done', async () => {
  const { authorizer: _, ...unsigned } = SAMPLE.requestContext as Record<string, unknown>;
  for (const [event, detail] of [
    [{ ...SAMPLE, requestContext: unsigned }, /^Nobody has signed the request/],
    [{ ...SAMPLE, body: '{' }, /^The body is no JSON$/],
    [{ ...SAMPLE, pathParameters: { operation: 'nosuch' } }, /^There is no operation "?nosuch/],
    [{ ...SAMPLE, pathParameters: {} }, /^There is no operation /],
    [{ ...SAMPLE, body: '{"collection":"nosuch","key":"k"}' }, /^There is no collection "?nosuch/],
  ] as const) {
    const { statusCode, headers, answer, asked, said } = await served(event);
    assert.deepEqual([statusCode, headers['content-type']], [400, 'application/problem+json']);
    assert.equal(answer.type, 'urn:crossfade:problem:operation-refused');
    assert.deepEqual([answer.status, answer.instance], [400, 'JKJaXmPLvHcESHA=']);
    assert.match(answer.detail, detail);
    assert.deepEqual([asked, said], [[], []]);
  }
});

test('an operation that refuses is no failure; one that fails is told so, and logged', async () => {
  for (const error of [
    new BadOperation('not like this'),
    new MoveRefused('not now'),
    new BadFlag('/x/reads is null: set it to couchbase or oracle'),
  ]) {
    const { statusCode, answer, said } = await served(SAMPLE, () => Promise.reject(error));
    assert.deepEqual([statusCode, answer.detail, said.length], [400, error.message, 1]);
  }
  const { statusCode, answer, said } = await served(SAMPLE, () => Promise.reject(new Error('it is away')));
  assert.deepEqual([statusCode, answer.status, answer.detail], [503, 503, 'it is away']);
  assert.equal(answer.type, 'urn:crossfade:problem:operation-failed');
  assert.deepEqual(said.slice(1), ['An operation failed: it is away']);
});

test('an answer that cannot be written is a failure like any other', async () => {
  assert.equal((await served(SAMPLE, async () => 1n)).statusCode, 503);
});

test('what is no HTTP request at all fails', async () => {
  await assert.rejects(served({ Records: [] }), { name: 'NotHttp' });
});

test('an operation is done by its right alone, whoever has signed the request and however its name has come', async () => {
  for (const name of Object.keys(RIGHT_OF) as OperationName[])
    for (const right of [...RIGHTS, null]) {
      const own = {
        ...SAMPLE,
        routeKey: `POST /v1/operations/${name}`,
        pathParameters: undefined,
        body: undefined,
      };
      for (const event of [own, { ...SAMPLE, pathParameters: { operation: name }, body: undefined }]) {
        const { statusCode, answer, asked, said } = await served(event, undefined, right);
        if (right === RIGHT_OF[name]) {
          // What it would need beside its name is missing.
          assert.ok([200, 400].includes(statusCode), name);
          continue;
        }
        assert.deepEqual(
          [statusCode, answer.type],
          [403, 'urn:crossfade:problem:right-missing'],
          `${name} by ${right}`,
        );
        assert.ok(answer.detail.startsWith(`RIGHT_MISSING: ${name} needs the right ${RIGHT_OF[name]}, `));
        assert.deepEqual([asked, said], [[], []]);
      }
    }
});

test('the right is that of the alias that was invoked; the function itself and any other alias have none', () => {
  const arn = 'arn:aws:lambda:eu-central-1:000000000000:function:Operate';
  assert.deepEqual(
    RIGHTS.map((right) => rightIn(`${arn}:${right}`)),
    [...RIGHTS],
  );
  for (const other of [arn, `${arn}:7`, `${arn}:live`, `${arn}:$LATEST`, `${arn}:constructor`, '', 'force'])
    assert.equal(rightIn(other), null, other);
});

test('every right has operations, and every operation one right', () => {
  const all = RIGHTS.flatMap(operationsOf);
  assert.deepEqual([...all].sort(), Object.keys(RIGHT_OF).sort());
  assert.ok(RIGHTS.every((right) => operationsOf(right).length > 0));
});
