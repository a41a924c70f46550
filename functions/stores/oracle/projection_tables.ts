/**
 * The tables of projections. CREATE TABLE names all of their columns, so that a DBA who wants other tablespaces, or partitions, has it whole. A column that comes
 * to the settings later is added by a step of its own, and stays empty in rows that are there: what was copied before is not copied again for it.
 */
import { createHash } from 'node:crypto';
import type { ProjectedColumn, Projection } from '../../projection/projection.ts';
import { sourceText } from '../../projection/source_text.ts';
import type { ColumnType } from '../../projection/types/column_type.ts';
import { ddlOf } from '../../projection/types/sql.ts';
import type { Subject } from './schema.ts';

/** Names that a projection takes in the schema, beside that of its table: constraints, and an index for each list of columns. */
export function namesOf(projection: Projection): string[] {
  const { table, foreignKey, indexes } = projection;
  return [
    `${table}_PK`,
    ...(foreignKey ? [`${table}_FK`] : []),
    ...indexes.map((columns) => indexName(table, columns)),
  ];
}

/** Bytes of a name, since 12.2, and of the name of a subject. */
const LONGEST_NAME = 128;

/** @param columns as the settings have them. */
export function indexName(table: string, columns: readonly string[]): string {
  return bounded(`${table}_IX_`, columns.join('_'));
}

/** With a digest in the place of what makes it too long. */
function bounded(first: string, rest: string): string {
  return first.length + rest.length <= LONGEST_NAME ? first + rest : first + digestOf(rest);
}

function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16).toUpperCase();
}

/** @param table of the documents. */
export function projectionSubjects(table: string, projection: Projection): Subject[] {
  const { table: name, columns, indexes } = projection;
  const comments = commentsOf(table, projection);
  return [
    { name, steps: [[createText(table, projection)]], isProjection: true, ...needsOf(columns) },
    ...columns.map((column) => ({
      name: columnSubject(name, column),
      steps: [[`ALTER TABLE ${name} ADD (${columnText(column)})`]],
      within: name,
      ...needsOf([column]),
    })),
    // Where a path changes, its comment is made anew.
    { name: `${name}/comments-${digestOf(comments.join(';'))}`, steps: [comments] },
    ...indexes.map((listed) => ({
      name: bounded(`${name}/`, listed.join('_')),
      steps: [[`CREATE INDEX ${indexName(name, listed)} ON ${name} (${listed.join(', ')}) ONLINE`]],
      speeds: name,
    })),
  ];
}

/** By the name with a point a column is found that was dropped: see `upgrade.ts`. */
function columnSubject(table: string, { name }: ProjectedColumn): string {
  const whole = `${table}.${name}`;
  return whole.length <= LONGEST_NAME ? whole : bounded(`${table}/`, `column-${name}`);
}

function createText(table: string, projection: Projection): string {
  const { table: name, each, columns, identifiedBy, foreignKey } = projection;
  const key = ['doc_key', ...(each === null ? [] : (identifiedBy ?? ['place']))];
  const lines = [
    'doc_key VARCHAR2(250 BYTE) NOT NULL',
    ...(each === null ? [] : ['place NUMBER(9) NOT NULL']),
    ...columns.map((column) =>
      identifiedBy?.includes(column.name) === true ? `${columnText(column)} NOT NULL` : columnText(column),
    ),
    `CONSTRAINT ${name}_PK PRIMARY KEY (${key.join(', ')})`,
    ...(foreignKey ? [`CONSTRAINT ${name}_FK FOREIGN KEY (doc_key) REFERENCES ${table} (doc_key)`] : []),
  ];
  return `CREATE TABLE ${name} (\n${lines.map((line) => `  ${line}`).join(',\n')}\n)`;
}

function columnText({ name, type }: ProjectedColumn): string {
  return `${name} ${ddlOf(type)}`;
}

/** Of the table and each of its columns: where the values come from. */
function commentsOf(table: string, { table: name, each, columns }: Projection): string[] {
  const rows = each === null ? 'a row for each document' : `a row for each element of ${each}`;
  const on = (column: string, comment: string) => `COMMENT ON COLUMN ${name}.${column} IS ${text(comment)}`;
  return [
    `COMMENT ON TABLE ${name} IS ${text(`Written by Crossfade with the documents of ${table}, ${rows}: change the documents, not this`)}`,
    on('DOC_KEY', `the key of the document, as in ${table}`),
    ...(each === null ? [] : [on('PLACE', `the place in ${each}, from 0`)]),
    ...columns.map((column) => on(column.name, sourceText(column.source, each))),
  ];
}

/** Bytes of a comment. */
const LONGEST_COMMENT = 4000;

function text(comment: string): string {
  const cut = Buffer.from(comment)
    .subarray(0, LONGEST_COMMENT)
    .toString('utf8')
    .replace(/\ufffd$/, '');
  return `'${cut.replaceAll("'", "''")}'`;
}

/** Types that came with a later release than the oldest that Crossfade works with. */
function sinceOf(type: ColumnType): number | null {
  if (type.kind === 'boolean' && type.native) return 23;
  return type.kind === 'json' && type.native ? 21 : null;
}

function needsOf(columns: readonly ProjectedColumn[]): Pick<Subject, 'needs'> {
  const all = columns.flatMap(({ name, type }) => {
    const release = sinceOf(type);
    return release === null ? [] : [{ release, what: `${name} ${ddlOf(type)}` }];
  });
  return all.length === 0 ? {} : { needs: all };
}
