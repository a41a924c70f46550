/**
 * Which users may do what with the tables of the one schema, and what Oracle says to those who may not: that there is no such table, to a user who may do
 * nothing with it, and that the privilege is missing to everybody else.
 *
 * Sources, looked up on 28 November 2026: SQL Language Reference 19c, "GRANT" (READ queries, and locks nothing; INSERT and UPDATE may name columns); Database
 * Reference, "SQL92_SECURITY" (TRUE since 12.2); Database Error Messages (ORA-01750, and ORA-41900 of 23ai, with the privilege and the table, in the place of ORA-01031).
 */
import type { EngineSession } from './engine.ts';
import { OraError } from './ora.ts';
import type { Release } from './releases.ts';
import type { Granting } from './sql/grant.ts';
import { engineName } from './sql/names.ts';
import type { Need, Privilege } from './sql/needs.ts';

/** The user who owns all tables, and the schema that they lie in. */
export const OWNER = 'EMBEDDED';

/** What every user may read, or sees where it is shown. */
const PUBLIC = /^(DUAL$|NLS_|V\$|ALL_|USER_|DBA_|SESSION_PRIVS$|PRODUCT_COMPONENT_VERSION$)/;

/** Rows that tell of grants; a column is null where the whole table is meant. */
const TABLE = `CREATE TABLE IF NOT EXISTS "SYS"."GRANTS" ("GRANTEE" varchar, "TABLE_NAME" varchar, "PRIVILEGE" varchar, "COLUMN_NAME" varchar)`;
const TOLD = (columns: string, where: string) =>
  `AS SELECT "GRANTEE", '${OWNER}'::varchar AS "TABLE_SCHEMA", "TABLE_NAME", ${columns}"PRIVILEGE" FROM "SYS"."GRANTS" WHERE "COLUMN_NAME" IS ${where}`;
const VIEWS = [
  `CREATE OR REPLACE VIEW "ALL_TAB_PRIVS" ${TOLD('', 'NULL')}`,
  `CREATE OR REPLACE VIEW "ALL_COL_PRIVS" ${TOLD('"COLUMN_NAME", ', 'NOT NULL')}`,
];
const COLUMNS = `SELECT a.attname::varchar FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
  WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND c.relname = $1`;

/** Columns, by privilege; null for the whole table. */
type OfTable = Map<Privilege, Set<string> | null>;

export class Grants {
  readonly #users: ReadonlySet<string>;
  /** By grantee and table. */
  readonly #held = new Map<string, OfTable>();
  readonly #refused = new Set<string>();

  /** @param users all that may log in. */
  constructor(users: readonly string[]) {
    this.#users = new Set(users.map((name) => name.toUpperCase()));
  }

  /** Reads what was granted before the server was started, and has the dictionary tell of it. */
  async load(session: EngineSession): Promise<void> {
    for (const statement of [TABLE, ...VIEWS]) await session.run(statement, []);
    const { rows } = await session.run('SELECT * FROM "SYS"."GRANTS"', []);
    for (const [grantee, table, privilege, column] of rows as string[][])
      this.#hold(`${grantee} ${table}`, privilege as Privilege, column ?? null);
  }

  /** Throws what Oracle says of a grant that cannot be made. @param schema the current one. */
  async grant(session: EngineSession, user: string, granting: Granting, schema: string): Promise<void> {
    const { table, grantee, privileges, revokes } = granting;
    const { rows } = await session.run(COLUMNS, [engineName(table)]);
    const known = new Set(rows.map(([name]) => name));
    if (known.size === 0 || (granting.schema ?? schema) !== OWNER) throw noTable();
    if (user !== OWNER) throw this.#held.has(`${user} ${table}`) ? insufficient() : noTable();
    if (!this.#users.has(grantee)) throw new OraError(1917, `user or role '${grantee}' does not exist`);
    if (grantee === OWNER) throw new OraError(1749, 'you may not GRANT/REVOKE privileges to/from yourself');
    for (const { privilege, columns } of privileges) {
      const strange = columns.find((name) => !known.has(engineName(name)));
      if (strange !== undefined) throw new OraError(904, `"${strange}": invalid identifier`);
      if (revokes) await this.#revoke(session, grantee, table, privilege);
      for (const column of revokes ? [] : columns.length === 0 ? [null] : columns)
        await this.#give(session, grantee, table, privilege, column);
    }
  }

  /** Throws ORA-00942, ORA-01031, or ORA-41900 of 23ai. @param schema the current one. */
  require(user: string, schema: string, needs: readonly Need[], release: Release): void {
    try {
      this.#require(user, schema, needs, release);
    } catch (error) {
      for (const { privilege, table } of needs) this.#refused.add(`${user}: ${privilege} ON ${table}`);
      throw error;
    }
  }

  /** What users were refused since this was asked the last time, as `APP: INSERT ON ORDERS`: all that the statement needs, granted or not. */
  takeRefused(): string[] {
    const refused = [...this.#refused];
    this.#refused.clear();
    return refused;
  }

  #require(user: string, schema: string, needs: readonly Need[], release: Release): void {
    for (const need of needs) {
      if (need.schema === 'SYS' || (need.schema === null && PUBLIC.test(need.table))) continue;
      if (user === OWNER && (need.schema ?? schema) === OWNER) continue;
      const held = this.#held.get(`${user} ${need.table}`);
      if (held === undefined || (need.schema ?? schema) !== OWNER) throw noTable();
      if (!covers(held, need)) throw insufficient(release, need);
    }
  }

  async #give(
    session: EngineSession,
    grantee: string,
    table: string,
    privilege: Privilege,
    column: string | null,
  ): Promise<void> {
    if (!this.#hold(`${grantee} ${table}`, privilege, column)) return;
    await session.run('INSERT INTO "SYS"."GRANTS" VALUES ($1, $2, $3, $4)', [
      grantee,
      table,
      privilege,
      column,
    ]);
  }

  async #revoke(session: EngineSession, grantee: string, table: string, privilege: Privilege): Promise<void> {
    const held = this.#held.get(`${grantee} ${table}`);
    if (held?.delete(privilege) !== true)
      throw new OraError(1927, 'cannot REVOKE privileges you did not grant');
    if (held.size === 0) this.#held.delete(`${grantee} ${table}`);
    const where = '"GRANTEE" = $1 AND "TABLE_NAME" = $2 AND "PRIVILEGE" = $3';
    await session.run(`DELETE FROM "SYS"."GRANTS" WHERE ${where}`, [grantee, table, privilege]);
  }

  /** False where that is granted already. */
  #hold(name: string, privilege: Privilege, column: string | null): boolean {
    const held: OfTable = this.#held.get(name) ?? new Map();
    this.#held.set(name, held);
    const columns = held.get(privilege);
    if (columns === null || (column !== null && columns?.has(column) === true)) return false;
    held.set(privilege, column === null ? null : new Set([...(columns ?? []), column]));
    return true;
  }
}

/** SELECT is READ, and more. */
function covers(held: OfTable, { privilege, columns }: Need): boolean {
  if (privilege === 'READ' && held.has('SELECT')) return true;
  const granted = held.get(privilege);
  if (granted === undefined) return false;
  return granted === null || (columns.length > 0 && columns.every((column) => granted.has(column)));
}

function noTable(): OraError {
  return new OraError(942, 'table or view does not exist');
}

function insufficient(release?: Release, need?: Need): OraError {
  if (release?.namesPrivilege !== true || need === undefined)
    return new OraError(1031, 'insufficient privileges');
  return new OraError(41_900, `missing ${need.privilege} privilege on "${OWNER}"."${need.table}"`);
}
