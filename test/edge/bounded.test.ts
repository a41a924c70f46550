/** A service that takes requests and never answers. */
import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import { after, before, test } from 'node:test';
import { ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { SSMClient } from '@aws-sdk/client-ssm';
import { answeredAfter, bounded } from '../../functions/edge/bounded.ts';
import { readParameter } from '../../functions/edge/parameters.ts';
import { listening, portOf, shut } from '../../infra/local/listen.ts';

/** Milliseconds of one attempt, and after which a call counts as one that never ends. */
const [ATTEMPT, NEVER] = [50, 5000];
let server: Server;
let requests = 0;
before(async () => {
  server = await listening(
    createServer((request) => {
      requests++;
      request.resume();
    }),
    0,
  );
});
after(() => shut(server));

const silent = () => ({
  ...bounded(ATTEMPT),
  endpoint: `http://127.0.0.1:${portOf(server)}`,
  region: 'test',
  credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
});

test('a call that is not answered fails after two attempts, and does not wait for ever', async (context) => {
  const client = new SSMClient(silent());
  context.after(() => client.destroy());
  requests = 0;
  const signal = AbortSignal.timeout(NEVER);
  const never = new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(new Error('It never ended')), { once: true });
  });
  await assert.rejects(Promise.race([readParameter(client, '/c/phase'), never]), { name: 'TimeoutError' });
  assert.equal(requests, 2);
});

test('a call that the service answers later by intent has that time, too', async (context) => {
  const client = new SQSClient({ ...silent(), maxAttempts: 1 });
  context.after(() => client.destroy());
  const command = new ReceiveMessageCommand({ QueueUrl: `http://127.0.0.1:${portOf(server)}/0/q` });
  const stopped = new AbortController();
  const sent = client.send(command, { ...answeredAfter(2), abortSignal: stopped.signal });
  setTimeout(() => stopped.abort(), 4 * ATTEMPT);
  await assert.rejects(sent, { name: 'AbortError' });
});
