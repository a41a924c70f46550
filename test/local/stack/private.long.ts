/** `npm run long`: the whole stack behind a private API, with the function that looks at tokens as it is deployed. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { ENDPOINT_HEADER } from '../../../infra/local/rest_front.ts';
import { type Local, startLocal } from '../../../infra/local/start.ts';
import { PRIVATE } from '../../judges/variants.ts';
import { crossfadeText } from './operator.ts';
import { type Ask, app, enter, SETTINGS } from './running.ts';

let local: Local;
let ask: Ask;
const lines: string[] = [];
before(async () => {
  const settings = { ...SETTINGS, deployment: { ...SETTINGS.deployment, private: PRIVATE } };
  const log = (source: string, line: string) => lines.push(`${source}: ${line}`);
  local = await startLocal({ settings, data: null, port: 0, containers: 2, rules: false, log });
  ask = await app(local.deployment.gateway);
  enter(local.parameters, 'expand', 60_000);
});
after(() => local.stop());

test('apps read and write through it, and their tokens are looked at with the keys of the issuer', async () => {
  const written = await ask('PUT', 'order-1', '{"total":1.50}');
  assert.deepEqual([written.status, written.phase], [204, 'expand'], lines.slice(-20).join('\n'));
  assert.equal((await ask('GET', 'order-1')).body, '{"total":1.50}');
  assert.equal((await ask('PATCH', 'order-1', '{"n":1}', { 'if-match': written.etag })).status, 204);
  const { url, token } = local.deployment.gateway;
  const path = `${url}/v1/collections/orders/documents/${encodeURIComponent('a b/c+d')}`;
  const put = async (authorization: string, more = {}) => {
    const headers = { authorization, 'content-type': 'application/json', ...more };
    return (await fetch(path, { method: 'PUT', body: '1', headers })).status;
  };
  const good = `Bearer ${await token('app')}`;
  assert.deepEqual(
    [await put(good), await put(`${good.slice(0, -8)}AAAAAAAA`), await put('x')],
    [204, 401, 401],
  );
  assert.equal(await put(`Bearer ${await token('reader', { scope: 'orders.read' })}`), 403);
  assert.equal(await put(good, { [ENDPOINT_HEADER]: 'vpce-00000000000000000' }), 403);
});

test('operators reach it with its address, by their rights', async () => {
  const { output, error } = await crossfadeText(local, 'status');
  assert.match(output, /orders/, error);
});
