import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { OracleConnection } from '../../../functions/stores/oracle/connection.ts';
import { type Letter, Letters, letterId, type Wanted } from '../../../functions/stores/oracle/letters.ts';
import { CONTROL } from '../../../functions/stores/oracle/schema.ts';
import { upgrade } from '../../../functions/stores/oracle/upgrade.ts';
import { type TestDatabase, testDatabase } from './database.ts';

let database: TestDatabase;
let letters: Letters;
before(async () => {
  database = await testDatabase();
  await upgrade(database.connection, [CONTROL], null, () => {});
  letters = new Letters(database.connection);
});
after(() => database.stop());

const place = (key: string, collection = 'orders') => ({ collection, key });

test('of each collection is known how many are open and wait, and since when the oldest does', async () => {
  await letters.keep('a', 'away', place('a'), 500, 'waiting', 100);
  await letters.keep('b', 'away', place('b'), 600, 'waiting', 300);
  await letters.keep('c', 'unfit', place('c'), 700);
  await letters.keep('d', 'unfit', place('d', 'carts'), 700);
  await letters.keep('nonsense', 'no receipt', null, 800);
  const counted = { open: 2, waiting: 2, since: 100, ofNobody: 1, partial: 0, ofAll: 3 };
  assert.deepEqual(await letters.count('orders'), counted);
  assert.deepEqual(await letters.count('carts'), { ...counted, waiting: 0, since: null });
});

test('the first of those that wait for one document counts, until one of them is settled', async () => {
  const keep = (now: number, since: number) => letters.keep('a', 'away', place('a'), now, 'waiting', since);
  await keep(900, 850);
  assert.equal((await letters.count('orders')).since, 100);
  await letters.settled(letterId('a', place('a')), 950);
  assert.equal((await letters.count('orders')).since, 300);
  await keep(1000, 990);
  await letters.settled(letterId('b', place('b')), 1000);
  assert.equal((await letters.count('orders')).since, 990);
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
  const { ofNobody, partial } = await letters.count('orders');
  assert.deepEqual([ofNobody, partial], [2, 1]);
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
