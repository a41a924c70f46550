/** The tables that Crossfade needs, as statements that a dry run can print. */
import type { TableName } from './table.ts';

/** Oracle keeps names in capitals, up to 128 bytes since 12.2; 30 leave room for the names of constraints. */
const NAME = /^[A-Z][A-Z0-9_]{0,29}$/;

/** The table of a collection. Throws where the name is none that Oracle takes without quotes. */
export function collectionTable(table: TableName): string {
  if (!NAME.test(table))
    throw new Error(
      `${table} cannot be a table's name: use capitals, digits and _, a capital first, 30 characters at most`,
    );
  return `CREATE TABLE ${table} (
  doc_key VARCHAR2(250 BYTE) NOT NULL,
  version NUMBER(20) NOT NULL,
  handoff NUMBER(20),
  handback NUMBER(20) NOT NULL,
  kind VARCHAR2(4 BYTE) NOT NULL,
  body BLOB,
  raw BLOB,
  expires NUMBER(12),
  CONSTRAINT ${table}_PK PRIMARY KEY (doc_key),
  CONSTRAINT ${table}_JSON CHECK (body IS JSON),
  CONSTRAINT ${table}_VERSION CHECK (version BETWEEN 1 AND 18446744073709551615),
  CONSTRAINT ${table}_KIND CHECK (kind IN ('json', 'raw', 'gone'))
)`;
}

/** What the sweeper looks for. */
export function expiryIndex(table: TableName): string {
  return `CREATE INDEX ${table}_EXPIRES ON ${table} (expires)`;
}
