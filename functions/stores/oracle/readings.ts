/**
 * Reads how hard the database works. Each reading is a statement of its own, so that a right that is missing, or a view that hangs, costs this
 * reading alone. A plain user may read none of these views: each needs a grant.
 *
 * Sources, looked up on 27 November 2026; none of it was tried on a real Oracle. Database Reference 19c and 12.2: V$DATAGUARD_STATS ("No rows are
 * returned when queried on a primary database"), V$ARCHIVE_DEST, V$UNDOSTAT, V$TEMP_SPACE_HEADER, and 11.2: V$RECOVERY_FILE_DEST. Enterprise
 * Manager's own metric of the recovery area counts what is used and not reclaimable (docs.oracle.com, B16240_01). databasejournal.com, "Trouble with
 * Oracle's DBA_TABLESPACE_USAGE_METRICS For The UNDO Tablespace" (2019); joelitechlife.ca, "Monitor Temporary Tablespace Usage" (2021). Scripts of
 * database administrators read the lag from APPLIED_SCN, and note that it is told once a minute.
 */
import type oracledb from 'oracledb';
import { StoreUnavailable, type Target } from '../failure.ts';
import type { Reading, ReadingName, Readings } from '../load.ts';
import type { OracleConnection } from './connection.ts';
import { isNotGranted } from './failure.ts';

type Row = readonly (string | number | null)[];

interface Statement {
  readonly sql: string;
  /** The value of the reading; null where there is no such thing. */
  readonly value: (rows: readonly Row[]) => number | null;
}

const TIME = "'YYYY-MM-DD HH24:MI:SS'";

const STATEMENTS: Readonly<Record<ReadingName, Statement>> = {
  // Without a recovery area it has no row, or a limit of 0. What Oracle can delete by itself when it needs the room counts as free.
  recoveryArea: {
    sql: 'SELECT SPACE_LIMIT, SPACE_USED - SPACE_RECLAIMABLE FROM V$RECOVERY_FILE_DEST',
    value: (rows) => worst(rows.map(([limit, used]) => percent(used, limit))),
  },
  /*
   * V$DATAGUARD_STATS has the lag, but no rows on a primary. There V$ARCHIVE_DEST tells up to which SCN each standby has applied redo. It is
   * told about once a minute, so the value of a standby without any lag goes up to 60 s. A standby that is away is not VALID, and has no lag.
   */
  standbyLag: {
    sql:
      `SELECT TO_CHAR(SYSDATE, ${TIME}), TO_CHAR(SCN_TO_TIMESTAMP(APPLIED_SCN), ${TIME}) FROM V$ARCHIVE_DEST ` +
      "WHERE TARGET = 'STANDBY' AND STATUS = 'VALID' AND APPLIED_SCN > 0",
    value: (rows) => worst(rows.map(([now, applied]) => Math.max(0, seconds(now) - seconds(applied)))),
  },
  /*
   * Active extents alone: those that are committed can be used again, and fill an undo tablespace of a fixed size at all times. DBA_UNDO_EXTENTS
   * tells the same by a walk along all extents. DBA_TABLESPACE_USAGE_METRICS leaves undo tablespaces out in 12.2.
   */
  undo: {
    sql:
      'SELECT u.ACTIVEBLKS, (SELECT SUM(GREATEST(d.BLOCKS, NVL(d.MAXBLOCKS, 0))) FROM DBA_DATA_FILES d WHERE d.TABLESPACE_NAME = t.NAME) ' +
      'FROM V$UNDOSTAT u JOIN V$TABLESPACE t ON t.TS# = u.UNDOTSN ORDER BY u.BEGIN_TIME DESC FETCH FIRST 1 ROWS ONLY',
    value: (rows) => worst(rows.map(([used, limit]) => percent(used, limit))),
  },
  // V$TEMP_SPACE_HEADER tells what was ever in use. A temp file that may grow counts with the size that it may grow to.
  temp: {
    sql:
      'SELECT f.TABLESPACE_SIZE - f.FREE_SPACE, ' +
      '(SELECT SUM(GREATEST(d.BYTES, NVL(d.MAXBYTES, 0))) FROM DBA_TEMP_FILES d WHERE d.TABLESPACE_NAME = f.TABLESPACE_NAME) ' +
      'FROM DBA_TEMP_FREE_SPACE f WHERE f.TABLESPACE_NAME IN (SELECT TEMPORARY_TABLESPACE FROM USER_USERS)',
    value: (rows) => worst(rows.map(([used, limit]) => percent(used, limit))),
  },
  // Of this instance. LIMIT_VALUE is text, with spaces in front, and may be UNLIMITED.
  sessions: {
    sql: "SELECT CURRENT_UTILIZATION, LIMIT_VALUE FROM V$RESOURCE_LIMIT WHERE RESOURCE_NAME IN ('processes', 'sessions')",
    value: (rows) => worst(rows.map(([used, limit]) => percent(used, limit))),
  },
  // Files that may grow count with the size that they may grow to, whether the disk has room for it or not.
  tablespace: {
    sql:
      'SELECT USED_PERCENT FROM DBA_TABLESPACE_USAGE_METRICS WHERE TABLESPACE_NAME IN (' +
      "SELECT TABLESPACE_NAME FROM ALL_TABLES WHERE OWNER = SYS_CONTEXT('USERENV', 'CURRENT_SCHEMA') UNION " +
      "SELECT TABLESPACE_NAME FROM ALL_LOBS WHERE OWNER = SYS_CONTEXT('USERENV', 'CURRENT_SCHEMA'))",
    value: (rows) => worst(rows.map(([used]) => number(used))),
  },
};

/**
 * Reads them one after the other. After one to which the database has not answered the others are left out: the whole takes little more than
 * one call. Never rejects.
 * @param timeout milliseconds for one reading.
 */
export async function readLoad(
  connection: OracleConnection,
  names: readonly ReadingName[],
  timeout: number,
): Promise<Readings> {
  const readings: Partial<Record<ReadingName, Reading>> = {};
  for (const name of names) {
    const reading = await readOne(connection, name, timeout);
    readings[name] = reading;
    if (reading.kind === 'unknown' && (reading.slow || !reading.why.startsWith('ORA'))) break;
  }
  return readings;
}

async function readOne(
  connection: OracleConnection,
  reading: ReadingName,
  timeout: number,
): Promise<Reading> {
  const { sql, value } = STATEMENTS[reading];
  const target: Target = { store: 'oracle', operation: `read ${reading}`, collection: 'V$', key: null };
  try {
    const rows = await connection.use(target, false, async (session: oracledb.Connection) => {
      session.callTimeout = Math.min(session.callTimeout || timeout, timeout);
      return (await session.execute<Row>(sql)).rows ?? [];
    });
    const found = value(rows);
    return found === null ? { kind: 'none' } : { kind: 'value', value: rounded(found) };
  } catch (error) {
    const code = codeIn(error);
    if (reading === 'standbyLag' && code === TOO_OLD) return { kind: 'value', value: FIVE_DAYS };
    if (isNotGranted(code)) return { kind: 'notGranted' };
    const slow = error instanceof StoreUnavailable && (code === null || code === TIMED_OUT);
    return { kind: 'unknown', why: slow ? `no answer in ${timeout} ms` : (code ?? 'an error'), slow };
  }
}

/** Of an SCN that is older than about five days SCN_TO_TIMESTAMP knows no time. */
const [TOO_OLD, FIVE_DAYS] = ['ORA-08181', 5 * 24 * 3600];
/** The driver has broken the call off. */
const TIMED_OUT = 'NJS-123';

/** The code that Oracle or its driver has given, somewhere in the causes. */
export function codeIn(error: unknown): string | null {
  for (let each = error; each instanceof Error; each = each.cause) {
    const found = /^(?:ORA|NJS)-\d+/.exec(each.message);
    if (found !== null) return found[0];
  }
  return null;
}

function worst(values: readonly (number | null)[]): number | null {
  const known = values.filter((each) => each !== null);
  return known.length === 0 ? null : Math.max(...known);
}

/** Null where there is no limit, or none that is a number. */
function percent(used: string | number | null | undefined, limit: string | number | null | undefined) {
  const [part, whole] = [number(used), number(limit)];
  return part === null || whole === null || whole <= 0 ? null : (100 * part) / whole;
}

function number(value: string | number | null | undefined): number | null {
  const text = String(value ?? '').trim();
  return text === '' || !Number.isFinite(Number(text)) ? null : Number(text);
}

/** Both times are of the same clock and zone. */
function seconds(text: string | number | null | undefined): number {
  return Date.parse(`${text}Z`) / 1000;
}

function rounded(value: number): number {
  return Math.round(value * 10) / 10;
}
