/**
 * Rows of the collections' tables that were changed by SQL, past the API, and that nobody has decided on: see `sql_watch.ts`, whose trigger
 * writes them, and `sql_changes.ts`. A row says which key and who, and never what a document holds. It is removed by the decision.
 */
import type { Subject } from './schema.ts';

export const SQL_CHANGES: Subject = {
  name: 'CROSSFADE_SQL_CHANGES',
  steps: [
    [
      // `version`, `handoff` and `handback` are those that the row has since; where it was deleted, those that it had.
      `CREATE TABLE CROSSFADE_SQL_CHANGES (
  table_name VARCHAR2(100 BYTE) NOT NULL,
  doc_key VARCHAR2(250 BYTE) NOT NULL,
  what VARCHAR2(16 BYTE) NOT NULL,
  version NUMBER(20) NOT NULL,
  handoff NUMBER(20),
  handback NUMBER(20) NOT NULL,
  changes NUMBER(15) NOT NULL,
  first_at NUMBER(15) NOT NULL,
  last_at NUMBER(15) NOT NULL,
  db_user VARCHAR2(128 BYTE),
  os_user VARCHAR2(128 BYTE),
  module VARCHAR2(128 BYTE),
  CONSTRAINT CROSSFADE_SQL_CHANGES_PK PRIMARY KEY (table_name, doc_key)
)`,
    ],
  ],
};
