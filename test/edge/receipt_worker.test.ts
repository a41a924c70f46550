/** A function that settles receipts, with the services that it reaches replaced: what its messages say. */
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { letterId } from '../../functions/books/letters.ts';
import { StoreUnavailable } from '../../functions/stores/failure.ts';
import config from '../shop.config.ts';
import { document } from '../stores/contract/subject.ts';
import './load_proof.ts';
import { World } from './receipt_container.ts';

before(() => {
  process.env.POWERTOOLS_METRICS_DISABLED = 'true';
});

const BODY = '{"collection":"orders","key":"k","phase":"seal","cause":"write","expired":"0"}';
const PLACE = { collection: 'orders', key: 'k' };
const TARGET = { store: 'oracle', operation: 'read', collection: 'orders', key: 'k' } as const;

test('a message that is nothing of ours is set aside, and the others of its batch are settled', async () => {
  const world = new World();
  const answer = await world.handle([BODY, 'not JSON'], { count: '2' });
  assert.deepEqual(answer, { batchItemFailures: [] });
  assert.deepEqual(world.settled, [letterId(BODY, PLACE)]);
  assert.deepEqual(world.queued, [
    {
      ...{ QueueUrl: 'dead', MessageBody: 'not JSON' },
      MessageAttributes: {
        reason: { DataType: 'String', StringValue: 'The message is not JSON: it is a text of 8 characters' },
      },
    },
  ]);
  assert.equal(world.letters.length, 1);
});

test('a store that is away hides its message for six requests, notes since when it waits, and has it delivered again', async () => {
  const world = Object.assign(new World(), { fails: new StoreUnavailable(TARGET, false, new Error('away')) });
  assert.deepEqual(await world.handle([BODY]), { batchItemFailures: [{ itemIdentifier: 'm0' }] });
  const VisibilityTimeout = 6 * Math.ceil(config.timing.request / 1000);
  const Entries = [{ Id: '0', ReceiptHandle: 'h0', VisibilityTimeout }];
  assert.deepEqual(world.queued, [{ QueueUrl: 'receipts', Entries }]);
  const [[body, why, at] = []] = world.letters;
  assert.deepEqual([body, at], [BODY, { waits: 1000 }]);
  assert.match(String(why), /oracle read in orders, key "k": no clear answer/);
});

test('a receipt that follows from another tells how often its chain was handed on', async () => {
  const world = new World();
  const cas = await world.stores.couchbase.upsert('k', { content: document('1') });
  await world.stores.couchbase.swap('k', { cas, content: null, version: null });
  await world.handle([BODY], {
    messageAttributes: { hops: { stringValue: '3' }, born: { stringValue: '7' } },
  });
  const [[receipt, hops] = []] = world.receipts;
  assert.deepEqual([receipt?.cause, hops], ['marker', { hops: 3, born: 7 }]);
});

test('a chain of receipts without end is set aside', async () => {
  const world = new World();
  await world.handle([BODY], { messageAttributes: { hops: { stringValue: '1000001' } } });
  assert.match(String(world.letters[0]?.[1]), /^MessageLoop: the message was handed on 1000001 times/);
});

test('one invocation looks once at a key of which it has many messages', async () => {
  const world = new World();
  await world.handle([BODY, BODY, BODY]);
  assert.equal(world.reads, 1);
});

test('in the last three tenths of its time an invocation begins nothing, and its messages are delivered again', async () => {
  const world = new World();
  const left = 0.3 * config.timing.request;
  assert.deepEqual(await world.handle([BODY], { left }), { batchItemFailures: [{ itemIdentifier: 'm0' }] });
  assert.deepEqual([world.reads, world.letters], [0, []]);
  assert.deepEqual(await world.handle([BODY], { left: left + 1 }), { batchItemFailures: [] });
});
