/** Dead letters in Oracle and in a queue of fauxqs, and how many of them the gates of each collection see. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { ReceiveMessageCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { type FauxqsServer, startFauxqs } from 'fauxqs';
import { LeftOut } from '../../functions/books/left_out.ts';
import { Letters, letterId, type Wanted } from '../../functions/books/letters.ts';
import { letterKeeper, letterPorts, setterAside } from '../../functions/edge/dead_letters.ts';
import { lettersOf } from '../../functions/edge/evidence.ts';
import { bury, placeIn, receiptText } from '../../functions/edge/queue.ts';
import { discard, listLetters, redrive } from '../../functions/operations/dead_letters.ts';
import { CONTROL } from '../../functions/stores/oracle/control_tables.ts';
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
/** Seconds of a patient poll: fauxqs has one server, and takes parts of a second, too. */
const PATIENCE = 0.02;

/** A queue of dead letters of its own; the letters of earlier tests are given up. */
async function desk() {
  for (const letter of await letters.open({}, 100)) await letters.close(letter, 'discarded', 0);
  const name = `dead-${queues++}`;
  const { queueArn } = server.createQueue(name);
  const url = (of: string) => `http://127.0.0.1:${server.port}/000000000000/${of}`;
  const DEAD_LETTERS_QUEUE = url(name);
  const always = { timely: () => true, sweeping: () => true };
  const clock = { ahead: 0 };
  const now = () => Date.now() + clock.ahead;
  const left: string[] = [];
  const ports = letterPorts(
    client,
    { DEAD_LETTERS_QUEUE, RECEIPTS_QUEUE: '' },
    { letters, leftOut: new LeftOut(database.connection) },
    always,
    { leave: async ({ id }) => void left.push(id), isLeftOut: async () => false },
    now,
    PATIENCE,
  );
  const warnings: string[] = [];
  const logger = { warn: (message: string) => void warnings.push(message) };
  const by = (kept: Letters) => letterKeeper({ letters: kept }, logger, Date.now);
  const aside = (kept: Letters) => setterAside(client, DEAD_LETTERS_QUEUE, by(kept));
  return {
    ...{ left, name, ports, clock, warnings, queueArn, url, keep: by(letters), keepAway: by(AWAY) },
    ...{ setAside: aside(letters), setAsideAway: aside(AWAY) },
    bury: (body: string) => bury(client, DEAD_LETTERS_QUEUE, body, 'unfit'),
    redriveAll: (wanted: Wanted) => redrive(wanted, { ...ports, resend: async () => {} }),
    queued: () => server.inspectQueue(name)?.messages.ready.length,
    list: (wanted = {}) => listLetters(wanted, ports),
    /** Dead letters as the gates of the collections count them. */
    of: async (...collections: string[]) => {
      const counts = [];
      for (const each of collections)
        counts.push((await lettersOf({ letters }, each, client, DEAD_LETTERS_QUEUE)).open);
      return counts;
    },
  };
}

const LATER = 600_000;

test('a document counts once for its collection, and for no other, however often receipts of it are set aside', async () => {
  const { setAside, of, queued, list, clock } = await desk();
  for (let times = 0; times < 5; times++) {
    await setAside(receipt('orders', 'k'), 'unfit');
    assert.deepEqual(await of('orders', 'carts'), [1, 0]);
  }
  await setAside(receipt('orders', 'l'), 'unfit');
  await setAside(receipt('carts', 'k'), 'unfit');
  assert.deepEqual([await of('orders', 'carts', 'hooks'), queued()], [[2, 1, 0], 7]);
  await list();
  assert.deepEqual([await of('orders', 'carts', 'hooks'), queued()], [[2, 1, 0], 7]);
  clock.ahead = LATER;
  await list();
  assert.deepEqual([await of('orders', 'carts', 'hooks'), queued()], [[2, 1, 0], 3], 'one message a letter');
  await setAside(receipt('orders', 'k'), 'unfit');
  assert.deepEqual(await of('orders', 'carts', 'hooks'), [2, 1, 0]);
});

test('it counts once however often runs set it aside, and before their letters it holds every gate', async () => {
  const { bury, keep, of } = await desk();
  for (let times = 0; times < 5; times++) {
    const buried = Date.now();
    await bury(receipt('users', 'k'));
    assert.deepEqual((await of('hooks'))[0], 1);
    await keep(receipt('users', 'k'), 'unfit', { buried });
    assert.deepEqual(await of('users', 'hooks'), [1, 0]);
  }
});

test('what is set aside while Oracle is away holds every gate until its letter is written', async () => {
  const { setAside, setAsideAway, list, of, queued, clock } = await desk();
  await setAside(receipt('carts', 'k'), 'unfit');
  await setAsideAway(receipt('sessions', 'k'), 'the number is too long');
  // The letter of another document explains its own message, and no other.
  assert.deepEqual(await of('sessions', 'hooks'), [1, 1]);
  const { groups, letters: listed } = await list({ collection: 'sessions' });
  assert.deepEqual(
    groups.map(({ cause, count }) => [cause, count]),
    [['the number is too long', 1]],
  );
  assert.deepEqual(
    listed.map(({ key, reason }) => [key, reason]),
    [['k', 'the number is too long']],
  );
  assert.deepEqual(await of('sessions', 'hooks'), [2, 1], 'the worker may still be about to count it');
  clock.ahead = LATER;
  await list();
  assert.deepEqual([...(await of('sessions', 'hooks')), queued()], [1, 0, 2]);
});

test('what SQS gives up by itself holds every gate until its letter is written', async () => {
  const { queueArn, url, list, of, queued } = await desk();
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
  assert.deepEqual([...(await of('tags', 'hooks')), queued()], [1, 0, 1]);
});

test('what was sent again and is set aside again counts again, also where Oracle was away', async () => {
  const { setAside, setAsideAway, list, redriveAll, of, queued, clock } = await desk();
  const body = receipt('bills', 'k');
  await setAside(body, 'unfit');
  await redriveAll({ collection: 'bills' });
  assert.deepEqual([await of('bills', 'hooks'), queued()], [[0, 0], 0]);
  await setAside(body, 'still unfit');
  assert.deepEqual(await of('bills', 'hooks'), [1, 0]);
  await redriveAll({ collection: 'bills' });
  await setAsideAway(body, 'still unfit');
  await list();
  clock.ahead = LATER;
  await list();
  assert.deepEqual([await of('bills', 'hooks'), queued()], [[1, 0], 1]);
});

test('a message that no letter can hold whole counts once for everybody', async () => {
  const { setAside, list, of, queued } = await desk();
  const long = 'x'.repeat(5000);
  await setAside(long, 'no receipt');
  await list();
  assert.deepEqual([await of('hooks', 'shops'), queued()], [[1, 1], 1]);
  // About no document, since none has such a key: it is kept all the same.
  const { ports } = await desk();
  const odd = receipt('orders', 'k'.repeat(300));
  await ports.adopt({ id: '', body: odd, handle: '', reason: null, sent: 0 }, true);
  assert.equal((await letters.find(letterId(odd, placeIn(odd))))?.collection, null);
});

test('letters that are written or given up while messages are counted hide no message', async () => {
  const { url, name } = await desk();
  const QueueUrl = url(name);
  await client.send(new SendMessageCommand({ QueueUrl, MessageBody: 'nothing' }));
  const counts = [{ queued: 0 }, { queued: 1 }];
  /** 1 The letters are counted. 2 A document is set aside. 3 The messages are counted. 4 The letters are. Or the other way round. */
  const seen = async (order: typeof counts) => {
    const stub = { count: async () => ({ open: 0, waiting: 0, since: null, ...order.shift() }) };
    return lettersOf({ letters: stub as unknown as Letters }, 'hooks', client, QueueUrl);
  };
  assert.equal((await seen([...counts])).unread, 1);
  assert.equal((await seen([...counts].reverse())).unread, 1);
  // A stub that knows nothing of messages.
  assert.equal((await seen([])).open, 1);
});

test('a letter that cannot be written is told for what it is', async () => {
  const { keepAway, warnings } = await desk();
  await keepAway(receipt('orders', 'k'), 'unfit', { buried: Date.now() });
  await keepAway(receipt('orders', 'k'), 'away', { waits: 5 });
  assert.equal(warnings.length, 2);
  assert.match(
    warnings[0] ?? '',
    /^A dead letter could not be written to Oracle: the queue .* keeps its message/,
  );
  assert.match(warnings[1] ?? '', /^A receipt waits for a store.* delivered again all the same$/);
});

test('a worker that writes a letter late leaves its message to a sweep, which may have counted it', async () => {
  const { bury, keep, of, list, clock } = await desk();
  await bury(receipt('late', 'k'));
  clock.ahead = LATER;
  await list();
  await keep(receipt('late', 'k'), 'unfit', { buried: Date.now() - LATER });
  assert.deepEqual(await of('late', 'hooks'), [1, 0]);
  const [letter] = await letters.open({ collection: 'late' }, 1);
  assert.equal(letter?.queued, 1);
});

test('a letter that is discarded keeps in which state its document is left out; one that is redriven does not', async () => {
  const { setAside, ports, redriveAll, left } = await desk();
  await setAside(receipt('orders', 'out'), 'unfit');
  await setAside(receipt('orders', 'again'), 'unfit');
  await discard({ key: 'out' }, ports);
  await redriveAll({ key: 'again' });
  assert.deepEqual(left, [letterId('', { collection: 'orders', key: 'out' })]);
});

test('who has written what was set aside is kept with its letter, by its worker and by a sweep; a run that sets it aside again takes nothing away', async () => {
  const { setAside, setAsideAway, ports, list, clock, keep } = await desk();
  await setAside(receipt('orders', 'mine'), 'unfit', 'shop~1');
  await setAsideAway(receipt('orders', 'swept'), 'unfit', 'shop~2');
  await setAside(receipt('orders', 'nobody'), 'unfit');
  clock.ahead = LATER;
  await keep(receipt('orders', 'mine'), 'unfit, says a backfill', { buried: Date.now() });
  const { callers, letters: listed } = await list({ collection: 'orders' });
  assert.deepEqual(callers?.map(({ caller }) => caller).sort(), ['shop~1', 'shop~2']);
  assert.deepEqual(listed.map(({ key, caller }) => [key, caller]).sort(), [
    ['mine', 'shop~1'],
    ['nobody', null],
    ['swept', 'shop~2'],
  ]);
  for (const some of [{ caller: 'shop~2' }, { prefix: 'no' }])
    assert.equal((await discard({ collection: 'orders', ...some }, ports)).done, 1);
  assert.deepEqual(
    (await list()).letters.map(({ key }) => key),
    ['mine'],
  );
});
