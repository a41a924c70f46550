/** Tables with projections, documents for them, and looks at their rows. */
import assert from 'node:assert/strict';
import { project } from '../../../functions/projection/project.ts';
import type { Projection } from '../../../functions/projection/projection.ts';
import type { Content } from '../../../functions/protocol/state.ts';
import type { OracleConnection } from '../../../functions/stores/oracle/connection.ts';
import { projectedRowsOf } from '../../../functions/stores/oracle/projected.ts';
import { collectionSubjects } from '../../../functions/stores/oracle/schema.ts';
import { OracleStore } from '../../../functions/stores/oracle/store.ts';
import type { Table } from '../../../functions/stores/oracle/table.ts';
import { upgrade } from '../../../functions/stores/oracle/upgrade.ts';
import { document } from '../contract/subject.ts';
import type { TestDatabase } from './database.ts';

const text = { kind: 'text', length: 20, unit: 'characters' } as const;
const column = (name: string, path: string, type: Projection['columns'][number]['type'] = text) =>
  ({
    ...{ name, type, source: { kind: 'document', path } },
    ...{ missing: { kind: 'null' }, misfit: { kind: 'refuse' } },
  }) as const satisfies Projection['columns'][number];

/** Orders with their lines, and customers, whose note is long: one that MERGE writes, one a row an element, and one that it does not write. */
export function projectionsOf(name: string): readonly Projection[] {
  const plain = { each: null, identifiedBy: null, indexes: [] };
  const typed = (value: string) => [{ kind: 'equals', path: 'type', value } as const];
  const total = { kind: 'number', precision: 12, scale: 2 } as const;
  return [
    {
      ...{ ...plain, table: `${name}_O`, where: typed('order'), foreignKey: true, indexes: [['CUSTOMER']] },
      columns: [column('CUSTOMER', 'customer'), column('TOTAL', 'total', total)],
    },
    {
      ...{ ...plain, table: `${name}_L`, where: typed('order'), each: 'lines', foreignKey: true },
      columns: [{ ...column('ARTICLE', 'article'), source: { kind: 'element', path: 'article' } }],
    },
    {
      ...{ ...plain, table: `${name}_C`, where: typed('customer'), foreignKey: false },
      columns: [column('NAME', 'name'), column('NOTE', 'note', { kind: 'clob' })],
    },
  ];
}

export const order = (total: string, ...articles: string[]) =>
  document(
    JSON.stringify({
      type: 'order',
      customer: 'Zoé',
      total: Number(total),
      lines: articles.map((article) => ({ article })),
    }),
  );
export const customer = (note: string, expiresAt: number | null = null) =>
  document(JSON.stringify({ type: 'customer', name: 'Ann', note }), expiresAt);
export const other = () => document('{"type":"other"}');
export const NONE = { kind: 'none' } as const;

let tables = 0;

export interface World {
  readonly connection: OracleConnection;
  readonly table: Table;
  readonly store: OracleStore;
  /** Whether rows are those of the content, in all tables. */
  exact(key: string, content: Content, why?: string): Promise<void>;
  execute(statement: string): Promise<void>;
}

/** Tables are made once for a database: a test has keys of its own. */
const worlds = new WeakMap<TestDatabase, Promise<World>>();

export function world(database: TestDatabase): Promise<World> {
  const known = worlds.get(database) ?? worldOfItsOwn(database);
  worlds.set(database, known);
  return known;
}

/** For a test that changes them. */
export async function worldOfItsOwn({ connection, table: { name: first } }: TestDatabase): Promise<World> {
  const name = `${first}P${tables++}`;
  const table: Table = { name, columns: [], projections: projectionsOf(name) };
  await upgrade(connection, collectionSubjects(table), null, () => {});
  const store = new OracleStore(connection, table, Date.now);
  return {
    ...{ connection, table, store },
    exact: async (key, content, why = key) => {
      for (const [at, projection] of table.projections.entries()) {
        const found = (await projectedRowsOf(connection, projection, [key])).get(key) ?? [];
        const given = project(table.projections, key, content)[at]?.rows;
        assert.deepEqual(found, given, `${why}: ${projection.table}`);
      }
    },
    execute: async (statement) => {
      await connection.use(store.target(null, 'test'), true, (session) =>
        session.execute(statement, [], { autoCommit: true }),
      );
    },
  };
}
