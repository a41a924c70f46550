/** Dead letters in Oracle and in a queue of fauxqs, and how many of them the gates of each collection see. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { ReceiveMessageCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { type FauxqsServer, startFauxqs } from 'fauxqs';
import { letterKeeper, letterPorts, setterAside } from '../../functions/edge/dead_letters.ts';
import { allDeadLetters, lettersOf } from '../../functions/edge/evidence.ts';
import { bury, placeIn, receiptText } from '../../functions/edge/queue.ts';
import { listLetters } from '../../functions/operations/dead_letters.ts';
import { Letters, letterId } from '../../functions/stores/oracle/letters.ts';
import { CONTROL } from '../../functions/stores/oracle/schema.ts';
import { upgrade } from '../../functions/stores/oracle/upgrade.ts';
import { type TestDatabase, testDatabase } from '../stores/oracle/database.ts';

let database: TestDatabase;
let server: FauxqsServer;
let client: SQSClient;
let letters: Letters;
before(async () => {
  database = await testDatabase();
  await upgrade(database.connection, [CONTROL], null, () => {});
  letters = new Letters(database.connection);
  server = await startFauxqs({ port: 0, logger: false });
  client = new SQSClient({
    ...{ endpoint: `http://127.0.0.1:${server.port}`, region: 'us-east-1', maxAttempts: 1 },
    credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
  });
});
after(async () => {
  client.destroy();
  await server.stop();
  await database.stop();
});

const receipt = (collection: string, key: string) =>
  receiptText({ collection, key, phase: 'expand', cause: 'write', expired: 0n });
const AWAY = { keep: () => Promise.reject(new Error('ORA-12541')) } as unknown as Letters;
let queues = 0;

/** A queue of dead letters of its own; the letters are those of all tests. */
function desk() {
  const name = `dead-${queues++}`;
  const { queueArn } = server.createQueue(name);
  const url = (of: string) => `http://127.0.0.1:${server.port}/000000000000/${of}`;
  const DEAD_LETTERS_QUEUE = url(name);
  const always = { timely: () => true, sweeping: () => true };
  const ports = letterPorts(client, { DEAD_LETTERS_QUEUE, RECEIPTS_QUEUE: '' }, letters, always);
  const warnings: string[] = [];
  const logger = { warn: (message: string) => void warnings.push(message) };
  const by = (kept: Letters) => letterKeeper({ letters: kept }, logger, () => 1000);
  const aside = (kept: Letters) => setterAside(client, DEAD_LETTERS_QUEUE, by(kept));
  return {
    ...{ ports, warnings, queueArn, url, keep: by(letters), keepAway: by(AWAY) },
    ...{ setAside: aside(letters), setAsideAway: aside(AWAY) },
    bury: (body: string) => bury(client, DEAD_LETTERS_QUEUE, body, 'unfit'),
    queued: () => server.inspectQueue(name)?.messages.ready.length,
    list: (wanted = {}) => listLetters(wanted, ports),
    /** Dead letters as the gates of the collections count them. */
    of: async (...collections: string[]) => {
      const counts = [];
      for (const each of collections)
        counts.push((await lettersOf({ letters }, each, client, DEAD_LETTERS_QUEUE)).open);
      return counts;
    },
    all: () => allDeadLetters({ letters }, client, DEAD_LETTERS_QUEUE),
  };
}

test('a document counts once for its collection, and for no other, however often receipts of it are set aside', async () => {
  const { setAside, of, queued } = desk();
  for (let times = 0; times < 5; times++) await setAside(receipt('orders', 'k'), 'unfit');
  assert.deepEqual(await of('orders', 'carts'), [1, 0]);
  await setAside(receipt('orders', 'l'), 'unfit');
  await setAside(receipt('carts', 'k'), 'unfit');
  assert.deepEqual(await of('orders', 'carts', 'hooks'), [2, 1, 0]);
  assert.equal(queued(), 0);
});

test('it counts once as soon as the queue is swept, however often runs set it aside', async () => {
  const { bury, keep, list, of } = desk();
  for (let times = 0; times < 5; times++) {
    await bury(receipt('users', 'k'));
    await keep(receipt('users', 'k'), 'unfit');
  }
  await list();
  assert.deepEqual(await of('users', 'hooks'), [1, 0]);
});

test('what is set aside while Oracle is away holds every gate until its letter is written', async () => {
  const { setAsideAway, list, of, all, queued } = desk();
  const before = await all();
  await setAsideAway(receipt('sessions', 'k'), 'the number is too long');
  // Letters of other documents, whose messages are gone, explain no message.
  assert.deepEqual(await of('sessions', 'hooks'), [1, 1]);
  assert.equal(await all(), before + 1);
  const { groups, letters: listed } = await list({ collection: 'sessions' });
  assert.deepEqual(
    groups.map(({ cause, count }) => [cause, count]),
    [['the number is too long', 1]],
  );
  assert.deepEqual(
    listed.map(({ key, reason }) => [key, reason]),
    [['k', 'the number is too long']],
  );
  assert.deepEqual([...(await of('sessions', 'hooks')), await all(), queued()], [1, 0, before + 1, 0]);
});

test('what SQS gives up by itself holds every gate until its letter is written', async () => {
  const { queueArn, url, list, of } = desk();
  const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: queueArn, maxReceiveCount: 1 });
  server.createQueue('receipts', { attributes: { RedrivePolicy } });
  const QueueUrl = url('receipts');
  await client.send(new SendMessageCommand({ QueueUrl, MessageBody: receipt('tags', 'k') }));
  for (let times = 0; times < 2; times++)
    await client.send(new ReceiveMessageCommand({ QueueUrl, VisibilityTimeout: 0 }));
  assert.deepEqual(await of('tags', 'hooks'), [1, 1]);
  const { letters: listed } = await list({ collection: 'tags' });
  assert.deepEqual(
    listed.map(({ key, reason }) => [key, reason]),
    [['k', 'SQS gave it up by itself']],
  );
  assert.deepEqual(await of('tags', 'hooks'), [1, 0]);
});

test('what was sent again and is set aside again counts again, also where Oracle was away', async () => {
  const { setAside, setAsideAway, list, of, ports } = desk();
  const body = receipt('bills', 'k');
  const close = async () => {
    const [letter] = await letters.open({ collection: 'bills' }, 1);
    assert.ok(letter !== undefined && (await ports.close(letter, 'redriven', Date.now())));
  };
  await setAside(body, 'unfit');
  await close();
  assert.deepEqual(await of('bills'), [0]);
  await setAside(body, 'still unfit');
  assert.deepEqual(await of('bills'), [1]);
  await close();
  await setAsideAway(body, 'still unfit');
  await list();
  assert.deepEqual(await of('bills', 'hooks'), [1, 0]);
});

test('a message that no letter can hold whole stays in the queue, and counts once for everybody', async () => {
  const { setAside, list, of, queued } = desk();
  const long = 'x'.repeat(5000);
  await setAside(long, 'no receipt');
  await list();
  assert.deepEqual([await of('hooks', 'shops'), queued()], [[1, 1], 1]);
  // About no document, since none has such a key: it is kept all the same.
  const { ports } = desk();
  const odd = receipt('orders', 'k'.repeat(300));
  await ports.adopt({ body: odd, handle: '', reason: null, sent: 0 });
  assert.equal((await letters.find(letterId(odd, placeIn(odd))))?.collection, null);
});

test('a letter that cannot be written is told for what it is', async () => {
  const { keepAway, warnings } = desk();
  assert.equal(await keepAway(receipt('orders', 'k'), 'unfit'), false);
  assert.equal(await keepAway(receipt('orders', 'k'), 'away', 'waiting', 5), false);
  assert.equal(warnings.length, 2);
  assert.match(
    warnings[0] ?? '',
    /^A dead letter could not be written to Oracle: the queue .* keeps its message/,
  );
  assert.match(warnings[1] ?? '', /^A receipt waits for a store.* delivered again all the same$/);
});
