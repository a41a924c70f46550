/** What the steps of the schema make of each table, read out of their own statements: what a table that is there already is compared with. */
import type { Subject } from './schema.ts';

export interface ColumnType {
  /** As USER_TAB_COLUMNS has it: VARCHAR2, NUMBER, BLOB. */
  readonly type: string;
  /** Of VARCHAR2. */
  readonly bytes: number | null;
  /** Of NUMBER; null where any number fits. */
  readonly precision: number | null;
  readonly scale: number | null;
}

export interface DescribedColumn extends ColumnType {
  readonly name: string;
  readonly nullable: boolean;
  /** As the statement has it. */
  readonly text: string;
  /** The step that makes it. */
  readonly subject: string;
  readonly version: number;
}

export interface DescribedKey {
  readonly name: string;
  readonly kind: 'PRIMARY KEY' | 'UNIQUE';
  readonly columns: readonly string[];
}

export interface DescribedTable {
  readonly name: string;
  /** The subject whose first step creates it. */
  readonly subject: string;
  readonly version: number;
  readonly columns: readonly DescribedColumn[];
  readonly keys: readonly DescribedKey[];
  readonly checks: readonly { readonly name: string; readonly condition: string }[];
}

type Growing = { -readonly [Member in keyof DescribedTable]: DescribedTable[Member] };

const CREATE = /^CREATE TABLE (\S+) \(([\s\S]*)\)$/;
const ADD = /^ALTER TABLE (\S+) ADD \(([\s\S]*)\)$/;
const DROP = /^ALTER TABLE (\S+) DROP COLUMN (\S+)$/;
const KEY = /^CONSTRAINT (\S+) (PRIMARY KEY|UNIQUE) \((.*)\)$/;
const CHECK = /^CONSTRAINT (\S+) CHECK \((.*)\)$/s;
const COLUMN = /^(\w+) ((\w+)(?:\((\d+)(?:, *(\d+))?(?: BYTE)?\))?)(.*)$/s;

export function describedTables(subjects: readonly Subject[]): DescribedTable[] {
  const tables = new Map<string, Growing>();
  for (const { name, steps } of subjects)
    for (const [at, statements] of steps.entries())
      for (const statement of statements) grow(tables, statement, { subject: name, version: at + 1 });
  return [...tables.values()];
}

type Step = Pick<DescribedTable, 'subject' | 'version'>;

function grow(tables: Map<string, Growing>, statement: string, step: Step): void {
  const [, created, body = ''] = CREATE.exec(statement) ?? [];
  if (created !== undefined)
    tables.set(created, { name: created, ...step, columns: [], keys: [], checks: [] });
  const [, altered, added = ''] = ADD.exec(statement) ?? [];
  const table = tables.get(created ?? altered ?? '');
  for (const part of table === undefined ? [] : partsOf(created === undefined ? added : body))
    take(table as Growing, part, step);
  const [, cut = '', dropped = ''] = DROP.exec(statement) ?? [];
  const shorter = tables.get(cut);
  if (shorter !== undefined)
    shorter.columns = shorter.columns.filter(({ name }) => name !== dropped.toUpperCase());
}

function take(table: Growing, part: string, step: Step): void {
  const [, key, kind, columns = ''] = KEY.exec(part) ?? [];
  const [, check, condition = ''] = CHECK.exec(part) ?? [];
  if (key !== undefined)
    table.keys = [
      ...table.keys,
      { name: key, kind: kind as DescribedKey['kind'], columns: columns.toUpperCase().split(/, */) },
    ];
  else if (check !== undefined) table.checks = [...table.checks, { name: check, condition }];
  else table.columns = [...table.columns, columnIn(part, step)];
}

function columnIn(part: string, step: Step): DescribedColumn {
  const [, name = '', text = '', type = '', first, second, rest = ''] = COLUMN.exec(part) ?? [];
  if (name === '') throw new Error(`A step of the schema has a column that cannot be read: ${part}`);
  const isNumber = type === 'NUMBER' && first !== undefined;
  return {
    ...{ name: name.toUpperCase(), type, text, ...step },
    bytes: type === 'VARCHAR2' ? Number(first) : null,
    precision: isNumber ? Number(first) : null,
    scale: isNumber ? Number(second ?? 0) : null,
    nullable: !/\bNOT NULL\b/.test(rest),
  };
}

/** What commas separate, but for those between brackets. */
function partsOf(text: string): string[] {
  return text.split(/,(?![^(]*\))/).map((part) => part.trim());
}
