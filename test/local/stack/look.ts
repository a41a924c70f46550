/** A short look at whether a deployment works. */
import assert from 'node:assert/strict';
import { DescribeExecutionCommand, SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { GetQueueAttributesCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { letterId } from '../../../functions/books/letters.ts';
import { receiptText } from '../../../functions/edge/queue.ts';
import { documentFrom } from '../../../functions/protocol/fingerprint.ts';
import type { ParameterStore } from '../../../infra/local/aws/parameters.ts';
import type { Queues } from '../../../infra/local/aws/queues.ts';
import type { Deployment } from '../../../infra/local/deploy.ts';
import { OPERATOR } from '../../../infra/local/policy.ts';
import { ACCOUNT, REGION } from '../../../infra/local/template.ts';
import { app, type BothStores, enter, eventually } from './running.ts';

/** Milliseconds in which what works has come to be. */
const SOON = 5000;

let round = 0;

/** What must work, in the order in which a mistake shows. */
export async function look(
  { gateway, endpoint, machine }: Deployment,
  parameters: ParameterStore,
  queues: Queues,
  held: BothStores,
): Promise<void> {
  round++;
  const credentials = { accessKeyId: OPERATOR, secretAccessKey: 'x' };
  const aws = { endpoint: endpoint.url, region: REGION, credentials };
  const receipts = named(queues, 'ReceiptsQueue');
  const QueueUrl = `${endpoint.url}/${ACCOUNT}/${receipts}`;
  const client = new SQSClient(aws);
  enter(parameters, 'expand', 60_000);
  const ask = await app(gateway);
  const key = `written-${round}`;
  assert.equal((await ask('PUT', key, '1')).status, 204, 'a write is acknowledged');
  assert.deepEqual(await held.bodies(key), { couchbase: '1', oracle: '1' }, 'both stores have it');
  assert.equal(queues.counts(receipts).delayed, 1, 'its receipt is on the way');
  const attributes = new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] });
  const { RedrivePolicy = '' } = (await client.send(attributes)).Attributes ?? {};
  assert.match(RedrivePolicy, /deadLetterTargetArn/, 'what fails for ever becomes a dead letter');
  const missed = `missed-${round}`;
  await reconciles(client, QueueUrl, missed, queues, held);
  const states = new SFNClient(aws);
  assert.equal(await ran(states, machine('CopyAll'), missed), 'SUCCEEDED', 'a backfill comes to its end');
  assert.equal(await ran(states, machine('VerifyAll'), missed), 'SUCCEEDED', 'both stores are verified');
}

function named(queues: Queues, part: string): string {
  return queues.names.find((name) => name.includes(part)) ?? '';
}

/** One message that is settled, one that never will be, and one that has to come again. */
async function reconciles(
  client: SQSClient,
  QueueUrl: string,
  missed: string,
  queues: Queues,
  held: BothStores,
): Promise<void> {
  const nonsense = `no receipt ${round}`;
  await held.couchbase.upsert(missed, { content: documentFrom(Buffer.from('2'), null) });
  const receipt = { phase: 'expand', cause: 'write', expired: 0n, key: missed } as const;
  for (const MessageBody of [
    receiptText({ ...receipt, collection: 'nowhere' }),
    nonsense,
    receiptText({ ...receipt, collection: 'orders' }),
  ])
    await client.send(new SendMessageCommand({ QueueUrl, MessageBody }));
  const counts = (part: string) => () => queues.counts(named(queues, part));
  await eventually(
    () => held.bodies(missed),
    ({ oracle }) => oracle === '2',
    SOON,
  );
  await eventually(counts('ReceiptsDeadLetters'), ({ ready }) => ready === 1, SOON);
  await eventually(
    () => held.letters.find(letterId(nonsense, null)),
    (letter) => letter?.state === 'open',
    SOON,
  );
  await eventually(counts('ReceiptsQueue'), ({ ready, inflight }) => ready === 0 && inflight === 1, SOON);
}

/** How a run over these keys has ended. */
async function ran(states: SFNClient, stateMachineArn: string, prefix: string) {
  const run = async (input: object) => {
    const request = { stateMachineArn, input: JSON.stringify({ collection: 'orders', ...input }) };
    const { executionArn } = await states.send(new StartExecutionCommand(request));
    const describe = () => states.send(new DescribeExecutionCommand({ executionArn }));
    return (await eventually(describe, ({ status }) => status !== 'RUNNING', 2 * SOON)).status;
  };
  // What the mistake before may have left behind.
  await run({ abandon: true });
  return run({ prefix, shards: 1 });
}
