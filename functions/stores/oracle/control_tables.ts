/**
 * Crossfade's own tables in Oracle, as steps; see `schema.ts`. Steps are only ever added. Times are milliseconds since the epoch.
 */
import { FEED_TABLES } from './feed_tables.ts';
import { LOAD_PROOF_TABLE } from './load_proof_table.ts';
import { MARKER_COLUMNS } from './marker_columns.ts';
import { PASSED_COLUMNS } from './passed_columns.ts';
import { PROJECTED_TABLE } from './projected_table.ts';
import type { Subject } from './schema.ts';

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
    // How hard Oracle works, as one worker of runs has read it for all of them: see `books/load.ts`.
    [
      `CREATE TABLE CROSSFADE_LOAD (
  name VARCHAR2(64 BYTE) NOT NULL,
  next_at NUMBER(15) NOT NULL,
  readings VARCHAR2(4000 BYTE),
  CONSTRAINT CROSSFADE_LOAD_PK PRIMARY KEY (name)
)`,
    ],
    // The workers of each shard, and which of them have died: see `books/attempts.ts`.
    [
      `CREATE TABLE CROSSFADE_ATTEMPTS (
  run_id VARCHAR2(64 BYTE) NOT NULL,
  shard NUMBER(9) NOT NULL,
  epoch NUMBER(9) NOT NULL,
  working NUMBER(1) NOT NULL,
  deaths NUMBER(9) NOT NULL,
  at_key VARCHAR2(250 BYTE),
  touching VARCHAR2(250 BYTE),
  alone NUMBER(9) NOT NULL,
  in_row NUMBER(9) NOT NULL,
  lost NUMBER(9) NOT NULL,
  CONSTRAINT CROSSFADE_ATTEMPTS_PK PRIMARY KEY (run_id, shard)
)`,
    ],
    // Receipts that workers have in hand who may die of them: see `books/suspects.ts`.
    [
      `CREATE TABLE CROSSFADE_SUSPECTS (
  letter_id VARCHAR2(43 BYTE) NOT NULL,
  at NUMBER(15) NOT NULL,
  alone NUMBER(9) NOT NULL,
  CONSTRAINT CROSSFADE_SUSPECTS_PK PRIMARY KEY (letter_id)
)`,
    ],
    // The state of both stores in which an operator has left a document out: see `books/left_out.ts`.
    ['ALTER TABLE CROSSFADE_LETTERS ADD (left_state VARCHAR2(128 BYTE))'],
    // Looks at all documents of Couchbase before a backfill: see `books/preflights.ts`.
    [
      `CREATE TABLE CROSSFADE_PREFLIGHTS (
  walk_id VARCHAR2(43 BYTE) NOT NULL,
  collection VARCHAR2(100 BYTE) NOT NULL,
  after_key VARCHAR2(250 BYTE),
  up_to_key VARCHAR2(250 BYTE),
  stamp VARCHAR2(64 BYTE) NOT NULL,
  epoch NUMBER(9) NOT NULL,
  state VARCHAR2(16 BYTE) NOT NULL,
  done_key VARCHAR2(250 BYTE),
  started NUMBER(15) NOT NULL,
  changed NUMBER(15) NOT NULL,
  found VARCHAR2(4000 BYTE) NOT NULL,
  large_before NUMBER(15) NOT NULL,
  accepted NUMBER(15) NOT NULL,
  CONSTRAINT CROSSFADE_PREFLIGHTS_PK PRIMARY KEY (walk_id)
)`,
    ],
    // Who has written what was set aside, and whose documents operators leave out: see `books/left_out.ts`.
    [
      'ALTER TABLE CROSSFADE_LETTERS ADD (caller VARCHAR2(100 BYTE))',
      `CREATE TABLE CROSSFADE_LEFT_OUT (
  collection VARCHAR2(100 BYTE) NOT NULL,
  chosen VARCHAR2(16 BYTE) NOT NULL,
  subject VARCHAR2(250 BYTE) NOT NULL,
  holds NUMBER(1) NOT NULL,
  at NUMBER(15) NOT NULL,
  CONSTRAINT CROSSFADE_LEFT_OUT_PK PRIMARY KEY (collection, chosen, subject)
)`,
    ],
    // The rest of what an entry says: see `books/audit.ts`.
    ['ALTER TABLE CROSSFADE_AUDIT ADD (detail_2 VARCHAR2(4000 BYTE), detail_3 VARCHAR2(4000 BYTE))'],
    // Up to which version changes of each flag are entered in the audit log: see `books/flag_versions.ts`.
    [
      `CREATE TABLE CROSSFADE_FLAGS (
  name VARCHAR2(2000 BYTE) NOT NULL,
  version NUMBER(12) NOT NULL,
  at NUMBER(15) NOT NULL,
  CONSTRAINT CROSSFADE_FLAGS_PK PRIMARY KEY (name)
)`,
    ],
    FEED_TABLES,
    MARKER_COLUMNS,
    PASSED_COLUMNS,
    LOAD_PROOF_TABLE,
    PROJECTED_TABLE,
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
