/**
 * How tables that are there differ from what the steps of the schema make. Somebody else may have created them, to choose tablespaces, LOB storage
 * or partitions; wider columns, more columns, more constraints and other names of constraints are theirs to choose. What our statements
 * cannot work with, or would go wrong without, is told by its name, with the statement that mends it.
 */
import type { ColumnType, DescribedColumn, DescribedKey, DescribedTable } from './described.ts';

export interface FoundColumn extends ColumnType {
  readonly name: string;
  readonly nullable: boolean;
  readonly hasDefault: boolean;
}

export interface FoundConstraint {
  readonly name: string;
  /** As USER_CONSTRAINTS has it: P, U, C and others. */
  readonly kind: string;
  /** Null where it is not known. */
  readonly condition: string | null;
  /** In their order; of a check in none. */
  readonly columns: readonly string[];
}

export interface FoundTable {
  readonly columns: readonly FoundColumn[];
  /** Those that are enabled. */
  readonly constraints: readonly FoundConstraint[];
}

/** @param versions how many steps of each subject the database has been through. @returns one sentence each. */
export function differencesOf(
  table: DescribedTable,
  found: FoundTable,
  versions: ReadonlyMap<string, number>,
): string[] {
  const known = new Map(found.columns.map((column) => [column.name, column]));
  const wanted = new Set(table.columns.map(({ name }) => name));
  const isDone = ({ subject, version }: { subject: string; version: number }) =>
    (versions.get(subject) ?? 0) >= version;
  const isTo = (column: DescribedColumn) =>
    column.version !== table.version || column.subject !== table.subject
      ? // A table that somebody else has created has to have it at once.
        isDone(column) || (column.isCreated === true && !isDone(table))
      : true;
  return [
    ...table.columns.flatMap((column) => {
      const there = known.get(column.name);
      if (there !== undefined) return ofColumn(table.name, column, there);
      return isTo(column)
        ? [
            `${table.name} has no column ${column.name}: ALTER TABLE ${table.name} ADD (${column.name} ${column.text})`,
          ]
        : [];
    }),
    ...found.columns
      .filter(({ name, nullable, hasDefault }) => !wanted.has(name) && !nullable && !hasDefault)
      .map(
        ({ name }) =>
          `${table.name}.${name} is none of Crossfade’s columns, and must have a value: ALTER TABLE ${table.name} MODIFY (${name} NULL)`,
      ),
    ...table.keys.filter((key) => !hasKey(found, key)).map((key) => ofKey(table.name, key)),
    ...table.checks
      .filter((check) => !hasCheck(found, check))
      .map(
        ({ name, condition }) =>
          `${table.name} has no check ${name}: ALTER TABLE ${table.name} ADD CONSTRAINT ${name} CHECK (${condition})`,
      ),
    ...table.foreignKeys
      .filter(({ columns }) => !hasColumns(found, ['R'], columns))
      .map(
        ({ name, columns, text }) =>
          `${table.name} has no foreign key on (${columns.join(', ')}): ALTER TABLE ${table.name} ADD CONSTRAINT ${name} ${text}`,
      ),
  ];
}

function ofColumn(table: string, column: DescribedColumn, found: FoundColumn): string[] {
  const { name, text, nullable } = column;
  const where = `${table}.${name}`;
  if (found.type !== column.type)
    return [
      `${where} is ${typeText(found)}, and has to be ${text}: no statement changes that in place, so rename the table`,
    ];
  const modify = `ALTER TABLE ${table} MODIFY`;
  return [
    ...(holds(found, column)
      ? []
      : [`${where} is ${typeText(found)}, and has to hold ${text}: ${modify} (${name} ${text})`]),
    ...(found.nullable === nullable
      ? []
      : [
          `${where} ${nullable ? 'must have a value, and has to do without' : 'may be without a value, and must have one'}: ` +
            `${modify} (${name} ${nullable ? 'NULL' : 'NOT NULL'})`,
        ]),
  ];
}

/** Bytes of a character in AL32UTF8, and of a VARCHAR2. */
const [LONGEST_CHARACTER, LONGEST_TEXT] = [4, 4000];

function holds(found: ColumnType, { type, bytes, characters = null, precision, scale }: ColumnType): boolean {
  if (characters !== null) return charactersIn(found) >= characters;
  if (bytes !== null) return (found.bytes ?? 0) >= bytes;
  if (type.startsWith('TIMESTAMP')) return (found.scale ?? 0) >= (scale ?? 0);
  if (found.type !== 'NUMBER' || (found.precision === null && found.scale === null)) return true;
  if (precision === null || scale === null) return false;
  // Oracle keeps no precision for INTEGER: 38 digits.
  const [digits, places] = [found.precision ?? 38, found.scale ?? 0];
  return digits - places >= precision - scale && places >= scale;
}

/** That fit for certain. */
function charactersIn({ bytes, characters = null }: ColumnType): number {
  if (characters !== null) return characters;
  return (bytes ?? 0) >= LONGEST_TEXT ? LONGEST_TEXT : Math.floor((bytes ?? 0) / LONGEST_CHARACTER);
}

function typeText({ type, bytes, characters = null, precision, scale }: ColumnType): string {
  if (characters !== null) return `${type}(${characters} CHAR)`;
  if (type === 'VARCHAR2') return `VARCHAR2(${bytes} BYTE)`;
  if (type === 'RAW') return `RAW(${bytes})`;
  if (type.startsWith('TIMESTAMP')) return type.replace('TIMESTAMP', `TIMESTAMP(${scale ?? 0})`);
  return type === 'NUMBER' && precision !== null ? `NUMBER(${precision}, ${scale ?? 0})` : type;
}

function hasKey(found: FoundTable, { kind, columns }: DescribedKey): boolean {
  // A primary key is as good as a unique one.
  return hasColumns(found, kind === 'PRIMARY KEY' ? ['P'] : ['P', 'U'], columns);
}

function hasColumns(
  { constraints }: FoundTable,
  kinds: readonly string[],
  columns: readonly string[],
): boolean {
  const wanted = [...columns].sort().join();
  return constraints.some(
    (constraint) => kinds.includes(constraint.kind) && [...constraint.columns].sort().join() === wanted,
  );
}

function ofKey(table: string, { name, kind, columns }: DescribedKey): string {
  const listed = columns.join(', ');
  const kindText = kind === 'PRIMARY KEY' ? 'primary key' : 'unique constraint';
  return (
    `${table} has no ${kindText} on (${listed}) that is enabled, so one key could have two rows: ` +
    `ALTER TABLE ${table} ADD CONSTRAINT ${name} ${kind} (${listed})`
  );
}

/** By its name, or by what it says. `IS JSON` may have more behind it. */
function hasCheck({ constraints }: FoundTable, check: { name: string; condition: string }): boolean {
  const said = plain(check.condition);
  return constraints.some(
    ({ kind, name, condition }) =>
      kind === 'C' && (name === check.name || (condition !== null && plain(condition).startsWith(said))),
  );
}

function plain(condition: string): string {
  return condition.replaceAll('"', '').replace(/\s+/g, ' ').trim().toUpperCase();
}
