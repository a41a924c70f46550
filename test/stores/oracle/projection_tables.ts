/** The tables of projections, as upgrades make and compare them; declared in the test file of the schema, which has a server. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import type { ProjectedColumn, Projection } from '../../../functions/projection/projection.ts';
import type { ColumnType } from '../../../functions/projection/types/column_type.ts';
import { OperatorNeeded } from '../../../functions/stores/failure.ts';
import { OracleConnection } from '../../../functions/stores/oracle/connection.ts';
import { hasIndex } from '../../../functions/stores/oracle/has_index.ts';
import { namesOf, projectionSubjects } from '../../../functions/stores/oracle/projection_tables.ts';
import { collectionSubjects, grants, oneUser } from '../../../functions/stores/oracle/schema.ts';
import { actions, planned, upgrade } from '../../../functions/stores/oracle/upgrade.ts';
import type { TestDatabase } from './database.ts';

const column = (name: string, type: ColumnType, path = name.toLowerCase()): ProjectedColumn => ({
  ...{ name, type, source: { kind: 'element', path } },
  ...{ missing: { kind: 'refuse' }, misfit: { kind: 'refuse' } },
});
const ARTICLE = column('ARTICLE', { kind: 'text', length: 20, unit: 'characters' }, 'what’s.article');
const AT = column('AT', { kind: 'timestamp', zone: true, fraction: 3, formats: ['iso'] });
const PRICE = column('PRICE', { kind: 'number', precision: 12, scale: 2 });

/** Lines of orders, told apart by their article. */
function linesOf(table: string, columns: readonly ProjectedColumn[]): Projection {
  return {
    ...{ table, where: [], each: 'lines', columns, identifiedBy: ['ARTICLE'], foreignKey: true },
    indexes: [['ARTICLE', 'DOC_KEY']],
  };
}
const subjectsOf = (name: string, columns: readonly ProjectedColumn[] = [ARTICLE, AT]) =>
  collectionSubjects({ name, columns: [], projections: [linesOf(`${name}_LINES`, columns)] });

const anyName = () => `P${randomUUID().replaceAll('-', '').toUpperCase().slice(0, 10)}`;
const create = (name: string) => `CREATE TABLE ${name}_LINES (
  doc_key VARCHAR2(250 BYTE) NOT NULL,
  place NUMBER(9) NOT NULL,
  ARTICLE VARCHAR2(20 CHAR) NOT NULL,
  AT TIMESTAMP(3) WITH TIME ZONE,
  CONSTRAINT ${name}_LINES_PK PRIMARY KEY (doc_key, ARTICLE),
  CONSTRAINT ${name}_LINES_FK FOREIGN KEY (doc_key) REFERENCES ${name} (doc_key)
)`;
const created = (name: string) => [
  create(name),
  `COMMENT ON TABLE ${name}_LINES IS 'Written by Crossfade with the documents of ${name}, a row for each element of lines: change the documents, not this'`,
  `COMMENT ON COLUMN ${name}_LINES.DOC_KEY IS 'the key of the document, as in ${name}'`,
  `COMMENT ON COLUMN ${name}_LINES.PLACE IS 'the place in lines, from 0'`,
  `COMMENT ON COLUMN ${name}_LINES.ARTICLE IS 'lines[].what’s.article'`,
  `COMMENT ON COLUMN ${name}_LINES.AT IS 'lines[].at'`,
  `CREATE INDEX ${name}_LINES_IX_ARTICLE_DOC_KEY ON ${name}_LINES (ARTICLE, DOC_KEY) ONLINE`,
];

const execute = ({ connection, store }: TestDatabase, ...statements: readonly string[]) =>
  connection.use(store.target(null, 'test'), true, async (session) => {
    for (const statement of statements) await session.execute(statement, [], { autoCommit: true });
  });

/** What an upgrade executes of the table of the projection, or says instead. */
async function upgraded({ connection }: TestDatabase, subjects: ReturnType<typeof subjectsOf>) {
  const told: string[] = [];
  const refusal = await upgrade(connection, subjects, null, (statement) => told.push(statement)).then(
    () => '',
    (error: unknown) => {
      assert.ok(error instanceof OperatorNeeded, String(error));
      return error.message;
    },
  );
  return { told: told.filter((statement) => statement.includes('_LINES')), refusal };
}

export function projectionTables(running: () => TestDatabase): void {
  made(running);
  named(running);
  foundByOthers(running);
  unknownTypes(running);
}

function made(running: () => TestDatabase): void {
  test('the table of a projection is created whole, once, and a column that comes later is added', async () => {
    const name = anyName();
    assert.deepEqual((await upgraded(running(), subjectsOf(name))).told, created(name));
    assert.deepEqual(
      actions(subjectsOf(name), null, null)
        .filter(({ statement }) => statement.includes('_LINES'))
        .map(({ statement }) => statement),
      created(name),
    );
    assert.equal(
      await hasIndex(running().connection, `${name}_LINES`, `${name}_LINES_IX_ARTICLE_DOC_KEY`),
      true,
    );
    const wider = subjectsOf(name, [ARTICLE, PRICE, AT]);
    const comments = created(name).filter((statement) => statement.startsWith('COMMENT'));
    comments.splice(-1, 0, `COMMENT ON COLUMN ${name}_LINES.PRICE IS 'lines[].price'`);
    const added = [`ALTER TABLE ${name}_LINES ADD (PRICE NUMBER(12, 2))`, ...comments];
    assert.deepEqual(await upgraded(running(), wider), { told: added, refusal: '' });
    assert.deepEqual(await planned(running().connection, wider, null), []);
    await execute(running(), `ALTER TABLE ${name}_LINES DROP COLUMN AT`);
    assert.deepEqual((await upgraded(running(), wider)).told, [
      `ALTER TABLE ${name}_LINES ADD (AT TIMESTAMP(3) WITH TIME ZONE)`,
    ]);
  });
}

function named(running: () => TestDatabase): void {
  test('names stay within what Oracle takes, and apart, however long those of the settings are', () => {
    const long = (last: string) => 'C'.repeat(90) + last;
    const projection = {
      ...linesOf('T'.repeat(100), [column(long('A'), PRICE.type), column(long('B'), PRICE.type)]),
      indexes: [[long('A')], [long('B')], [long('A'), long('B')]],
    };
    const names = [
      ...namesOf(projection),
      ...projectionSubjects('ORDERS', projection).map(({ name }) => name),
    ];
    assert.ok(
      names.every((name) => name.length <= 128),
      names.join('\n'),
    );
    assert.equal(new Set(names).size, names.length);
  });

  test('the functions may delete rows of projections, and of no collection', () => {
    const statements = grants(subjectsOf('ORDERS'), oneUser('APP'));
    assert.deepEqual(statements, [
      'GRANT SELECT, INSERT, UPDATE ON ORDERS TO APP',
      'GRANT SELECT, INSERT, UPDATE, DELETE ON ORDERS_LINES TO APP',
    ]);
  });

  test('in place of a dropped table of a projection none is created before somebody has said so', async () => {
    const name = anyName();
    await upgraded(running(), subjectsOf(name));
    await execute(running(), `DROP TABLE ${name}_LINES`);
    const { told, refusal } = await upgraded(running(), subjectsOf(name));
    assert.deepEqual(told, []);
    const [, anew = ''] = /made anew, without rows: (DELETE .*?), then deploy/.exec(refusal) ?? [];
    await execute(running(), anew);
    assert.deepEqual((await upgraded(running(), subjectsOf(name))).told, created(name));
  });
}

function foundByOthers(running: () => TestDatabase): void {
  test('the table of a projection that a DBA has created, wider and with more, is taken as it is', async () => {
    const [name, subjects] = [anyName(), (named: string) => subjectsOf(named)];
    const [documents] = collectionSubjects({ name, columns: [], projections: [] });
    await upgrade(running().connection, documents === undefined ? [] : [documents], null, () => {});
    const own = create(name)
      .replace('VARCHAR2(20 CHAR)', 'VARCHAR2(80 BYTE)')
      .replace('TIMESTAMP(3)', 'TIMESTAMP(9)')
      .replace('place', 'note CLOB,\n  place');
    await execute(running(), own);
    const { told, refusal } = await upgraded(running(), subjects(name));
    assert.equal(refusal, '');
    assert.deepEqual(told, created(name));
    assert.deepEqual((await upgraded(running(), subjects(name))).told, []);
  });

  test('one that lacks columns or the foreign key, or is too narrow, is told with the statements that mend it', async () => {
    const name = anyName();
    await execute(
      running(),
      `CREATE TABLE ${name}_LINES (doc_key VARCHAR2(250 BYTE) NOT NULL, place NUMBER(9) NOT NULL, ` +
        `ARTICLE VARCHAR2(79 BYTE) NOT NULL, CONSTRAINT ${name}_LINES_PK PRIMARY KEY (doc_key, ARTICLE))`,
    );
    const { told, refusal } = await upgraded(running(), subjectsOf(name));
    assert.deepEqual(told, []);
    const mended = Array.from(
      refusal.matchAll(/: (ALTER TABLE .*?)(?=;|$)/g),
      ([, statement]) => statement ?? '',
    );
    assert.deepEqual(mended, [
      `ALTER TABLE ${name}_LINES MODIFY (ARTICLE VARCHAR2(20 CHAR))`,
      `ALTER TABLE ${name}_LINES ADD (AT TIMESTAMP(3) WITH TIME ZONE)`,
      `ALTER TABLE ${name}_LINES ADD CONSTRAINT ${name}_LINES_FK FOREIGN KEY (doc_key) REFERENCES ${name} (doc_key)`,
    ]);
  });
}

function unknownTypes(running: () => TestDatabase): void {
  test('types that the release does not know are told before anything is executed', async (t) => {
    if (running().server === null) return t.skip('a database of your own has the release that it has');
    const name = anyName();
    const native = subjectsOf(name, [
      ARTICLE,
      column('PAID', { kind: 'boolean', native: true }),
      column('REST', { kind: 'json', native: true }),
    ]);
    const { told, refusal } = await upgraded(running(), native);
    assert.deepEqual(told, []);
    assert.match(
      refusal,
      new RegExp(
        `RELEASE_TOO_OLD: the database is a 19\\S+, .* ${name}_LINES: PAID BOOLEAN, since 23ai; ${name}_LINES: REST JSON, since 21c`,
      ),
    );
    await running().server?.release('23ai');
    try {
      const later = new OracleConnection({
        login: async () => running().credentials,
        size: 1,
        timeout: 10_000,
      });
      await upgrade(later, native, null, () => {});
      assert.deepEqual(await planned(later, native, null), []);
      await later.close();
    } finally {
      await running().server?.release('19c');
    }
  });
}
