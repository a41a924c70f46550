/**
 * Views of Oracle's data dictionary that need a grant. None is there until a test shows it: for a user without the grant, Oracle says that
 * there is none (ORA-00942). Columns are those that are read, with their types (Database Reference, 19c).
 */
import type { EngineSession } from './engine.ts';
import type { Release } from './releases.ts';

const VIEWS = {
  V$RECOVERY_FILE_DEST: { SPACE_LIMIT: 'numeric', SPACE_USED: 'numeric', SPACE_RECLAIMABLE: 'numeric' },
  V$ARCHIVE_DEST: { TARGET: 'varchar', STATUS: 'varchar', APPLIED_SCN: 'numeric' },
  /** Of a primary it has no rows. */
  V$DATAGUARD_STATS: { NAME: 'varchar', VALUE: 'varchar' },
  V$UNDOSTAT: { BEGIN_TIME: 'timestamp', UNDOTSN: 'numeric', ACTIVEBLKS: 'numeric' },
  V$TABLESPACE: { 'TS#': 'numeric', NAME: 'varchar' },
  V$RESOURCE_LIMIT: { RESOURCE_NAME: 'varchar', CURRENT_UTILIZATION: 'numeric', LIMIT_VALUE: 'varchar' },
  DBA_DATA_FILES: { TABLESPACE_NAME: 'varchar', BLOCKS: 'numeric', MAXBLOCKS: 'numeric' },
  DBA_TEMP_FILES: { TABLESPACE_NAME: 'varchar', BYTES: 'numeric', MAXBYTES: 'numeric' },
  DBA_TEMP_FREE_SPACE: { TABLESPACE_NAME: 'varchar', TABLESPACE_SIZE: 'numeric', FREE_SPACE: 'numeric' },
  DBA_TABLESPACE_USAGE_METRICS: { TABLESPACE_NAME: 'varchar', USED_PERCENT: 'numeric' },
} as const;

export type ViewName = keyof typeof VIEWS;
/** A row: columns that are left out are NULL. */
export type ViewRow = Readonly<Record<string, string | number>>;

/** @param rows null where the view is to be seen no more. Throws for a view or a column that is not known here. */
export async function setView(
  session: EngineSession,
  name: ViewName,
  rows: readonly ViewRow[] | null,
): Promise<void> {
  const columns: Readonly<Record<string, string>> | undefined = VIEWS[name];
  if (columns === undefined) throw new Error(`There is no view ${name} here, only ${Object.keys(VIEWS)}`);
  await session.run(rows === null ? `DROP VIEW IF EXISTS "${name}"` : defined(name, columns, rows), []);
}

function defined(name: string, columns: Readonly<Record<string, string>>, rows: readonly ViewRow[]): string {
  const unknown = rows.flatMap((row) => Object.keys(row)).find((column) => !(column in columns));
  if (unknown !== undefined) throw new Error(`${name} has no column ${unknown} here`);
  const selected = (row: ViewRow) =>
    Object.entries(columns).map(([column, type]) => `${literal(row[column])}::${type} AS "${column}"`);
  const none = `SELECT ${selected({})} WHERE false`;
  return [
    `CREATE OR REPLACE VIEW "${name}" AS ${none}`,
    ...rows.map((row) => `SELECT ${selected(row)}`),
  ].join(' UNION ALL ');
}

/** The one view of the database's version that every user may read. */
export function versionView({ banner, number }: Release): string {
  const version = `${number >> 24}.${(number >> 16) & 0xff}.0.0.0`;
  return (
    'CREATE OR REPLACE VIEW "PRODUCT_COMPONENT_VERSION" AS ' +
    `SELECT ${literal(banner)}::varchar AS "PRODUCT", ${literal(version)}::varchar AS "VERSION_FULL"`
  );
}

function literal(value: string | number | undefined): string {
  return value === undefined ? 'NULL' : `'${String(value).replaceAll("'", "''")}'`;
}
