/**
 * The tables that Crossfade needs in Oracle, as steps. Steps are only ever added: what a database has already been
 * through is counted in `CROSSFADE_SCHEMA`, and the rest follows in order. Times are milliseconds since the epoch.
 */
import { requireColumn, typeText } from './column.ts';
import { LOAD_TABLE } from './load_table.ts';
import { RESERVED } from './reserved.ts';
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
}

export interface PlannedStep {
  readonly subject: string;
  readonly version: number;
  readonly statements: readonly string[];
  readonly breaks: boolean;
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

/** Oracle keeps names in capitals, up to 128 bytes since 12.2; 100 leave room for the names of constraints. */
const NAME = /^[A-Z][A-Z0-9_]{0,99}$/;
const OURS = 'CROSSFADE_';

export const SCHEMA_TABLE = `CREATE TABLE CROSSFADE_SCHEMA (
  subject VARCHAR2(128 BYTE) NOT NULL,
  version NUMBER(6) NOT NULL,
  CONSTRAINT CROSSFADE_SCHEMA_PK PRIMARY KEY (subject)
)`;

/** Runs of backfill, verification and copy-back, their shards, their pace, what they found, what was set aside, and who did what. */
export const CONTROL: Subject = {
  name: 'CROSSFADE',
  steps: [
    [
      // `slot` names what may run once at a time, while it runs: a unique constraint does not look at NULL.
      `CREATE TABLE CROSSFADE_RUNS (
  run_id VARCHAR2(64 BYTE) NOT NULL,
  kind VARCHAR2(16 BYTE) NOT NULL,
  collection VARCHAR2(100 BYTE) NOT NULL,
  slot VARCHAR2(128 BYTE),
  stamp VARCHAR2(64 BYTE) NOT NULL,
  options VARCHAR2(4000 BYTE) NOT NULL,
  phase VARCHAR2(16 BYTE) NOT NULL,
  started NUMBER(15) NOT NULL,
  finished NUMBER(15),
  outcome VARCHAR2(16 BYTE),
  CONSTRAINT CROSSFADE_RUNS_PK PRIMARY KEY (run_id),
  CONSTRAINT CROSSFADE_RUNS_SLOT UNIQUE (slot)
)`,
      `CREATE TABLE CROSSFADE_SHARDS (
  run_id VARCHAR2(64 BYTE) NOT NULL,
  shard NUMBER(9) NOT NULL,
  after_key VARCHAR2(250 BYTE),
  up_to_key VARCHAR2(250 BYTE),
  done_key VARCHAR2(250 BYTE),
  state VARCHAR2(16 BYTE) NOT NULL,
  epoch NUMBER(9) NOT NULL,
  listed NUMBER(15) NOT NULL,
  applied NUMBER(15) NOT NULL,
  stale NUMBER(15) NOT NULL,
  gone NUMBER(15) NOT NULL,
  failed NUMBER(15) NOT NULL,
  bytes NUMBER(20) NOT NULL,
  changed NUMBER(15) NOT NULL,
  CONSTRAINT CROSSFADE_SHARDS_PK PRIMARY KEY (run_id, shard)
)`,
      `CREATE TABLE CROSSFADE_PACE (
  name VARCHAR2(64 BYTE) NOT NULL,
  next_at NUMBER(20) NOT NULL,
  CONSTRAINT CROSSFADE_PACE_PK PRIMARY KEY (name)
)`,
      `CREATE TABLE CROSSFADE_FINDINGS (
  run_id VARCHAR2(64 BYTE) NOT NULL,
  doc_key VARCHAR2(250 BYTE) NOT NULL,
  verdict VARCHAR2(16 BYTE) NOT NULL,
  kind VARCHAR2(16 BYTE) NOT NULL,
  detail VARCHAR2(4000 BYTE) NOT NULL,
  seen VARCHAR2(128 BYTE),
  looks NUMBER(6) NOT NULL,
  first_seen NUMBER(15) NOT NULL,
  last_seen NUMBER(15) NOT NULL,
  CONSTRAINT CROSSFADE_FINDINGS_PK PRIMARY KEY (run_id, doc_key)
)`,
      `CREATE INDEX CROSSFADE_FINDINGS_KEY ON CROSSFADE_FINDINGS (doc_key)`,
      `CREATE TABLE CROSSFADE_REPAIRS (
  collection VARCHAR2(100 BYTE) NOT NULL,
  doc_key VARCHAR2(250 BYTE) NOT NULL,
  at NUMBER(15) NOT NULL,
  cause VARCHAR2(250 BYTE) NOT NULL,
  detail VARCHAR2(4000 BYTE) NOT NULL,
  CONSTRAINT CROSSFADE_REPAIRS_PK PRIMARY KEY (doc_key, collection, at)
)`,
      `CREATE TABLE CROSSFADE_LETTERS (
  letter_id VARCHAR2(43 BYTE) NOT NULL,
  collection VARCHAR2(100 BYTE),
  doc_key VARCHAR2(250 BYTE),
  body VARCHAR2(4000 BYTE) NOT NULL,
  whole NUMBER(1) NOT NULL,
  reason VARCHAR2(1000 BYTE) NOT NULL,
  cause VARCHAR2(1000 BYTE) NOT NULL,
  state VARCHAR2(16 BYTE) NOT NULL,
  times NUMBER(9) NOT NULL,
  first_seen NUMBER(15) NOT NULL,
  last_seen NUMBER(15) NOT NULL,
  CONSTRAINT CROSSFADE_LETTERS_PK PRIMARY KEY (letter_id)
)`,
      `CREATE TABLE CROSSFADE_AUDIT (
  seq NUMBER(12) NOT NULL,
  at NUMBER(15) NOT NULL,
  actor VARCHAR2(1000 BYTE) NOT NULL,
  action VARCHAR2(128 BYTE) NOT NULL,
  detail VARCHAR2(4000 BYTE) NOT NULL,
  hash VARCHAR2(43 BYTE) NOT NULL,
  CONSTRAINT CROSSFADE_AUDIT_PK PRIMARY KEY (seq)
)`,
    ],
    // How many messages in the queue of dead letters a letter tells of, and when the oldest of them was sent.
    [
      'ALTER TABLE CROSSFADE_LETTERS ADD (queued NUMBER(9) DEFAULT 0 NOT NULL, queued_since NUMBER(15) DEFAULT 0 NOT NULL)',
    ],
    // What rows of the collections' tables held before something that does not follow from it took its place: see `set_aside.ts`.
    [
      `CREATE TABLE CROSSFADE_SET_ASIDE (
  aside_id VARCHAR2(43 BYTE) NOT NULL,
  table_name VARCHAR2(100 BYTE) NOT NULL,
  doc_key VARCHAR2(250 BYTE) NOT NULL,
  version NUMBER(20) NOT NULL,
  handoff NUMBER(20),
  handback NUMBER(20) NOT NULL,
  deleted NUMBER(1) NOT NULL,
  body BLOB,
  expires NUMBER(12),
  request VARCHAR2(43 BYTE),
  at NUMBER(15) NOT NULL,
  reason VARCHAR2(1000 BYTE) NOT NULL,
  CONSTRAINT CROSSFADE_SET_ASIDE_PK PRIMARY KEY (aside_id)
)`,
      'CREATE INDEX CROSSFADE_SET_ASIDE_KEY ON CROSSFADE_SET_ASIDE (table_name, doc_key, aside_id)',
    ],
    // Until when a collection may have had writes that Couchbase has not made durable: see `not_durable.ts`.
    [
      `CREATE TABLE CROSSFADE_NOT_DURABLE (
  collection VARCHAR2(100 BYTE) NOT NULL,
  until_at NUMBER(15) NOT NULL,
  CONSTRAINT CROSSFADE_NOT_DURABLE_PK PRIMARY KEY (collection)
)`,
    ],
    // Which stores each collection was migrated with: see `identities.ts`.
    [
      `CREATE TABLE CROSSFADE_IDENTITIES (
  collection VARCHAR2(100 BYTE) NOT NULL,
  store VARCHAR2(16 BYTE) NOT NULL,
  marks VARCHAR2(1000 BYTE) NOT NULL,
  at NUMBER(15) NOT NULL,
  CONSTRAINT CROSSFADE_IDENTITIES_PK PRIMARY KEY (collection, store)
)`,
    ],
    // What an operator has decided about an entry. Functions of the version before insert entries without these columns.
    [
      'ALTER TABLE CROSSFADE_SET_ASIDE ADD (' +
        "reason_code VARCHAR2(32 BYTE), replaced_by VARCHAR2(64 BYTE), state VARCHAR2(16 BYTE) DEFAULT 'open' NOT NULL, " +
        'decided NUMBER(15), decided_by VARCHAR2(1000 BYTE), decided_why VARCHAR2(2000 BYTE))',
      'CREATE INDEX CROSSFADE_SET_ASIDE_OPEN ON CROSSFADE_SET_ASIDE (table_name, state, at)',
    ],
    // In which history each partition of a bucket was seen last: see `partitions.ts`.
    [
      `CREATE TABLE CROSSFADE_PARTITIONS (
  bucket VARCHAR2(100 BYTE) NOT NULL,
  partition_id NUMBER(6) NOT NULL,
  history VARCHAR2(20 BYTE) NOT NULL,
  CONSTRAINT CROSSFADE_PARTITIONS_PK PRIMARY KEY (bucket, partition_id)
)`,
    ],
    // A number that only rises, which tells whether commits are lost: see `heartbeats.ts`.
    [
      `CREATE TABLE CROSSFADE_HEARTBEAT (
  subject VARCHAR2(16 BYTE) NOT NULL,
  beat NUMBER(18) NOT NULL,
  history VARCHAR2(250 BYTE) NOT NULL,
  at NUMBER(15) NOT NULL,
  CONSTRAINT CROSSFADE_HEARTBEAT_PK PRIMARY KEY (subject)
)`,
    ],
    [LOAD_TABLE],
  ],
};

/** Which collection each table belongs to. Counted by itself: nothing but deployments reads it. See `books/owners.ts`. */
export const OWNERS: Subject = {
  name: 'CROSSFADE_TABLES',
  steps: [
    [
      `CREATE TABLE CROSSFADE_TABLES (
  table_name VARCHAR2(100 BYTE) NOT NULL,
  collection VARCHAR2(100 BYTE) NOT NULL,
  parameters VARCHAR2(2000 BYTE) NOT NULL,
  keyspace VARCHAR2(1000 BYTE) NOT NULL,
  at NUMBER(15) NOT NULL,
  CONSTRAINT CROSSFADE_TABLES_PK PRIMARY KEY (table_name)
)`,
    ],
  ],
};

/**
 * A collection's table, and each column that is filled from its documents. Throws where a name is none that Oracle takes
 * without quotes. Columns that are added later stay empty in rows that are there already: name them before `expand`.
 */
export function collectionSubjects({ name, columns }: Table): Subject[] {
  if (!NAME.test(name) || name.startsWith(OURS) || RESERVED.has(name))
    throw new Error(
      `${name} cannot be a table's name: use capitals, digits and _, a capital first, 100 characters at most, ` +
        `not ${OURS} in front, and no reserved word`,
    );
  for (const column of columns) requireColumn(column);
  const added = columns.map((column) => ({
    name: `${name}.${column.name}`,
    steps: [[`ALTER TABLE ${name} ADD (${column.name} ${typeText(column)})`]],
  }));
  return [documents(name), ...added];
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

/**
 * What is still to be done; nothing where the database is ahead of this code, as it is after a rollback. Throws `SCHEMA_TOO_NEW` where it has been
 * through a step that this code cannot live with. @param versions where each subject stands; none is 0.
 */
export function plan(subjects: readonly Subject[], versions: ReadonlyMap<string, number>): PlannedStep[] {
  return subjects.flatMap(({ name, steps, breaking = [] }) => {
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

/** What the user of the functions may do: no DDL, and no deletion of documents. Empty for the owner of the tables. */
export function grants(subjects: readonly Subject[], user: string | null): string[] {
  if (user === null) return [];
  if (!NAME.test(user)) throw new Error(`${user} cannot be a user's name: use capitals, digits and _`);
  const tables = subjects.flatMap(({ steps }) =>
    steps.flat().flatMap((text) => /^CREATE TABLE (\S+)/.exec(text)?.[1] ?? []),
  );
  return tables.map((table) => `GRANT SELECT, INSERT, UPDATE ON ${table} TO ${user}`);
}
