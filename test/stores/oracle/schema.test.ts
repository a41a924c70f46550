import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import { CERTIFICATES, SCRATCH_TABLE } from '../../../functions/stores/oracle/certification_tables.ts';
import { CONTROL } from '../../../functions/stores/oracle/control_tables.ts';
import { hasIndex } from '../../../functions/stores/oracle/has_index.ts';
import {
  collectionSubjects,
  grants,
  oneUser,
  plan,
  type Subject,
} from '../../../functions/stores/oracle/schema.ts';
import { OracleStore } from '../../../functions/stores/oracle/store.ts';
import { planned, upgrade } from '../../../functions/stores/oracle/upgrade.ts';
import { document } from '../contract/subject.ts';
import { type TestDatabase, testDatabase } from './database.ts';
import { tablesOfOthers } from './tables_of_others.ts';

let database: TestDatabase;
before(async () => {
  database = await testDatabase();
});
after(() => database.stop());

const anyName = () => `S${randomUUID().replaceAll('-', '').toUpperCase().slice(0, 20)}`;
const plain = (name: string) => ({ name, columns: [], projections: [] });
const subject = (name: string, steps: Subject['steps']): Subject => ({ name, steps });

test('an upgrade does what is missing, once', async () => {
  const name = anyName();
  const first = [`CREATE TABLE ${name} (a NUMBER)`];
  const second = [`ALTER TABLE ${name} ADD (b NUMBER)`, `CREATE INDEX ${name}_B ON ${name} (b)`];
  const told: string[] = [];
  const run = (steps: Subject['steps']) =>
    upgrade(database.connection, [subject(name, steps)], null, (statement) => told.push(statement));
  await run([first]);
  assert.deepEqual(told.splice(0), first);
  await run([first]);
  assert.deepEqual(told.splice(0), []);
  assert.deepEqual(await planned(database.connection, [subject(name, [first, second])], null), [
    { statement: second[0], completes: null },
    { statement: second[1], completes: { subject: name, version: 2 } },
  ]);
  await run([first, second]);
  assert.deepEqual(told, second);
});

test('after a rollback the code of before leaves the newer tables as they are, and goes forward again', async () => {
  const name = anyName();
  const first = [`CREATE TABLE ${name} (a NUMBER)`];
  const second = [`ALTER TABLE ${name} ADD (b NUMBER)`];
  const third = [`ALTER TABLE ${name} ADD (c NUMBER)`];
  const told: string[] = [];
  const run = (steps: Subject['steps']) =>
    upgrade(database.connection, [subject(name, steps)], null, (statement) => told.push(statement));
  assert.deepEqual(await run([first, second]), []);
  told.length = 0;
  assert.deepEqual(await run([first]), [{ subject: name, version: 2, known: 1 }]);
  assert.deepEqual(told, []);
  // Not the second step once more.
  await run([first, second, third]);
  assert.deepEqual(told, third);
});

test('code that does not know a step which breaks it is refused, from the first statement of that step on', async () => {
  const name = anyName();
  const first = [`CREATE TABLE ${name} (a NUMBER, b NUMBER)`];
  const second = [`ALTER TABLE ${name} DROP COLUMN b`];
  const third = [`ALTER TABLE ${name} ADD (c NUMBER)`];
  const run = (steps: Subject['steps'], tell: (statement: string) => void = () => {}) =>
    upgrade(database.connection, [{ name, steps, breaking: [2] }], null, tell);
  await run([first]);
  const cut = () => {
    throw new Error('the deployment was cut off');
  };
  await assert.rejects(run([first, second, third], cut), /cut off/);
  const refused = new RegExp(
    `SCHEMA_TOO_NEW: the tables of ${name} .* code that knows 1 of their steps cannot work with them.* 2`,
  );
  await assert.rejects(run([first]), refused);
  await run([first, second, third]);
  await assert.rejects(run([first]), refused);
  // It knows the step that breaks, and not the one after it.
  assert.deepEqual(await run([first, second]), [{ subject: name, version: 3, known: 2 }]);
});

test('an upgrade that was cut off halfway, or runs twice at once, ends where it should', async () => {
  const name = anyName();
  const steps = [[`CREATE TABLE ${name} (a NUMBER)`, `CREATE INDEX ${name}_A ON ${name} (a)`]];
  await database.connection.use(database.store.target(null, 'test'), true, (session) =>
    session.execute(steps[0]?.[0] as string),
  );
  const run = () => upgrade(database.connection, [subject(name, steps)], null, () => {});
  await Promise.all([run(), run(), run()]);
  assert.deepEqual(await planned(database.connection, [subject(name, steps)], null), []);
});

test('a column that was dropped is added again, and in place of a dropped table no empty one is created', async () => {
  const name = anyName();
  const column = { name: 'TOWN', path: '/town', type: { kind: 'text', bytes: 9 }, nullable: true } as const;
  const subjects = collectionSubjects({ name, columns: [column], projections: [] });
  const execute = (statement: string) =>
    database.connection.use(database.store.target(null, 'test'), true, (session) =>
      session.execute(statement),
    );
  const told: string[] = [];
  const run = () => upgrade(database.connection, subjects, null, (statement) => told.push(statement));
  await run();
  told.length = 0;
  await execute(`ALTER TABLE ${name} DROP COLUMN TOWN`);
  await run();
  assert.deepEqual(told.splice(0), [`ALTER TABLE ${name} ADD (TOWN VARCHAR2(9 BYTE))`]);
  await run();
  assert.deepEqual(told, []);
  await execute(`DROP TABLE ${name}`);
  await assert.rejects(run(), new RegExp(`the table ${name} was created, and it is not there`));
  assert.deepEqual(told, []);
});

test('what a dry run lists is what an upgrade executes, the first one too', async () => {
  const fresh = await testDatabase();
  try {
    const subjects = [CONTROL, ...collectionSubjects(plain(anyName()))];
    const listed = (await planned(fresh.connection, subjects, oneUser('APP'))).map(
      ({ statement }) => statement,
    );
    const told: string[] = [];
    await upgrade(fresh.connection, subjects, oneUser('APP'), (statement) => told.push(statement));
    assert.deepEqual(told, listed);
    const rest = await planned(fresh.connection, subjects, oneUser('APP'));
    assert.deepEqual(
      rest.map(({ statement }) => statement),
      grants(subjects, oneUser('APP')),
    );
  } finally {
    await fresh.stop();
  }
});

test('an index that only makes things faster is left to the owner where the table has many rows', async () => {
  const name = anyName();
  const [store, told, left] = [
    new OracleStore(database.connection, plain(name), Date.now),
    [] as string[],
    [] as string[],
  ];
  const [first, ...rest] = collectionSubjects(plain(name));
  const run = (subjects: readonly Subject[], many?: number) =>
    upgrade(database.connection, subjects, null, (statement) => told.push(statement), {
      leave: (statement) => left.push(statement),
      ...(many !== undefined && { many }),
    });
  // As a version without the index has left it.
  await run([first as Subject]);
  for (const key of ['a', 'b', 'c']) await store.apply(key, { content: document('{}'), version: 1n });
  told.length = 0;
  const statement = `CREATE INDEX ${name}_HANDED_OFF ON ${name} (CASE WHEN handoff IS NOT NULL THEN doc_key END) ONLINE`;
  const all = [first as Subject, ...rest];
  for (const _ of ['a deployment', 'the next one']) {
    await run(all, 3);
    assert.deepEqual([told.splice(0), left.splice(0)], [[], [statement]]);
  }
  await database.connection.use(database.store.target(null, 'test'), true, (session) =>
    session.execute(statement),
  );
  await run(all, 3);
  assert.deepEqual([told, left], [[], []]);
  assert.deepEqual(await planned(database.connection, all, null), []);
});

test('an edition that builds no index online builds it otherwise, where the table has few rows', async (t) => {
  if (database.server === null) return t.skip('a database of your own has one edition');
  const name = anyName();
  const action = { kind: 'error', number: 439, text: 'feature not enabled: Online Index Build' } as const;
  await database.server.fault({ operation: 'execute', statement: ') ONLINE', times: 1, action });
  const subjects = collectionSubjects(plain(name));
  await upgrade(database.connection, subjects, null, () => {});
  assert.equal(await hasIndex(database.connection, name, `${name}_HANDED_OFF`), true);
  assert.deepEqual(await planned(database.connection, subjects, null), []);
});

test('names of 100 characters are told from each other by their last one', async () => {
  const names = ['A', 'B'].map(
    (last) =>
      anyName()
        .padEnd(99, 'X')
        .slice(0, 99)
        .replace(/^.{20}/, 'L'.repeat(20)) + last,
  );
  const stores = names.map((name) => new OracleStore(database.connection, plain(name), Date.now));
  for (const name of names)
    await upgrade(database.connection, collectionSubjects(plain(name)), null, () => {});
  await stores[0]?.apply('k', { content: document('{}'), version: 1n });
  assert.deepEqual(await Promise.all(stores.map(async (store) => (await store.read('k')).version)), [1n, 0n]);
});

test('a database whose character set would mangle keys is refused before anything is made', async (t) => {
  if (database.server === null) return t.skip('a database of your own has the character set that it has');
  const other = await testDatabase();
  const alter = (value: string) =>
    other.connection.use(other.store.target(null, 'test'), true, (session) =>
      session.execute('UPDATE NLS_DATABASE_PARAMETERS SET value = :v', [value], { autoCommit: true }),
    );
  try {
    await alter('WE8MSWIN1252');
    await assert.rejects(
      upgrade(other.connection, [CONTROL], null, () => assert.fail('nothing may be executed')),
      /keeps text as WE8MSWIN1252.*Use one whose character set is AL32UTF8/,
    );
  } finally {
    await other.stop();
  }
});

test('a name that Oracle would not take as it is, or that is ours, is refused', () => {
  for (const name of [
    'orders',
    '1ORDERS',
    'OR DERS',
    'ORDERS;',
    '',
    'A'.repeat(101),
    'CROSSFADE_RUNS',
    'SESSION',
  ])
    assert.throws(() => collectionSubjects(plain(name)), /cannot be a table's name/);
  assert.throws(() => grants([], oneUser('x; DROP')), /cannot be a user's name/);
});

test('the user of the functions is granted no DDL, and no deletion', () => {
  const statements = grants(collectionSubjects(plain('ORDERS')), oneUser('APP'));
  assert.deepEqual(statements, ['GRANT SELECT, INSERT, UPDATE ON ORDERS TO APP']);
  // What certifications have written they take away again, and nothing else.
  assert.deepEqual(grants([CERTIFICATES, ...SCRATCH_TABLE], { work: 'HANDS', control: 'APP' }), [
    'GRANT SELECT, INSERT, UPDATE (slot, changed, working, ended, verdict, about, body) ON CROSSFADE_CERTIFICATES TO APP',
    'GRANT SELECT, INSERT, UPDATE, DELETE ON CROSSFADE_SCRATCH TO APP',
  ]);
});

test('a plan begins where each subject stands', () => {
  const [a, b] = [subject('A', [['a1'], ['a2']]), subject('B', [['b1']])];
  const versions = new Map([['A', 1]]);
  assert.deepEqual(
    plan([a, b], versions).map(({ subject: name, version }) => `${name}${version}`),
    ['A2', 'B1'],
  );
});

tablesOfOthers(() => database);
