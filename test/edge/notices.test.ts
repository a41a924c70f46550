/** What operators are told on its way into SNS: signed, taken or refused, and noted in SSM so that it is told once. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { SSMClient } from '@aws-sdk/client-ssm';
import { noticeSender, ToldMoves } from '../../functions/edge/notices.ts';
import { PacedWrites } from '../../functions/edge/paced_writes.ts';
import { type Endpoint, type Services, serveAws } from '../../infra/local/aws/endpoint.ts';
import { ParameterStore } from '../../infra/local/aws/parameters.ts';
import { Topics } from '../../infra/local/aws/topics.ts';

const TOPIC = 'arn:aws:sns:eu-central-1:000000000000:moves';
const NOTICE = {
  subject: 'Crossfade: orders is ready for seal',
  message: 'READY: é & <b>\n- bake: it is over',
};

const printed: string[] = [];
const topics = new Topics((line) => printed.push(line));
const parameters = new ParameterStore(null, Date.now);
parameters.eventual = false;
const asked: string[][] = [];
let allowed = true;
let endpoint: Endpoint;
let client: SSMClient;

before(async () => {
  const allows = (...given: string[]) => {
    asked.push(given);
    return given[1]?.startsWith('sns:') ? allowed : true;
  };
  endpoint = await serveAws({ topics, parameters, allows } as unknown as Services);
  const credentials = { accessKeyId: 'KEY', secretAccessKey: 's', sessionToken: 't' };
  client = new SSMClient({ region: 'eu-central-1', endpoint: endpoint.url, credentials });
});
after(async () => {
  client.destroy();
  await endpoint.stop();
});

const send = () => noticeSender(client, { arn: TOPIC, endpoint: endpoint.url })(NOTICE);

test('a notice is published to the topic as it is, and printed on this machine', async () => {
  await send();
  assert.deepEqual(topics.published, [{ topic: TOPIC, ...NOTICE }]);
  assert.deepEqual(asked.at(-1), ['KEY', 'sns:Publish', TOPIC]);
  assert.deepEqual(printed, [`${NOTICE.subject}\n${NOTICE.message}`]);
});

test('a topic that refuses it, or does not answer, says so after two attempts', async () => {
  asked.length = 0;
  allowed = false;
  await assert.rejects(send(), /SNS has answered 400: .*not authorized to perform: sns:Publish/);
  assert.equal(asked.length, 2);
  allowed = true;
  topics.isAway = true;
  await assert.rejects(send(), /SNS has answered 500: /);
  topics.isAway = false;
});

test('what was told is noted, and read by the next container', async () => {
  const container = () =>
    new ToldMoves(
      client,
      new PacedWrites(
        () => 0,
        async () => {},
      ),
      '/x',
    );
  const first = container();
  assert.equal(await first.told('orders'), null);
  const told = { version: 3, to: 'seal', at: 7 } as const;
  await first.keep('orders', told);
  assert.deepEqual([await first.told('orders'), await container().told('orders')], [told, told]);
  const put = { Name: '/x/told/orders', Value: 'nonsense', Overwrite: true };
  parameters.call('PutParameter', put, 'test');
  assert.deepEqual([await first.told('orders'), await container().told('orders')], [told, null]);
});
