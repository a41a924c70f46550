/** Receipts that wait, and queues that do not take or give messages. */
import assert from 'node:assert/strict';
import { PurgeQueueCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { receiptText } from '../../../functions/edge/queue.ts';
import { ACCOUNT } from '../../../infra/local/template.ts';
import type { Day, Row } from '../day.ts';
import type { Field } from '../field.ts';
import { oracleIsAway } from './stores.ts';

const WAIT: Row = {
  table: 'alarms',
  signs: ['ReceiptAge'],
  happened: 'receipts wait for a store that is away or refuses',
  advice:
    '`npx crossfade status` says which store, and why. Bring it back: nothing is lost meanwhile, for 10 days, then they become dead letters. ' +
    'They are settled within 15 minutes once it answers, and the alarm is silent 20 minutes after the last one was delayed',
};

const NOT_TAKEN: Row = {
  table: 'alarms',
  signs: ['Receipts…Late', 'ShardsTo…Late'],
  happened: 'the function takes no messages from its queue',
  advice:
    'is its event source mapping enabled, and does Lambda have a container for it (reserved concurrency, the limit of the account)? ' +
    '`npx crossfade status` tells how many receipts are due. Nothing is lost meanwhile, for 14 days',
};

const UNSENT: Row = {
  table: 'alarms',
  signs: ['ReceiptsUnsent'],
  happened: 'SQS does not answer, or throttles',
  advice: 'writes need both stores meanwhile. Shut nothing down',
};

const LOOPS: Row = {
  table: 'alarms',
  signs: ['MessageLoops'],
  happened:
    'a message was handed on without end: a million times, or 10,000 times within more than 14 days (of a shard, 60 days on ' +
    'none of which it was worked on; `MessageLoop` in the reason). A pause of 61 days does that',
  advice:
    'a run has failed: `npx crossfade backfill resume NAME`, or the same of `copy-back` or `verify`, goes on with it. A receipt is a dead ' +
    'letter: `npx crossfade dead-letters list`, then `npx crossfade dead-letters redrive --why …`. If no run was paused for so long, tell us',
};

const DIFFERENT: Row = {
  table: 'alarms',
  signs: ['ShadowReadsDifferent'],
  happened: 'the stores differed a bake after a read, and were made to agree',
  advice:
    '`npx crossfade verify start NAME`, before any further move: others may differ that nobody has read',
};

const HOT: Row = {
  table: 'messages',
  signs: ['Others keep writing this key'],
  advice:
    'a hot key: its receipts are settled once it rests for a moment. `npx crossfade explain NAME KEY` compares both stores',
};

function queueOf({ stack }: Field, named: string): string {
  return stack.queues.names.find((name) => name.startsWith(named)) ?? '';
}

/** A message of a chain that has no end. */
async function sendLooping(field: Field, queue: string, MessageBody: string): Promise<void> {
  const sqs = new SQSClient(field.aws);
  await sqs.send(
    new SendMessageCommand({
      ...{ QueueUrl: `${field.aws.endpoint}/${ACCOUNT}/${queue}`, MessageBody },
      MessageAttributes: { hops: { DataType: 'Number', StringValue: '1000001' } },
    }),
  );
  sqs.destroy();
}

/** The message of a run that waits for its pace is taken out of its queue. @returns its body. */
async function takenOut(field: Field, queue: string): Promise<string> {
  const { port } = field.stack.queues;
  const look = async () => {
    const asked = await fetch(`http://127.0.0.1:${port}/_fauxqs/queues/${queue}`);
    return ((await asked.json()) as { messages: { delayed: { body: string }[] } }).messages.delayed[0];
  };
  const found = await field.until('no shard waits', look, (message) => message !== undefined);
  const sqs = new SQSClient(field.aws);
  await sqs.send(new PurgeQueueCommand({ QueueUrl: `${field.aws.endpoint}/${ACCOUNT}/${queue}` }));
  sqs.destroy();
  return found?.body ?? '';
}

export const QUEUES: readonly Day[] = [
  {
    name: 'oracle-away-for-long',
    row: WAIT,
    provoke: oracleIsAway,
    expect: async (field) => {
      const { output } = await field.crossfade('status');
      assert.match(output, /STORES {3}cities.*: oracle read/);
    },
    remedy: ({ stack }) => stack.stores.oracle.calm(),
  },
  {
    name: 'reconciler-takes-nothing',
    row: NOT_TAKEN,
    alarms: ['Receipts…Late'],
    provoke: async ({ stack }) => {
      stack.held.queue = 'ReceiptsQueue';
    },
    expect: async (field) => {
      const { output } = await field.crossfade('status');
      assert.match(output, /[1-9]\d* due/);
    },
    remedy: async ({ stack }) => {
      stack.held.queue = null;
    },
  },
  {
    name: 'worker-takes-nothing',
    row: NOT_TAKEN,
    alarms: ['ShardsTo…Late'],
    provoke: async (field) => {
      field.stack.held.queue = 'ShardsToVerifyQueue';
      field.beside(field.crossfade('verify', 'start', 'countries', '--mode', 'version'));
    },
    expect: async (field) => {
      const { output } = await field.crossfade('status');
      assert.match(output, /verify \S+ ░+ 0\/1 shards/);
    },
    remedy: async ({ stack }) => {
      stack.held.queue = null;
    },
    healed: async (field) => {
      const { output, code } = await field.begun();
      assert.equal(code, 0, output);
    },
  },
  {
    name: 'receipts-refused',
    row: UNSENT,
    provoke: async (field) => {
      field.noteFailures();
      field.stack.queues.refuse(Number.MAX_SAFE_INTEGER);
    },
    expect: async (field) => field.fewFailed(),
    remedy: async ({ stack }) => stack.queues.refuse(0),
    healed: async (field) => field.fewFailed(),
  },
  {
    name: 'receipt-in-a-loop',
    row: LOOPS,
    provoke: (field) => {
      const key = 'unfit/mended';
      const receipt = { collection: 'cities', key, phase: 'expand', cause: 'write', expired: 0n } as const;
      return sendLooping(field, queueOf(field, 'ReceiptsQueue'), receiptText(receipt));
    },
    expect: async (field) => {
      await field.until(
        'no letter tells of it',
        () => field.crossfade('dead-letters', 'list'),
        ({ output }) => output.includes('MessageLoop'),
      );
    },
    remedy: async (field) => {
      const { output, code } = await field.crossfade('dead-letters', 'redrive', '--why', 'it may go on');
      assert.equal(code, 0, output);
    },
    healed: async (field) => assert.equal((await field.crossfade('dead-letters', 'list')).code, 0),
  },
  {
    name: 'shard-in-a-loop',
    row: LOOPS,
    provoke: async (field) => {
      field.put('/crossfade/backfill-pace', '0');
      field.beside(field.crossfade('backfill', 'start', 'countries'));
      const queue = queueOf(field, 'ShardsToCopyQueue');
      await sendLooping(field, queue, await takenOut(field, queue));
    },
    expect: async (field) => {
      const { output, error, code } = await field.begun();
      assert.deepEqual([code === 0, /MessageLoop/.test(output + error)], [false, true], output + error);
    },
    remedy: async (field) => {
      field.put('/crossfade/backfill-pace', '100000');
      await field.succeed('backfill', 'resume', 'countries');
    },
  },
  {
    name: 'written-past-the-api',
    row: DIFFERENT,
    provoke: async (field) => {
      const place = { collection: 'cities', key: 'foreign' };
      // No write of this key through the API, whose receipt would make the stores agree before a read is compared.
      await field.stores.upsert(place, '{"name":"b"}');
      assert.equal((await field.app.get(place)).status, 200);
    },
    remedy: async (field) => {
      await field.succeed('verify', 'start', 'cities');
    },
    healed: (field) => field.held('cities', 'foreign', '{"name":"b"}'),
  },
  {
    name: 'hot-key',
    row: HOT,
    provoke: async (field) => {
      const place = { collection: 'cities', key: 'hot' };
      assert.equal((await field.app.put(place, '{"name":"hot"}')).status, 204);
      await field.held('cities', 'hot', '{"name":"hot"}');
      // Oracle is ahead, so that the reconciler has to write to Couchbase; and others are always faster there.
      await field.crowd.stop();
      await field.sql("UPDATE CITIES SET version = version + 1000000000000000 WHERE doc_key = 'hot'");
      const action = { kind: 'foreignWrite', body: '{"name":"hotter"}' } as const;
      await field.stack.stores.couchbase.fault({ operation: 'mutateIn', times: 40, action });
    },
    expect: async (field) => {
      await field.until('nothing says so', () => field.said('Others keep writing this key'), Boolean);
    },
    remedy: async (field) => {
      await field.stack.stores.couchbase.calm();
      await field.until(
        'explain does not say what the stores hold',
        () => field.crossfade('explain', 'cities', 'hot'),
        ({ code }) => code === 0,
      );
    },
    // What Oracle has in a version above all others is what Couchbase has forgotten, as far as anybody can tell: it is put back there.
    healed: (field) => field.held('cities', 'hot', '{"name":"hot"}'),
  },
];
