/**
 * Views of Oracle's data dictionary. Columns are those that are read, with their types (Database Reference, 19c). Those that need a grant are not
 * there until a test shows them: for a user without the grant, Oracle says that there is none (ORA-00942).
 */

export const VIEWS = {
  V$RECOVERY_FILE_DEST: { SPACE_LIMIT: 'numeric', SPACE_USED: 'numeric', SPACE_RECLAIMABLE: 'numeric' },
  V$ARCHIVE_DEST: { TARGET: 'varchar', STATUS: 'varchar', APPLIED_SCN: 'numeric' },
  /** Of a primary it has no rows. */
  V$DATAGUARD_STATS: { NAME: 'varchar', VALUE: 'varchar' },
  V$UNDOSTAT: { BEGIN_TIME: 'timestamp', UNDOTSN: 'numeric', ACTIVEBLKS: 'numeric' },
  V$TABLESPACE: { 'TS#': 'numeric', NAME: 'varchar' },
  V$RESOURCE_LIMIT: { RESOURCE_NAME: 'varchar', CURRENT_UTILIZATION: 'numeric', LIMIT_VALUE: 'varchar' },
  V$PARAMETER: { NAME: 'varchar', VALUE: 'varchar' },
  DBA_TS_QUOTAS: { TABLESPACE_NAME: 'varchar', USERNAME: 'varchar', BYTES: 'numeric', MAX_BYTES: 'numeric' },
  DBA_SYS_PRIVS: { GRANTEE: 'varchar', PRIVILEGE: 'varchar' },
  DBA_DATA_FILES: { TABLESPACE_NAME: 'varchar', BLOCKS: 'numeric', MAXBLOCKS: 'numeric' },
  DBA_TEMP_FILES: { TABLESPACE_NAME: 'varchar', BYTES: 'numeric', MAXBYTES: 'numeric' },
  DBA_TEMP_FREE_SPACE: { TABLESPACE_NAME: 'varchar', TABLESPACE_SIZE: 'numeric', FREE_SPACE: 'numeric' },
  DBA_TABLESPACE_USAGE_METRICS: { TABLESPACE_NAME: 'varchar', USED_PERCENT: 'numeric' },
  PRODUCT_COMPONENT_VERSION: { PRODUCT: 'varchar', VERSION_FULL: 'varchar', VERSION: 'varchar' },
  USER_PASSWORD_LIMITS: { RESOURCE_NAME: 'varchar', LIMIT: 'varchar' },
  USER_RESOURCE_LIMITS: { RESOURCE_NAME: 'varchar', LIMIT: 'varchar' },
  USER_USERS: {
    ...{ TEMPORARY_TABLESPACE: 'varchar', ACCOUNT_STATUS: 'varchar', EXPIRY_DATE: 'timestamp' },
  },
  USER_TS_QUOTAS: { TABLESPACE_NAME: 'varchar', BYTES: 'numeric', MAX_BYTES: 'numeric' },
  SESSION_PRIVS: { PRIVILEGE: 'varchar' },
  ALL_TAB_PRIVS: {
    ...{ GRANTEE: 'varchar', TABLE_SCHEMA: 'varchar', TABLE_NAME: 'varchar', PRIVILEGE: 'varchar' },
  },
  ALL_COL_PRIVS: {
    ...{ GRANTEE: 'varchar', TABLE_SCHEMA: 'varchar', TABLE_NAME: 'varchar' },
    ...{ COLUMN_NAME: 'varchar', PRIVILEGE: 'varchar' },
  },
} as const;

export type ViewName = keyof typeof VIEWS;
/** A row: columns that are left out are NULL. */
export type ViewRow = Readonly<Record<string, string | number>>;

/** The statement that makes a view of these rows. Throws for a view or a column that is not known here. */
export function viewOf(name: ViewName, rows: readonly ViewRow[]): string {
  const columns: Readonly<Record<string, string>> | undefined = VIEWS[name];
  if (columns === undefined) throw new Error(`There is no view ${name} here, only ${Object.keys(VIEWS)}`);
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

function literal(value: string | number | undefined): string {
  return value === undefined ? 'NULL' : `'${String(value).replaceAll("'", "''")}'`;
}
