import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { LeftOut } from '../../functions/books/left_out.ts';
import { Letters, letterId, type Wanted } from '../../functions/books/letters.ts';
import type { Letter } from '../../functions/records/letter.ts';
import type { OracleConnection } from '../../functions/stores/oracle/connection.ts';
import { CONTROL } from '../../functions/stores/oracle/control_tables.ts';
import { upgrade } from '../../functions/stores/oracle/upgrade.ts';
import { type TestDatabase, testDatabase } from '../stores/oracle/database.ts';

let database: TestDatabase;
let letters: Letters;
before(async () => {
  database = await testDatabase();
  const before = { ...CONTROL, steps: CONTROL.steps.slice(0, 1) };
  await upgrade(database.connection, [before], null, () => {});
  await execute(insertBefore('old'));
  await upgrade(database.connection, [CONTROL], null, () => {});
  await execute(insertBefore('new'));
  // An upgrade that has died before it was recorded is done again.
  await execute("UPDATE CROSSFADE_SCHEMA SET version = 1 WHERE subject = 'CROSSFADE'");
  await upgrade(database.connection, [CONTROL], null, () => {});
  letters = new Letters(database.connection);
});
after(() => database.stop());

const execute = (statement: string) =>
  database.connection.use(
    { store: 'oracle', operation: 'note', collection: 'CROSSFADE_LETTERS', key: null },
    true,
    (session) => session.execute(statement, {}, { autoCommit: true }),
  );
/** As functions of the version before write a letter. */
const insertBefore = (key: string) =>
  'INSERT INTO CROSSFADE_LETTERS (letter_id, collection, doc_key, body, whole, reason, cause, state, times, first_seen, last_seen) ' +
  `VALUES ('${key}', 'queues', '${key}', 'b', 1, 'unfit', 'unfit', 'discarded', 1, 5, 5)`;

const place = (key: string, collection = 'orders') => ({ collection, key });

test('of each collection is known how many are open and wait, and since when the oldest does', async () => {
  await letters.keep('a', 'away', place('a'), 500, { state: 'waiting', since: 100 });
  await letters.keep('b', 'away', place('b'), 600, { state: 'waiting', since: 300 });
  await letters.keep('c', 'unfit', place('c'), 700);
  await letters.keep('d', 'unfit', place('d', 'carts'), 700);
  await letters.keep('nonsense', 'no receipt', null, 800);
  const counted = { open: 2, waiting: 2, since: 100, ofNobody: 1, queued: 0, queuing: 0 };
  assert.deepEqual(await letters.count('orders', 1000), counted);
  assert.deepEqual(await letters.count('carts', 1000), { ...counted, waiting: 0, since: null });
});

test('the first of those that wait for one document counts, until one of them is settled', async () => {
  const keep = (now: number, since: number) =>
    letters.keep('a', 'away', place('a'), now, { state: 'waiting', since });
  await keep(900, 850);
  assert.equal((await letters.count('orders', 1000)).since, 100);
  await letters.settled([letterId('a', place('a'))], 950);
  assert.equal((await letters.count('orders', 1000)).since, 300);
  await keep(1000, 990);
  await letters.settled([letterId('b', place('b'))], 1000);
  assert.equal((await letters.count('orders', 1000)).since, 990);
  const [kept] = await letters.ofKey('orders', 'a');
  assert.deepEqual([kept?.times, kept?.firstSeen, kept?.lastSeen], [3, 990, 1000]);
});

test('a letter is closed as it was read: one that was kept again since stays open', async () => {
  const keep = (now: number) => letters.keep('e', 'unfit', place('e'), now);
  const read = async () => (await letters.open({ key: 'e' }, 1))[0] as Letter;
  await keep(100);
  const first = await read();
  await keep(200);
  assert.equal(await letters.close(first, 'redriven', 300), false);
  const second = await read();
  assert.equal(await letters.close(second, 'redriven', 300), true);
  assert.equal(await letters.close(second, 'discarded', 300), false);
  const [closed] = await letters.ofKey('orders', 'e');
  assert.deepEqual([closed?.state, closed?.times, closed?.lastSeen], ['redriven', 2, 300]);
});

test('a worker that is overtaken by another with the same letter keeps it as well', async () => {
  const done: string[] = [];
  const answers = [
    { rowsAffected: 0 },
    Object.assign(new Error('ORA-00001'), { errorNum: 1 }),
    { rowsAffected: 1 },
  ];
  const session = {
    execute: async (text: string) => {
      done.push(text.split(' ')[0] ?? '');
      const answer = answers.shift();
      if (answer instanceof Error) throw answer;
      return answer;
    },
    commit: async () => done.push('COMMIT'),
  };
  // 1 There is no such letter. 2 Another worker inserts it. 3 This one cannot.
  const overtaken = {
    use: (_target: unknown, _mutation: boolean, act: (on: typeof session) => unknown) => act(session),
  };
  await new Letters(overtaken as unknown as OracleConnection).keep('f', 'unfit', place('f'), 100);
  assert.deepEqual(done, ['UPDATE', 'INSERT', 'UPDATE', 'COMMIT']);
});

test('a message that is too long is kept in part, and counts as such', async () => {
  const body = 'x'.repeat(5000);
  assert.deepEqual(await letters.keep(body, 'no receipt', null, 100), {
    id: letterId(body, null),
    whole: false,
  });
  assert.equal((await letters.count('orders', 1000)).ofNobody, 2);
});

const DAY = 24 * 3_600_000;
/** What a letter counts, and all of them together, at a time. */
async function counted(key: string, now: number) {
  const [letter] = await letters.ofKey('queues', key);
  const { queued, queuing } = await letters.count('queues', now);
  return [letter?.state, letter?.queued, letter?.queuedSince, queued, queuing];
}

test('a letter counts its messages in the queue, until it is closed or SQS has forgotten the oldest', async () => {
  const start = 100 * DAY;
  const keep = (now: number, queued: number | null = now) =>
    letters.keep('q', 'unfit', place('q', 'queues'), now, { queued });
  await keep(start);
  await keep(start + 2);
  await keep(start + 1);
  await keep(start + 3, null);
  assert.deepEqual(await counted('q', start + 4), ['open', 3, start, 3, 1]);
  assert.deepEqual((await counted('q', start + 14 * DAY)).slice(3), [0, 0]);
  // The first is gone, so what it counted before is not certain.
  await keep(start + 14 * DAY);
  assert.deepEqual(await counted('q', start + 14 * DAY), ['open', 1, start + 14 * DAY, 1, 1]);
  const [open] = (await letters.open({ key: 'q' }, 1)) as [Letter];
  assert.equal(await letters.close({ ...open, queued: 0 }, 'redriven', start + 14 * DAY), false);
  assert.equal(await letters.close(open, 'redriven', start + 14 * DAY), true);
  assert.deepEqual(await counted('q', start + 14 * DAY), ['redriven', 0, 0, 0, 0]);
  assert.equal(await letters.recount(open.id, 0, start + 15 * DAY, start + 15 * DAY), false);
  await keep(start + 15 * DAY, null);
  assert.deepEqual(await counted('q', start + 15 * DAY), ['open', 0, 0, 0, 0]);
  await letters.recount(open.id, 0, start + 15 * DAY, start + 15 * DAY);
  assert.deepEqual(await counted('q', start + 15 * DAY), ['open', 1, start + 15 * DAY, 1, 1]);
});

test('a letter is recounted by how many messages are gone, and counts the one that stays', async () => {
  const start = 200 * DAY;
  for (let at = 1; at <= 5; at++)
    await letters.keep('r', 'unfit', place('r', 'queues'), start + at, { queued: start + at });
  const id = letterId('r', place('r', 'queues'));
  const read = async () => (await counted('r', start + DAY)).slice(0, 3);
  assert.equal(await letters.recount(id, 2, start + 5, start + DAY), true);
  assert.deepEqual(await read(), ['open', 3, start + 1]);
  await letters.recount(id, 7, start + 5, start + DAY);
  assert.deepEqual(await read(), ['open', 1, start + 5]);
  await letters.recount(id, 0, start + 16 * DAY, start + 20 * DAY);
  assert.deepEqual(await read(), ['open', 1, start + 16 * DAY]);
});

test('an open letter stays open while another receipt of its document waits, and is settled', async () => {
  const at = 300 * DAY;
  await letters.keep('w', 'unfit', place('w', 'queues'), at, { queued: at });
  const [open] = (await letters.open({ key: 'w' }, 1)) as [Letter];
  await letters.keep('w', 'away', place('w', 'queues'), at + 2, { state: 'waiting', since: at - 1 });
  await letters.settled([open.id], at + 3);
  const [kept] = await letters.ofKey('queues', 'w');
  assert.deepEqual(kept, { ...open, times: 2, firstSeen: at - 1 });
});

test('letters of the version before count no messages, also those that its functions write after the upgrade', async () => {
  for (const key of ['old', 'new'])
    assert.deepEqual((await counted(key, 400 * DAY)).slice(0, 3), ['discarded', 0, 0]);
});

test('causes are those of the letters that are wanted, and count documents', async () => {
  const keep = (collection: string, key: string, reason: string) =>
    letters.keep(`${collection} ${key}`, reason, place(key, collection), 100);
  for (const key of ['a', 'b', 'a']) await keep('users', key, 'no number');
  await keep('users', 'c', 'too long');
  await keep('sessions', 'd', 'no number');
  const counts = async (wanted: Wanted) =>
    (await letters.groups(wanted)).map(({ cause, count }) => [cause, count]);
  assert.deepEqual(await counts({ collection: 'users' }), [
    ['no number', 2],
    ['too long', 1],
  ]);
  assert.deepEqual(await counts({ collection: 'sessions' }), [['no number', 1]]);
  assert.deepEqual(await counts({ collection: 'users', cause: 'too long' }), [['too long', 1]]);
  assert.deepEqual(await counts({ collection: 'sessions', key: 'a' }), []);
  assert.deepEqual(
    [await letters.countOpen({ collection: 'users' }), await letters.countOpen({ cause: 'no number' })],
    [3, 3],
  );
});

test('letters that wait and were not noted for long are found, until a receipt was sent anew or settled', async () => {
  const idOf = (key: string) => letterId(key, place(key, 'late'));
  for (const [n, key] of ['x', 'y', 'z'].entries())
    await letters.keep(key, 'away', place(key, 'late'), 10 + n, { state: 'waiting', since: 1 });
  await letters.keep('open', 'unfit', place('open', 'late'), 10);
  const overdue = async () =>
    (await letters.overdue(12, 10)).flatMap(({ collection, key }) => (collection === 'late' ? [key] : []));
  assert.deepEqual(await overdue(), ['x', 'y']);
  await letters.renewed(idOf('x'), 20);
  assert.deepEqual(await overdue(), ['y']);
  await letters.settled([idOf('y')], 11);
  // What is settled waits no more.
  await letters.renewed(idOf('y'), 5);
  assert.deepEqual(await overdue(), []);
  assert.deepEqual((await letters.find(idOf('y')))?.lastSeen, 11);
});

test('what Oracle can never take is told apart from letters with other reasons', async () => {
  const oracle = 'oracle write in O, key "k": a text is longer';
  const large = 'run, shard 3: a body of 9 bytes is above what can be moved, 8';
  const never = [oracle, `run, shard 3: ${oracle}`, large];
  const all = [...never, 'run, shard 3: its worker died', `After 5 attempts: ${oracle}`];
  for (const reason of all) await letters.keep('b', reason, place(reason, 'apart'), 5);
  const found = await letters.open({ collection: 'apart', unstorable: true }, 100);
  assert.deepEqual(new Set(found.map(({ key }) => key)), new Set(never));
});

test('a choice holds until it is undone, is made once, and is of one collection', async () => {
  const leftOut = new LeftOut(database.connection);
  const choice = { of: 'prefix', subject: 'test::%_' } as const;
  const made = (holds: boolean, now: number) => leftOut.choose('orders', choice, holds, now);
  assert.equal(await made(false, 1), false);
  assert.equal(await made(true, 2), true);
  assert.equal(await made(true, 3), false);
  assert.deepEqual(await leftOut.choices('orders'), [{ ...choice, at: 2 }]);
  assert.deepEqual(await leftOut.choices('carts'), []);
  assert.equal(await made(false, 4), true);
  assert.deepEqual(await leftOut.choices('orders'), []);
  assert.equal(await made(true, 5), true);
  assert.deepEqual(await leftOut.choices('orders'), [{ ...choice, at: 5 }]);
});

test('a document that a choice leaves out has a closed letter that counts for no gate, and never closes an open one', async () => {
  const leftOut = new LeftOut(database.connection);
  const at = place('left', 'parcels');
  const id = letterId('', at);
  const leave = (caller: string | null, state: string) =>
    leftOut.leave({ body: 'left', reason: 'no number', place: at }, { state, caller, now: 9 });
  assert.equal(await leave('shop~1', 's1'), true);
  assert.deepEqual([await leftOut.state(id), await leftOut.caller(id)], ['s1', 'shop~1']);
  assert.equal((await letters.count('parcels', 10)).open, (await letters.count('none', 10)).open);
  assert.equal(await leave(null, 's2'), true);
  assert.deepEqual([await leftOut.state(id), await leftOut.caller(id)], ['s2', 'shop~1']);
  await letters.keep('left', 'no number', at, 11);
  assert.equal(await leave('shop~1', 's3'), false);
  assert.equal((await letters.find(id))?.state, 'open');
});
