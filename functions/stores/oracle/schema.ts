/**
 * The tables that Crossfade needs in Oracle, as steps. Steps are only ever added: what a database has already been
 * through is counted in `CROSSFADE_SCHEMA`, and the rest follows in order. Times are milliseconds since the epoch.
 */
import { requireColumn, typeText } from './column.ts';
import { isName, NAME, OURS } from './names.ts';
import { projectionSubjects } from './projection_tables.ts';
import { LOGINS, type Login, privilegesOf, type Right, rightOn, together } from './rights.ts';
import type { Table } from './table.ts';

/** Something whose steps are counted by themselves: the control tables, or one collection's table. */
export interface Subject {
  readonly name: string;
  /** Statements of each step; the first step makes version 1. */
  readonly steps: readonly (readonly string[])[];
  /**
   * Versions whose steps code that does not know them cannot live with: it may not run on such a database. Every other step must only add, so
   * that a rollback of a deployment, and functions that it has not replaced yet, work on with the newer tables.
   */
  readonly breaking?: readonly number[];
  /**
   * The table whose index this is, where everything works without it, only slower: where the table has many rows the step is left to its owner, since
   * building an index would outlast a deployment, or lock the table.
   */
  readonly speeds?: string;
  /** The subject whose first step makes this too: it has nothing to do where that one is still to be done. */
  readonly within?: string;
  /** Whether it creates the table of a projection, which the functions may also delete from. */
  readonly isProjection?: boolean;
  /** What its statements have that only later releases know, by the first of them. */
  readonly needs?: readonly { readonly release: number; readonly what: string }[];
}

export interface PlannedStep {
  readonly subject: string;
  readonly version: number;
  readonly statements: readonly string[];
  readonly breaks: boolean;
  readonly speeds?: string;
}

/** A subject of which the database has been through more steps than this code knows. */
export interface Ahead {
  readonly subject: string;
  readonly version: number;
  /** Steps that this code knows. */
  readonly known: number;
}

/** Where `CROSSFADE_SCHEMA` counts how many steps of a subject code must know to run. No subject is named so. */
export const leastOf = (subject: string): string => `${subject}/least`;

/** The table of certifications: no collection's may be called so. */
export const SCRATCH = 'CROSSFADE_SCRATCH';

export const SCHEMA_TABLE = `CREATE TABLE CROSSFADE_SCHEMA (
  subject VARCHAR2(128 BYTE) NOT NULL,
  version NUMBER(6) NOT NULL,
  CONSTRAINT CROSSFADE_SCHEMA_PK PRIMARY KEY (subject)
)`;

/**
 * A collection's table, each column that is filled from its documents, and the tables of projections. Throws where a name is none that Oracle takes
 * without quotes. Columns and tables that are added later stay empty for rows that are there already: name them before `expand`.
 */
export function collectionSubjects({ name, columns, projections }: Table): Subject[] {
  if (!isName(name) || name.startsWith(OURS))
    throw new Error(
      `${name} cannot be a table's name: use capitals, digits and _, a capital first, 100 characters at most, ` +
        `not ${OURS} in front, and no reserved word`,
    );
  for (const column of columns) requireColumn(column);
  const added = columns.map((column) => ({
    name: `${name}.${column.name}`,
    steps: [[`ALTER TABLE ${name} ADD (${column.name} ${typeText(column)})`]],
  }));
  const [first, ...others] = tableSubjects(name);
  const projected = projections.flatMap((projection) => projectionSubjects(name, projection));
  return [first, ...added, ...others, ...projected];
}

/** A table as each collection has one, without columns of its own. */
export function tableSubjects(name: string): [Subject, Subject] {
  return [documents(name), handedOff(name)];
}

function documents(table: string): Subject {
  const create = `CREATE TABLE ${table} (
  doc_key VARCHAR2(250 BYTE) NOT NULL,
  version NUMBER(20) NOT NULL,
  handoff NUMBER(20),
  handback NUMBER(20) NOT NULL,
  kind VARCHAR2(5 BYTE) NOT NULL,
  body BLOB,
  bytes BLOB,
  expires NUMBER(12),
  request VARCHAR2(43 BYTE),
  CONSTRAINT ${table}_PK PRIMARY KEY (doc_key),
  CONSTRAINT ${table}_JSON CHECK (body IS JSON),
  CONSTRAINT ${table}_VERSION CHECK (version BETWEEN 1 AND 18446744073709551615),
  CONSTRAINT ${table}_KIND CHECK (kind IN ('json', 'other', 'gone'))
)`;
  // What the sweeper looks for.
  return { name: table, steps: [[create, `CREATE INDEX ${table}_EXPIRES ON ${table} (expires)`]] };
}

/** Null for all rows but those that are handed off, and rows whose key is null are in no index: it holds nothing else. */
export const HANDED_OFF_KEY = 'CASE WHEN handoff IS NOT NULL THEN doc_key END';

export const handedOffIndex = (table: string): string => `${table}_HANDED_OFF`;

/** Which keys Oracle orders is asked before a forced move, and by each copy-back. ONLINE: writes go on meanwhile. */
function handedOff(table: string): Subject {
  const create = `CREATE INDEX ${handedOffIndex(table)} ON ${table} (${HANDED_OFF_KEY}) ONLINE`;
  return { name: `${table}/handed_off`, steps: [[create]], speeds: table };
}

/**
 * What is still to be done; nothing where the database is ahead of this code, as it is after a rollback. Throws `SCHEMA_TOO_NEW` where it has been
 * through a step that this code cannot live with. @param versions where each subject stands; none is 0.
 */
export function plan(subjects: readonly Subject[], versions: ReadonlyMap<string, number>): PlannedStep[] {
  return subjects.flatMap(({ name, steps, breaking = [], speeds, within }) => {
    if (within !== undefined && (versions.get(within) ?? 0) === 0) return [];
    const [version, least] = [versions.get(name) ?? 0, versions.get(leastOf(name)) ?? 0];
    if (least > steps.length)
      throw new Error(
        `SCHEMA_TOO_NEW: the tables of ${name} have been changed, and code that knows ${steps.length} of their steps cannot work with them: it ` +
          `must know ${least} or more. Nothing was executed. Deploy the version that changed them, or a later one`,
      );
    return steps.slice(version).map((statements, index) => ({
      subject: name,
      version: version + index + 1,
      statements,
      breaks: breaking.includes(version + index + 1),
      ...(speeds !== undefined && { speeds }),
    }));
  });
}

/** The subjects whose newer steps this code does not know. */
export function aheadOf(subjects: readonly Subject[], versions: ReadonlyMap<string, number>): Ahead[] {
  return subjects.flatMap(({ name, steps: { length: known } }) => {
    const version = versions.get(name) ?? 0;
    return version > known ? [{ subject: name, version, known }] : [];
  });
}

/** Who logs in as what. A login that is left out is the owner of the tables, or is granted nothing now. */
export type Users = Readonly<Partial<Record<Login, string>>>;

/** One user for all logins. */
export function oneUser(user: string): Users {
  return Object.fromEntries(LOGINS.map((login) => [login, user]));
}

/** The owner of the tables is granted nothing on them: it may do all. @param owner in any letters. */
export function withoutOwner(users: Users, owner: string): Users {
  return Object.fromEntries(Object.entries(users).filter(([, user]) => user !== owner.toUpperCase()));
}

/** What the users of the functions may do, table by table: see `rights.ts`. No DDL, and no deletion of a collection's documents. */
export function grants(subjects: readonly Subject[], users: Users | null): string[] {
  return rightsOf(subjects, users).map(
    ({ user, table, right }) => `GRANT ${privilegesOf(right).join(', ')} ON ${table} TO ${user}`,
  );
}

export interface UserRight {
  readonly user: string;
  readonly table: string;
  readonly right: Right;
}

/** What each user needs on each table, those who need something on it. @param users null for nobody. Throws where a name is none of a user. */
export function rightsOf(subjects: readonly Subject[], users: Users | null): UserRight[] {
  const named = new Map<string, Login[]>();
  for (const login of LOGINS) {
    const user = users?.[login];
    if (user === undefined) continue;
    if (!NAME.test(user)) throw new Error(`${user} cannot be a user's name: use capitals, digits and _`);
    named.set(user, [...(named.get(user) ?? []), login]);
  }
  const projected = new Set(tablesOf(subjects.filter(({ isProjection }) => isProjection === true)));
  return tablesOf(subjects).flatMap((table) =>
    [...named].flatMap(([user, logins]) => {
      const right = together(logins.flatMap((login) => rightOn(table, login, projected.has(table)) ?? []));
      return Object.keys(right).length === 0 ? [] : [{ user, table, right }];
    }),
  );
}

/** The tables that the steps create. */
export function tablesOf(subjects: readonly Subject[]): string[] {
  return subjects.flatMap(({ steps }) =>
    steps.flat().flatMap((text) => /^CREATE TABLE (\S+)/.exec(text)?.[1] ?? []),
  );
}
