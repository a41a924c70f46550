/** Tables that somebody else has created, or changed; declared in the test file of the schema, which has a server. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { OperatorNeeded } from '../../../functions/stores/failure.ts';
import { collectionSubjects } from '../../../functions/stores/oracle/schema.ts';
import { OracleStore } from '../../../functions/stores/oracle/store.ts';
import { planned, upgrade } from '../../../functions/stores/oracle/upgrade.ts';
import { document } from '../contract/subject.ts';
import type { TestDatabase } from './database.ts';
import { projectionTables } from './projection_tables.ts';

const anyName = () => `D${randomUUID().replaceAll('-', '').toUpperCase().slice(0, 20)}`;
const TOTAL = {
  ...{ name: 'TOTAL', path: 'total', nullable: true },
  type: { kind: 'number', precision: 12, scale: 2 },
} as const;

const columns = (name: string, { key = 'VARCHAR2(250 BYTE)', version = 'NUMBER(20)' } = {}) =>
  `doc_key ${key} NOT NULL, version ${version} NOT NULL, handoff NUMBER(20), handback NUMBER(20) NOT NULL, ` +
  `kind VARCHAR2(5 BYTE) NOT NULL, body BLOB, bytes BLOB, expires NUMBER(12), request VARCHAR2(43 BYTE), ` +
  `CONSTRAINT ${name}_JSON CHECK (body IS JSON), CONSTRAINT ${name}_KIND CHECK (kind IN ('json', 'other', 'gone')), ` +
  `CONSTRAINT ${name}_VERSION CHECK (version BETWEEN 1 AND 18446744073709551615)`;

const execute = ({ connection, store }: TestDatabase, statement: string) =>
  connection.use(store.target(null, 'test'), true, (session) => session.execute(statement));

/** What an upgrade of a table executes, or says instead. */
async function upgraded(
  { connection }: TestDatabase,
  name: string,
): Promise<{ told: string[]; refusal: string }> {
  const told: string[] = [];
  const subjects = collectionSubjects({ name, columns: [TOTAL], projections: [] });
  try {
    await upgrade(connection, subjects, null, (statement) => told.push(statement));
    return { told, refusal: '' };
  } catch (error) {
    assert.ok(error instanceof OperatorNeeded, String(error));
    await assert.rejects(planned(connection, subjects, null), OperatorNeeded);
    return { told, refusal: error.message };
  }
}

export function tablesOfOthers(running: () => TestDatabase): void {
  createdByOthers(running);
  changed(running);
  projectionTables(running);
}

function createdByOthers(running: () => TestDatabase): void {
  test('a table that its owner has created like ours, wider or with more, is taken as it is', async () => {
    const name = anyName();
    await execute(
      running(),
      `CREATE TABLE ${name} (${columns(name, { key: 'VARCHAR2(400 BYTE)', version: 'NUMBER' })}, note VARCHAR2(9 BYTE), ` +
        `by_whom NUMBER DEFAULT 0 NOT NULL, CONSTRAINT ${name}_OF_OURS PRIMARY KEY (doc_key))`,
    );
    const { told, refusal } = await upgraded(running(), name);
    assert.equal(refusal, '');
    assert.ok(told.includes(`ALTER TABLE ${name} ADD (TOTAL NUMBER(12, 2))`));
    assert.deepEqual((await upgraded(running(), name)).told, []);
    const store = new OracleStore(
      running().connection,
      { name, columns: [TOTAL], projections: [] },
      Date.now,
    );
    assert.equal(await store.apply('k', { content: document('{"total":1}'), version: 1n }), true);
  });

  test('a table of somebody else is told column by column, and nothing is executed', async () => {
    const name = anyName();
    await execute(
      running(),
      `CREATE TABLE ${name} (id NUMBER(9) NOT NULL, body CLOB, CONSTRAINT ${name}_PK PRIMARY KEY (id))`,
    );
    const { told, refusal } = await upgraded(running(), name);
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
}

function changed(running: () => TestDatabase): void {
  test('other lengths, a missing key and a missing check are told with the statements that mend them', async () => {
    const name = anyName();
    const shorter = columns(name, { key: 'VARCHAR2(60 BYTE)', version: 'NUMBER(10)' }).replace(
      'kind VARCHAR2(5 BYTE) NOT NULL',
      'kind VARCHAR2(5 BYTE)',
    );
    await execute(running(), `CREATE TABLE ${name} (${shorter})`);
    const { told, refusal } = await upgraded(running(), name);
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
    assert.equal((await upgraded(running(), name)).refusal, '');
    await execute(running(), `ALTER TABLE ${name} DROP CONSTRAINT ${name}_PK`);
    await execute(running(), `ALTER TABLE ${name} DROP COLUMN REQUEST`);
    const { told, refusal } = await upgraded(running(), name);
    assert.deepEqual(told, []);
    assert.match(refusal, /has no primary key/);
    assert.match(refusal, /has no column REQUEST/);
    assert.doesNotMatch(refusal, /was there before/);
  });
}
