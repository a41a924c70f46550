/**
 * Reads what an operator should know of the database and of the login, by the login itself: each fact by a statement of its own, since a right
 * that is missing costs that fact alone. Nothing is changed.
 *
 * Sources, looked up on 27 November 2026; none of it was tried on a real Oracle. Database Reference: PRODUCT_COMPONENT_VERSION (12.1 and 18c),
 * USER_PASSWORD_LIMITS (12.1, 21c, 23ai), USER_RESOURCE_LIMITS (11.2, 26ai), SESSION_PRIVS (12.1, 21c, 23ai), DBA_TS_QUOTAS (12.1, 26ai: MAX_BYTES is -1
 * where there is no limit; USER_TS_QUOTAS has the same columns), V$ARCHIVE_DEST (12.2: of a primary, TARGET STANDBY is remote; STATUS), and in 11.2 alone
 * DBA_USERS (for USER_USERS), ALL_TAB_PRIVS, V$DATABASE (LOG_MODE, PROTECTION_MODE). That V$DATABASE has FLASHBACK_ON, and USERENV a DATABASE_ROLE, was
 * seen in scripts of others, and not in the reference; DBA_SYS_PRIVS in an example. V$PARAMETER and the NLS views were not looked up.
 */
import type oracledb from 'oracledb';
import { Asking } from '../asking.ts';
import type { Encryption } from '../encryption.ts';
import {
  type Account,
  type Database,
  type Fact,
  known,
  type LoginFacts,
  notGranted,
  type OracleFacts,
  type OwnerFacts,
  type Quotas,
  type Tables,
  type Trigger,
  unknown,
} from '../facts.ts';
import { StoreUnavailable, type Target } from '../failure.ts';
import { READINGS } from '../load.ts';
import { latencyOf, skewBy, type Watch } from '../measure.ts';
import { encryptionOf } from './address.ts';
import type { OracleConnection } from './connection.ts';
import { type Ask, neededBy, type Row, rightsIn, type Used } from './examine_rights.ts';
import { isNotGranted } from './failure.ts';
import type { OracleLogin } from './login.ts';
import { codeIn, readLoad } from './readings.ts';

export interface Examined extends Used {
  readonly watch: Watch;
  /** Milliseconds for one question. */
  readonly timeout: number;
  timely(): boolean;
}

export async function examineOracle(
  connection: OracleConnection,
  login: () => Promise<OracleLogin>,
  { watch, timeout, timely, subjects, logins }: Examined,
): Promise<OracleFacts> {
  const asking = new Asking({ timely, missing, isSilence });
  const ask: Ask = (sql) => rowsOf(connection, sql, timeout);
  const fact = <Value>(right: string, question: () => Promise<Fact<Value>>) => asking.fact(right, question);
  const text = (right: string, sql: string) =>
    fact(right, async () => known(String((await ask(sql))[0]?.[0] ?? '')));
  // The order of the members is that of the questions.
  let encryption: Fact<Encryption> = unknown('the secret cannot be read');
  const answers = await asking.answers(async () => {
    encryption = known(encryptionOf(await login()));
    await ask('SELECT 1 FROM DUAL');
  });
  const account = await fact('SELECT ON USER_USERS', () => accountIn(ask));
  return {
    ...{ answers, account, encryption },
    version: await text('SELECT ON PRODUCT_COMPONENT_VERSION', VERSION),
    characterSet: await text('SELECT ON NLS_DATABASE_PARAMETERS', CHARACTER_SET),
    sorting: await fact('SELECT ON NLS_SESSION_PARAMETERS', async () =>
      known((await ask(SORTING)).map(([value]) => String(value))),
    ),
    profile: await fact('SELECT ON USER_PASSWORD_LIMITS', async () =>
      known(Object.fromEntries(await ask(PROFILE))),
    ),
    quotas: await fact('SELECT ON SYS.DBA_TS_QUOTAS, SYS.DBA_SYS_PRIVS', () =>
      quotasIn(ask, isOwner(account)),
    ),
    role: await text('SELECT ON SYS.V_$DATABASE', ROLE),
    database: await fact('SELECT ON SYS.V_$DATABASE', () => databaseIn(ask)),
    standbys: await fact('SELECT ON SYS.V_$ARCHIVE_DEST', async () =>
      known(Number((await ask(STANDBYS))[0]?.[0])),
    ),
    undoRetention: await fact('SELECT ON SYS.V_$PARAMETER', async () =>
      known(Number((await ask(UNDO_RETENTION))[0]?.[0])),
    ),
    tables: await fact('SELECT ON ALL_TABLES', () => tablesIn(ask, { subjects, logins })),
    ...(await rightsIn(fact, ask, account, { subjects, logins })),
    triggers: await fact('SELECT ON ALL_TRIGGERS', () => triggersIn(ask)),
    skew: await fact('nothing', async () => known(await skewBy(watch, async () => timeIn(await ask(TIME))))),
    latency: await fact('nothing', async () =>
      known(await latencyOf(watch, () => ask('SELECT 1 FROM DUAL'))),
    ),
    readings: isAnswering(answers) && timely() ? await readLoad(connection, READINGS, timeout) : {},
  };
}

const VERSION = "SELECT VERSION FROM PRODUCT_COMPONENT_VERSION WHERE PRODUCT LIKE 'Oracle%'";
const CHARACTER_SET = "SELECT VALUE FROM NLS_DATABASE_PARAMETERS WHERE PARAMETER = 'NLS_CHARACTERSET'";
const SORTING = "SELECT VALUE FROM SYS.NLS_SESSION_PARAMETERS WHERE PARAMETER IN ('NLS_SORT', 'NLS_COMP')";
const PROFILE =
  'SELECT RESOURCE_NAME, LIMIT FROM USER_PASSWORD_LIMITS UNION ALL SELECT RESOURCE_NAME, LIMIT FROM USER_RESOURCE_LIMITS';
const ACCOUNT =
  "SELECT SYS_CONTEXT('USERENV', 'SESSION_USER'), SYS_CONTEXT('USERENV', 'CURRENT_SCHEMA'), ACCOUNT_STATUS, " +
  "TO_CHAR(EXPIRY_DATE, 'YYYY-MM-DD') FROM USER_USERS";
/** Told to every user, on a standby too, where V$DATABASE may not be read. */
const ROLE = "SELECT SYS_CONTEXT('USERENV', 'DATABASE_ROLE') FROM DUAL";
const DATABASE = 'SELECT PROTECTION_MODE, LOG_MODE, FLASHBACK_ON FROM V$DATABASE';
const STANDBYS = "SELECT COUNT(*) FROM V$ARCHIVE_DEST WHERE TARGET = 'STANDBY' AND STATUS = 'VALID'";
const UNDO_RETENTION = "SELECT VALUE FROM V$PARAMETER WHERE NAME = 'undo_retention'";
const TIME = "SELECT TO_CHAR(SYS_EXTRACT_UTC(SYSTIMESTAMP), 'YYYY-MM-DD HH24:MI:SS.FF3') FROM DUAL";
const TABLES = "SELECT TABLE_NAME FROM ALL_TABLES WHERE OWNER = SYS_CONTEXT('USERENV', 'CURRENT_SCHEMA')";
/** Not those of a schema or of the database, which are on no table. */
const TRIGGERS =
  'SELECT TABLE_NAME, TRIGGER_NAME, OWNER, STATUS, TRIGGER_TYPE, TRIGGERING_EVENT, WHEN_CLAUSE FROM ALL_TRIGGERS ' +
  "WHERE TABLE_OWNER = SYS_CONTEXT('USERENV', 'CURRENT_SCHEMA') AND TABLE_NAME IS NOT NULL ORDER BY TABLE_NAME, TRIGGER_NAME";
const CREATES = "SELECT COUNT(*) FROM SESSION_PRIVS WHERE PRIVILEGE = 'CREATE TABLE'";
const UNLIMITED = "PRIVILEGE = 'UNLIMITED TABLESPACE'";

function rowsOf(connection: OracleConnection, sql: string, timeout: number): Promise<readonly Row[]> {
  const target: Target = { store: 'oracle', operation: 'examine', collection: 'the dictionary', key: null };
  return connection.use(target, false, async (session: oracledb.Connection) => {
    session.callTimeout = Math.min(session.callTimeout || timeout, timeout);
    return (await session.execute<Row>(sql)).rows ?? [];
  });
}

/** The same for the login that owns the tables, by what every user may read of itself. */
export async function examineOwner(
  connection: OracleConnection,
  login: () => Promise<OracleLogin>,
  { timeout, timely }: Pick<Examined, 'timeout' | 'timely'>,
): Promise<OwnerFacts> {
  const asking = new Asking({ timely, missing, isSilence });
  const ask: Ask = (sql) => rowsOf(connection, sql, timeout);
  let encryption: Fact<Encryption> = unknown('the secret cannot be read');
  const answers = await asking.answers(async () => {
    encryption = known(encryptionOf(await login()));
    await ask('SELECT 1 FROM DUAL');
  });
  return {
    ...{ answers, encryption },
    createsTables: await asking.fact('SELECT ON SESSION_PRIVS', async () =>
      known(Number((await ask(CREATES))[0]?.[0]) > 0),
    ),
    quotas: await asking.fact('SELECT ON USER_TS_QUOTAS', () => quotasIn(ask, true)),
    triggers: await asking.fact('SELECT ON ALL_TRIGGERS', () => triggersIn(ask)),
  };
}

/** The same for a login of the functions, beside the one that all else is looked at with: whether it is accepted, and what it may do. */
export async function examineLogin(
  connection: OracleConnection,
  login: () => Promise<OracleLogin>,
  { timeout, timely, subjects, logins }: Omit<Examined, 'watch'>,
): Promise<LoginFacts> {
  const asking = new Asking({ timely, missing, isSilence });
  const ask: Ask = (sql) => rowsOf(connection, sql, timeout);
  let isRead = false;
  const answers = await asking.answers(async () => {
    await login();
    isRead = true;
    await ask('SELECT 1 FROM DUAL');
  });
  const account = await asking.fact('SELECT ON USER_USERS', () => accountIn(ask));
  const fact = <Value>(right: string, question: () => Promise<Fact<Value>>) => asking.fact(right, question);
  return { answers, isRead, account, ...(await rightsIn(fact, ask, account, { subjects, logins })) };
}

function isAnswering(answers: Fact<string | null>): boolean {
  return answers.kind === 'read' && answers.value === null;
}

async function databaseIn(ask: Ask): Promise<Fact<Database>> {
  const [protection, logMode, flashback] = (await ask(DATABASE))[0] ?? [];
  return known({ protection: `${protection}`, logMode: `${logMode}`, flashback: `${flashback}` });
}

async function accountIn(ask: Ask): Promise<Fact<Account>> {
  const [user, schema, status, expires] = (await ask(ACCOUNT))[0] ?? [];
  return known({
    ...{ user: `${user}`, schema: `${schema}`, status: `${status}` },
    expires: expires === null || expires === undefined ? null : `${expires}`,
  });
}

function isOwner(account: Fact<Account>): boolean {
  return account.kind === 'read' && account.value.user === account.value.schema;
}

/** Of the owner of the tables. What a role grants counts for the session's own user alone. */
async function quotasIn(ask: Ask, owner: boolean): Promise<Fact<Quotas>> {
  const whose = "= SYS_CONTEXT('USERENV', 'CURRENT_SCHEMA')";
  const columns = 'SELECT TABLESPACE_NAME, BYTES, MAX_BYTES FROM';
  const rows = await ask(
    owner ? `${columns} USER_TS_QUOTAS` : `${columns} DBA_TS_QUOTAS WHERE USERNAME ${whose}`,
  );
  const [unlimited] = await ask(
    owner
      ? `SELECT COUNT(*) FROM SESSION_PRIVS WHERE ${UNLIMITED}`
      : `SELECT COUNT(*) FROM DBA_SYS_PRIVS WHERE GRANTEE ${whose} AND ${UNLIMITED}`,
  );
  return known({
    unlimited: Number(unlimited?.[0]) > 0,
    tablespaces: rows.map(([name, used, most]) => ({
      ...{ name: `${name}`, used: Number(used) },
      most: Number(most) < 0 ? null : Number(most),
    })),
  });
}

/** Of those that the user needs: of others it sees nothing. */
async function tablesIn(ask: Ask, used: Used): Promise<Fact<Tables>> {
  const seen = new Set((await ask(TABLES)).map(([name]) => name));
  const wanted = neededBy(used, 'ANYBODY').map(({ table }) => table);
  return known({ wanted: wanted.length, missing: wanted.filter((name) => !seen.has(name)) });
}

async function triggersIn(ask: Ask): Promise<Fact<readonly Trigger[]>> {
  return known(
    (await ask(TRIGGERS)).map(([table, name, owner, status, type, event, when]) => ({
      ...{ table: `${table}`, name: `${name}`, owner: `${owner}`, enabled: status === 'ENABLED' },
      ...{ type: `${type}`, event: `${event}`, when: when === null || when === undefined ? null : `${when}` },
    })),
  );
}

function timeIn(rows: readonly Row[]): number {
  return Date.parse(`${String(rows[0]?.[0]).replace(' ', 'T')}Z`);
}

function missing(error: unknown, right: string): Fact<never> | null {
  return isNotGranted(codeIn(error)) ? notGranted(right) : null;
}

function isSilence(error: unknown): boolean {
  return error instanceof StoreUnavailable && !codeIn(error)?.startsWith('ORA');
}
