/** What operators may do on a stack that runs, by the policies of its template. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import {
  DescribeExecutionCommand,
  SFNClient,
  StartExecutionCommand,
  StopExecutionCommand,
} from '@aws-sdk/client-sfn';
import { PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import type { Local } from '../../../infra/local/start.ts';
import { REGION } from '../../../infra/local/template.ts';
import { enter } from './running.ts';

const EXPLAIN = new URL('../../../events/operate.explain.json', import.meta.url);

/** What an operator is answered, signed with this access key. */
async function call(
  local: Local,
  accessKey: string,
  operation: string,
  input: object = {},
): Promise<readonly [number, string]> {
  const authorization = `AWS4-HMAC-SHA256 Credential=${accessKey}/20260101/eu-central-1/execute-api/aws4_request`;
  const url = `${local.deployment.gateway.url}/v1/operations/${operation}`;
  const init = { method: 'POST', headers: { authorization }, body: JSON.stringify(input) };
  const response = await fetch(url, init);
  return [response.status, await response.text()];
}

/** In the gateway, and in the function itself. */
export async function routesHold(local: Local): Promise<void> {
  const forbidden = [403, '{"message":"Forbidden"}'];
  assert.equal((await call(local, 'alice@read', 'flags'))[0], 200);
  // That of the operation is looked at, and something is missing in it.
  assert.equal((await call(local, 'alice@force', 'force'))[0], 400);
  for (const [accessKey, operation] of [
    ['alice@read', 'force'],
    ['alice@read+run+move+retire', 'force'],
    ['alice@force', 'flags'],
    ['alice@read', '%66orce'],
    ['alice@everything', 'flags'],
    ['alice', 'flags'],
  ] as const)
    assert.deepEqual(await call(local, accessKey, operation), forbidden, `${accessKey} ${operation}`);
  // Who may everything comes by another route to the alias that only looks.
  const [status, text] = await call(local, 'operator', '%66orce');
  assert.deepEqual([status, /right-missing/.test(text)], [403, true]);
  const { arn } = local.deployment.entry('operate').settings;
  const explain = JSON.parse(readFileSync(EXPLAIN, 'utf8'));
  for (const alias of [undefined, `${arn}:force`]) {
    const answer = await local.deployment.entry('operate').invoke(explain, undefined, alias);
    assert.equal((answer as { statusCode: number }).statusCode, 403, alias);
  }
}

/** In SSM and in Step Functions. */
export async function servicesHold(local: Local): Promise<void> {
  const as = (rights: string) => ({
    ...{ endpoint: local.deployment.endpoint.url, region: REGION },
    credentials: { accessKeyId: `alice@${rights}`, secretAccessKey: 'x' },
  });
  const put = (rights: string, name: string) =>
    new SSMClient(as(rights)).send(
      new PutParameterCommand({ Name: `/crossfade/${name}`, Value: 'true', Overwrite: true }),
    );
  const denied = { name: 'AccessDeniedException' };
  await put('move', 'collections/carts/couchbase-writes');
  for (const [rights, name] of [
    ['read+run+force+retire', 'couchbase-writes'],
    ['read+run+move+force+retire', 'collections/carts/phase'],
    ['read+run+move+force+retire', 'moves/carts/1'],
  ] as const)
    await assert.rejects(put(rights, name), denied, name);
  const start = (rights: string) =>
    new SFNClient(as(rights)).send(
      new StartExecutionCommand({ stateMachineArn: local.deployment.machine('CopyAll'), input: '{}' }),
    );
  const { executionArn } = await start('run');
  await assert.rejects(start('read+move+force+retire'), denied);
  const describe = (rights: string) =>
    new SFNClient(as(rights)).send(new DescribeExecutionCommand({ executionArn }));
  const stop = (rights: string) => new SFNClient(as(rights)).send(new StopExecutionCommand({ executionArn }));
  for (const send of [describe, stop]) {
    await assert.rejects(send('read+move+force+retire'), denied);
    await send('run');
  }
}

/** Of a stack whose `fourEyes` names force. */
export async function twoAreNeeded(local: Local): Promise<void> {
  local.parameters.eventual = false;
  enter(local.parameters, 'expand', 60_000);
  const why = 'for a test {{of two}}';
  const [asked, request] = await call(local, 'ann@force', 'force', {
    collection: 'orders',
    why,
    confirm: true,
  });
  const told = JSON.parse(request);
  assert.deepEqual([asked, told.moved, told.asked.by], [200, null, 'arn:aws:iam::000000000000:user/ann']);
  const number = Number(told.asked.id.split('-').at(-1));
  const confirm = (accessKey: string) =>
    call(local, accessKey, 'force-confirm', { collection: 'orders', request: number });
  const [same, because] = await confirm('ann@read+force');
  assert.deepEqual([same, JSON.parse(because).detail.split(':')[0]], [400, 'SAME_PERSON']);
  assert.equal((await confirm('ben@read+move+retire'))[0], 403);
  const [confirmed, answer] = await confirm('ben@force');
  assert.equal(confirmed, 200, answer);
  const { from, to, by, why: claimed } = JSON.parse(answer).moved;
  assert.deepEqual([from, to, by], ['expand', 'legacy', 'arn:aws:iam::000000000000:user/ben']);
  assert.equal(claimed, `forced: ${told.asked.id} asked by arn:aws:iam::000000000000:user/ann: ${why}`);
  const [again] = await confirm('cid@force');
  assert.equal(again, 400);
}
