/** What the data dictionary tells every user from the start, as in a new 19c. */
import { clock } from './clock.ts';
import { type ViewName, type ViewRow, viewOf } from './known_views.ts';

/** The limits of the profile DEFAULT are those of the Security Guide. */
const PUBLIC: Partial<Readonly<Record<ViewName, readonly ViewRow[]>>> = {
  USER_PASSWORD_LIMITS: limits({
    ...{ FAILED_LOGIN_ATTEMPTS: '10', PASSWORD_LIFE_TIME: '180', PASSWORD_REUSE_TIME: 'UNLIMITED' },
    ...{ PASSWORD_REUSE_MAX: 'UNLIMITED', PASSWORD_LOCK_TIME: '1', PASSWORD_GRACE_TIME: '7' },
  }),
  USER_RESOURCE_LIMITS: limits({ SESSIONS_PER_USER: 'UNLIMITED', IDLE_TIME: 'UNLIMITED' }),
  USER_USERS: [{ TEMPORARY_TABLESPACE: 'TEMP', ACCOUNT_STATUS: 'OPEN' }],
  USER_TS_QUOTAS: [{ TABLESPACE_NAME: 'USERS', BYTES: 65536, MAX_BYTES: -1 }],
  SESSION_PRIVS: [{ PRIVILEGE: 'CREATE SESSION' }, { PRIVILEGE: 'CREATE TABLE' }],
  ALL_TAB_PRIVS: [],
  ALL_COL_PRIVS: [],
};

function limits(of: Readonly<Record<string, string>>): ViewRow[] {
  return Object.entries(of).map(([RESOURCE_NAME, LIMIT]) => ({ RESOURCE_NAME, LIMIT }));
}

/** The columns that V$DATABASE has beside those of its identity, the views for every user, and the clock. */
export const publicViews = (): string =>
  [
    `ALTER TABLE "V$DATABASE" ADD COLUMN IF NOT EXISTS "DATABASE_ROLE" varchar DEFAULT 'PRIMARY'`,
    `ALTER TABLE "V$DATABASE" ADD COLUMN IF NOT EXISTS "PROTECTION_MODE" varchar DEFAULT 'MAXIMUM PERFORMANCE'`,
    `ALTER TABLE "V$DATABASE" ADD COLUMN IF NOT EXISTS "LOG_MODE" varchar DEFAULT 'ARCHIVELOG'`,
    `ALTER TABLE "V$DATABASE" ADD COLUMN IF NOT EXISTS "FLASHBACK_ON" varchar DEFAULT 'NO'`,
    ...Object.entries(PUBLIC).map(([name, rows]) => viewOf(name as ViewName, rows)),
    ...clock(0),
    '',
  ].join(';\n');
