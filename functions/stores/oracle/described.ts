/** What the steps of the schema make of each table, read out of their own statements: what a table that is there already is compared with. */
import type { Subject } from './schema.ts';

export interface ColumnType {
  /** As USER_TAB_COLUMNS has it: VARCHAR2, NUMBER, BLOB. */
  readonly type: string;
  /** Of VARCHAR2 and RAW. */
  readonly bytes: number | null;
  /** Of VARCHAR2 that counts characters. */
  readonly characters?: number | null;
  /** Of NUMBER; null where any number fits. */
  readonly precision: number | null;
  /** Of TIMESTAMP the digits behind the second. */
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
  /** Whether the table is created with it, and the step adds it where the table was there before the column. */
  readonly isCreated?: boolean;
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
  readonly foreignKeys: readonly {
    readonly name: string;
    readonly columns: readonly string[];
    readonly text: string;
  }[];
}

type Growing = { -readonly [Member in keyof DescribedTable]: DescribedTable[Member] };

const CREATE = /^CREATE TABLE (\S+) \(([\s\S]*)\)$/;
const ADD = /^ALTER TABLE (\S+) ADD \(([\s\S]*)\)$/;
const DROP = /^ALTER TABLE (\S+) DROP COLUMN (\S+)$/;
const KEY = /^CONSTRAINT (\S+) (PRIMARY KEY|UNIQUE) \((.*)\)$/;
const CHECK = /^CONSTRAINT (\S+) CHECK \((.*)\)$/s;
const FOREIGN = /^CONSTRAINT (\S+) (FOREIGN KEY \((.*?)\) REFERENCES .*)$/;
const COLUMN = /^(\w+) ((\w+)(?:\((\d+)(?:, *(-?\d+))?(?: (BYTE|CHAR))?\))?( WITH TIME ZONE)?)(.*)$/s;

export function describedTables(subjects: readonly Subject[]): DescribedTable[] {
  const tables = new Map<string, Growing>();
  for (const { name, steps, within } of subjects)
    for (const [at, statements] of steps.entries())
      for (const statement of statements)
        grow(tables, statement, { subject: name, version: at + 1, isCreated: within !== undefined });
  return [...tables.values()];
}

type Step = Pick<DescribedColumn, 'subject' | 'version'> & { readonly isCreated: boolean };

function grow(tables: Map<string, Growing>, statement: string, step: Step): void {
  const [, created, body = ''] = CREATE.exec(statement) ?? [];
  const { subject, version } = step;
  if (created !== undefined)
    tables.set(created, {
      ...{ name: created, subject, version },
      ...{ columns: [], keys: [], checks: [], foreignKeys: [] },
    });
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
  else if (FOREIGN.test(part)) table.foreignKeys = [...table.foreignKeys, foreignIn(part)];
  else table.columns = placed(table.columns, columnIn(part, step));
}

/** In the place of one of its name that the table is created with: the step that adds it tells since when it is to be there. */
function placed(columns: readonly DescribedColumn[], column: DescribedColumn): DescribedColumn[] {
  const isSame = ({ name }: DescribedColumn) => name === column.name;
  return columns.some(isSame)
    ? columns.map((each) =>
        isSame(each) ? { ...each, subject: column.subject, version: column.version, isCreated: true } : each,
      )
    : [...columns, column];
}

function foreignIn(part: string): DescribedTable['foreignKeys'][number] {
  const [, name = '', text = '', columns = ''] = FOREIGN.exec(part) ?? [];
  return { name, text, columns: columns.toUpperCase().split(/, */) };
}

function columnIn(part: string, { subject, version }: Step): DescribedColumn {
  const [, name = '', text = '', type = '', first, second, unit, zone = '', rest = ''] =
    COLUMN.exec(part) ?? [];
  if (name === '') throw new Error(`A step of the schema has a column that cannot be read: ${part}`);
  const isNumber = type === 'NUMBER' && first !== undefined;
  const length = type === 'VARCHAR2' || type === 'RAW' ? Number(first) : null;
  return {
    ...{ name: name.toUpperCase(), type: `${type}${zone}`, text, subject, version },
    ...(unit === 'CHAR' ? { bytes: null, characters: length } : { bytes: length }),
    precision: isNumber ? Number(first) : null,
    scale: type === 'TIMESTAMP' ? Number(first ?? 6) : isNumber ? Number(second ?? 0) : null,
    nullable: !/\bNOT NULL\b/.test(rest),
  };
}

/** What commas separate, but for those between brackets. */
function partsOf(text: string): string[] {
  return text.split(/,(?![^(]*\))/).map((part) => part.trim());
}
