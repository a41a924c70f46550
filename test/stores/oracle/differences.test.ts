/** Tables that somebody else has created, or changed: on an embedded server, and by what a real dictionary would say of them. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import { OperatorNeeded } from '../../../functions/stores/failure.ts';
import { CONTROL, OWNERS } from '../../../functions/stores/oracle/control_tables.ts';
import { describedTables } from '../../../functions/stores/oracle/described.ts';
import { differencesOf, type FoundTable } from '../../../functions/stores/oracle/differences.ts';
import { collectionSubjects } from '../../../functions/stores/oracle/schema.ts';
import { OracleStore } from '../../../functions/stores/oracle/store.ts';
import { planned, upgrade } from '../../../functions/stores/oracle/upgrade.ts';
import { document } from '../contract/subject.ts';
import { type TestDatabase, testDatabase } from './database.ts';

let database: TestDatabase;
before(async () => {
  database = await testDatabase();
});
after(() => database.stop());

const anyName = () => `D${randomUUID().replaceAll('-', '').toUpperCase().slice(0, 20)}`;
const TOTAL = {
  ...{ name: 'TOTAL', path: 'total', nullable: true },
  type: { kind: 'number', precision: 12, scale: 2 },
} as const;

const execute = (statement: string) =>
  database.connection.use(database.store.target(null, 'test'), true, (session) => session.execute(statement));

/** What an upgrade of a table executes, or says instead. */
async function upgraded(name: string): Promise<{ told: string[]; refusal: string }> {
  const told: string[] = [];
  const subjects = collectionSubjects({ name, columns: [TOTAL] });
  try {
    await upgrade(database.connection, subjects, null, (statement) => told.push(statement));
    return { told, refusal: '' };
  } catch (error) {
    assert.ok(error instanceof OperatorNeeded, String(error));
    await assert.rejects(planned(database.connection, subjects, null), OperatorNeeded);
    return { told, refusal: error.message };
  }
}

const columns = (name: string, { key = 'VARCHAR2(250 BYTE)', version = 'NUMBER(20)' } = {}) =>
  `doc_key ${key} NOT NULL, version ${version} NOT NULL, handoff NUMBER(20), handback NUMBER(20) NOT NULL, ` +
  `kind VARCHAR2(5 BYTE) NOT NULL, body BLOB, bytes BLOB, expires NUMBER(12), request VARCHAR2(43 BYTE), ` +
  `CONSTRAINT ${name}_JSON CHECK (body IS JSON), CONSTRAINT ${name}_KIND CHECK (kind IN ('json', 'other', 'gone')), ` +
  `CONSTRAINT ${name}_VERSION CHECK (version BETWEEN 1 AND 18446744073709551615)`;

test('a table that its owner has created like ours, wider or with more, is taken as it is', async () => {
  const name = anyName();
  await execute(
    `CREATE TABLE ${name} (${columns(name, { key: 'VARCHAR2(400 BYTE)', version: 'NUMBER' })}, note VARCHAR2(9 BYTE), ` +
      `by_whom NUMBER DEFAULT 0 NOT NULL, CONSTRAINT ${name}_OF_OURS PRIMARY KEY (doc_key))`,
  );
  const { told, refusal } = await upgraded(name);
  assert.equal(refusal, '');
  assert.ok(told.includes(`ALTER TABLE ${name} ADD (TOTAL NUMBER(12, 2))`));
  assert.deepEqual((await upgraded(name)).told, []);
  const store = new OracleStore(database.connection, { name, columns: [TOTAL] }, Date.now);
  assert.equal(await store.apply('k', { content: document('{"total":1}'), version: 1n }), true);
});

test('a table of somebody else is told column by column, and nothing is executed', async () => {
  const name = anyName();
  await execute(
    `CREATE TABLE ${name} (id NUMBER(9) NOT NULL, body CLOB, CONSTRAINT ${name}_PK PRIMARY KEY (id))`,
  );
  const { told, refusal } = await upgraded(name);
  assert.deepEqual(told, []);
  assert.match(
    refusal,
    new RegExp(`SCHEMA_DIFFERS: .*${name} was there before Crossfade.*name another table`),
  );
  for (const said of [
    `${name} has no column DOC_KEY: ALTER TABLE ${name} ADD \\(DOC_KEY VARCHAR2\\(250 BYTE\\)`,
    `${name}.BODY is CLOB, and has to be BLOB`,
    `${name}.ID is none of Crossfade’s columns, and must have a value`,
    `${name} has no primary key on \\(DOC_KEY\\).*one key could have two rows`,
    `${name} has no check ${name}_KIND`,
  ])
    assert.match(refusal, new RegExp(said));
  // The column of the configuration is still to come.
  assert.doesNotMatch(refusal, /TOTAL/);
});

test('other lengths, a missing key and a missing check are told with the statements that mend them', async () => {
  const name = anyName();
  const shorter = columns(name, { key: 'VARCHAR2(60 BYTE)', version: 'NUMBER(10)' }).replace(
    'kind VARCHAR2(5 BYTE) NOT NULL',
    'kind VARCHAR2(5 BYTE)',
  );
  await execute(`CREATE TABLE ${name} (${shorter})`);
  const { told, refusal } = await upgraded(name);
  assert.deepEqual(told, []);
  const mended = Array.from(
    refusal.matchAll(/: (ALTER TABLE .*?)(?=;|$)/g),
    ([, statement]) => statement ?? '',
  );
  assert.deepEqual(mended, [
    `ALTER TABLE ${name} MODIFY (DOC_KEY VARCHAR2(250 BYTE))`,
    `ALTER TABLE ${name} MODIFY (VERSION NUMBER(20))`,
    `ALTER TABLE ${name} MODIFY (KIND NOT NULL)`,
    `ALTER TABLE ${name} ADD CONSTRAINT ${name}_PK PRIMARY KEY (DOC_KEY)`,
  ]);
  assert.match(
    refusal,
    new RegExp(`${name}.DOC_KEY is VARCHAR2\\(60 BYTE\\), and has to hold VARCHAR2\\(250 BYTE\\)`),
  );
});

test('a table that was ours is compared as well, its dropped columns and keys', async () => {
  const name = anyName();
  assert.equal((await upgraded(name)).refusal, '');
  await execute(`ALTER TABLE ${name} DROP CONSTRAINT ${name}_PK`);
  await execute(`ALTER TABLE ${name} DROP COLUMN REQUEST`);
  const { told, refusal } = await upgraded(name);
  assert.deepEqual(told, []);
  assert.match(refusal, /has no primary key/);
  assert.match(refusal, /has no column REQUEST/);
  assert.doesNotMatch(refusal, /was there before/);
});

const CONTROLS = describedTables([CONTROL, OWNERS]);
const [ORDERS] = describedTables(collectionSubjects({ name: 'ORDERS', columns: [] }));

/** As Oracle's dictionary would have a table of ours. */
function foundAs(table: (typeof CONTROLS)[number]): FoundTable {
  return {
    columns: table.columns.map(({ name, type, bytes, precision, scale, nullable }) => ({
      ...{ name, type, bytes, precision, scale, nullable, hasDefault: false },
    })),
    constraints: [
      ...table.keys.map(({ name, kind, columns: members }) => ({
        ...{ name, kind: kind === 'PRIMARY KEY' ? 'P' : 'U', condition: null, columns: members },
      })),
      ...table.checks.map(({ condition }, n) => ({
        ...{
          name: `SYS_C${n}`,
          kind: 'C',
          columns: [],
          condition: condition.replace(/^body/, '"BODY"').concat('  '),
        },
      })),
    ],
  };
}

test('every table of ours is described as a whole, and does not differ from itself', () => {
  const created = [CONTROL, OWNERS]
    .flatMap(({ steps }) => steps.flat())
    .filter((text) => /^CREATE TABLE/.test(text));
  assert.equal(CONTROLS.length, created.length);
  for (const table of [...CONTROLS, ORDERS ?? assert.fail()]) {
    assert.ok(table.columns.length >= 2 && table.keys.some(({ kind }) => kind === 'PRIMARY KEY'), table.name);
    const versions = new Map([['CROSSFADE', CONTROL.steps.length]]);
    assert.deepEqual(differencesOf(table, foundAs(table), versions), []);
  }
  assert.deepEqual(
    ORDERS?.checks.map(({ name }) => name),
    ['ORDERS_JSON', 'ORDERS_VERSION', 'ORDERS_KIND'],
  );
});

test('numbers are compared by the digits before and after the point', () => {
  const [column] = describedTables([{ name: 'A', steps: [['CREATE TABLE A (n NUMBER(12, 2))']] }]);
  const differs = (precision: number | null, scale: number | null) =>
    differencesOf(
      column ?? assert.fail(),
      {
        columns: [
          { name: 'N', type: 'NUMBER', bytes: null, precision, scale, nullable: true, hasDefault: false },
        ],
        constraints: [],
      },
      new Map(),
    ).length > 0;
  const cases = [
    [12, 2, false],
    [13, 3, false],
    [20, 2, false],
    [null, null, false],
    [12, 3, true],
    [11, 2, true],
    [38, 0, true],
    // INTEGER.
    [null, 0, true],
  ] as const;
  for (const [precision, scale, expected] of cases)
    assert.equal(differs(precision, scale), expected, `${precision}, ${scale}`);
});
