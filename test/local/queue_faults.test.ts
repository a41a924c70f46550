/** What standard queues of SQS may do, on this machine: each fault strikes, and no message is lost by any of them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { QueueFaults } from '../../infra/local/aws/queue_faults.ts';
import { Queues } from '../../infra/local/aws/queues.ts';
import { ACCOUNT } from '../../infra/local/template.ts';
import { Random } from '../simulation/scheduler.ts';

const QueueUrl = `http://127.0.0.1/${ACCOUNT}/standard`;
const BODIES = Array.from({ length: 40 }, (_, n) => `message-${n}`);

interface Received {
  readonly MessageId: string;
  readonly Body: string;
  readonly ReceiptHandle: string;
  readonly Attributes: Readonly<Record<string, string>>;
}

async function withQueue(
  faults: QueueFaults,
  act: (
    call: (operation: string, input?: object) => Promise<Record<string, unknown>>,
    struck: Readonly<Record<keyof QueueFaults, number>>,
    clock: { now: number },
  ) => Promise<void>,
): Promise<void> {
  const queues = await Queues.start(null);
  try {
    await queues.create('standard', {});
    const random = new Random(7);
    const clock = { now: 0 };
    const struck = queues.behave(
      faults,
      () => random.below(1_000_000) / 1_000_000,
      () => clock.now,
    );
    const call = async (operation: string, input: object = {}) => {
      const body = JSON.stringify({ QueueUrl, ...input });
      const answer = await queues.forward(`AmazonSQS.${operation}`, body);
      assert.equal(answer.status, 200, `${operation}: ${answer.body}`);
      return JSON.parse(answer.body);
    };
    await act(call, struck, clock);
  } finally {
    await queues.stop();
  }
}

type Call = (operation: string, input?: object) => Promise<Record<string, unknown>>;

async function fill(call: Call): Promise<void> {
  for (let at = 0; at < BODIES.length; at += 10) {
    const Entries = BODIES.slice(at, at + 10).map((MessageBody, n) => ({ Id: String(n), MessageBody }));
    await call('SendMessageBatch', { Entries });
  }
}

/** So many messages, in the order in which they come, or as many as come in 100 polls. Each is deleted as it comes. */
async function drained(call: Call, enough: () => number): Promise<Received[]> {
  const all: Received[] = [];
  for (let polls = 0; polls < 100 && all.length < enough(); polls++) {
    const asked = { MaxNumberOfMessages: 10, WaitTimeSeconds: 1, MessageSystemAttributeNames: ['All'] };
    const { Messages = [] } = (await call('ReceiveMessage', asked)) as { Messages?: Received[] };
    all.push(...Messages);
    for (const { ReceiptHandle } of Messages) await call('DeleteMessage', { ReceiptHandle });
  }
  return all;
}

test('messages overtake each other, across batches too, and each comes once', async () => {
  await withQueue({ disorder: 300 }, async (call, struck) => {
    await fill(call);
    const bodies = (await drained(call, () => BODIES.length)).map(({ Body }) => Body);
    assert.deepEqual([...bodies].sort(), [...BODIES].sort());
    const first = bodies.slice(0, 20).map((body) => BODIES.indexOf(body));
    assert.ok(Math.max(...first) >= 20, `later messages come before earlier ones: ${bodies.join()}`);
    assert.ok(struck.disorder > 0);
  });
});

test('a message can come twice, as one of the same id, after it has been deleted', async () => {
  await withQueue({ duplicates: 0.3 }, async (call, struck) => {
    await fill(call);
    const enough = () => BODIES.length + struck.duplicates;
    const messages = await drained(call, enough);
    assert.equal(messages.length, enough());
    assert.ok(struck.duplicates > 0);
    assert.equal(new Set(messages.map(({ MessageId }) => MessageId)).size, BODIES.length);
    const deliveries = messages.map(({ Attributes }) => Attributes.ApproximateReceiveCount);
    assert.equal(deliveries.filter((each) => each === '2').length, struck.duplicates);
  });
});

test('a short poll can miss messages, and a long one misses none', async () => {
  await withQueue({ misses: 0.8 }, async (call, struck) => {
    await fill(call);
    const asked = { MaxNumberOfMessages: 10, VisibilityTimeout: 1 };
    let empty = 0;
    for (let n = 0; n < 40; n++) if ((await call('ReceiveMessage', asked)).Messages === undefined) empty++;
    assert.ok(struck.misses > 0 && empty > 0, `${empty} of 40 polls found nothing`);
  });
  await withQueue({ misses: 1 }, async (call) => {
    await fill(call);
    assert.equal((await drained(call, () => BODIES.length)).length, BODIES.length);
  });
});

test('counts are those of some time ago, off in both directions, and now and then 0', async () => {
  const counted = async (call: Call) => {
    const { Attributes } = await call('GetQueueAttributes', { AttributeNames: ['All'] });
    return Number((Attributes as Record<string, string>).ApproximateNumberOfMessages);
  };
  await withQueue({ lag: 10_000 }, async (call, struck, clock) => {
    await call('GetQueueAttributes', { AttributeNames: ['All'] });
    clock.now = 1000;
    await fill(call);
    clock.now = 2000;
    const seen = new Set<number>();
    for (let n = 0; n < 20; n++) seen.add(await counted(call));
    assert.ok(seen.has(0) && seen.size > 1, [...seen].join());
    clock.now = 12_000;
    assert.equal(await counted(call), BODIES.length, 'after the longest lag they are right');
    assert.ok(struck.lag > 0);
  });
  await withQueue({ error: 0.5, zeros: 0.1 }, async (call, struck) => {
    await fill(call);
    const seen: number[] = [];
    for (let n = 0; n < 100; n++) seen.push(await counted(call));
    assert.ok(seen.some((each) => each > BODIES.length) && seen.some((each) => each < BODIES.length));
    assert.ok(seen.includes(0) && struck.zeros > 0 && struck.error > 0);
  });
});
