/**
 * What the data dictionary tells an owner about tables: USER_TAB_COLUMNS, USER_CONSTRAINTS, USER_CONS_COLUMNS, USER_TAB_COMMENTS, USER_COL_COMMENTS; and ALL_INDEXES, with those of their columns
 * that are read (Database Reference, 19c). PostgreSQL's text of a condition is another one than Oracle's, so none is told.
 */

/** Tables of clients, by PostgreSQL's catalog. */
const TABLES = `pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname = 'public' AND c.relkind = 'r'`;

/** The length in bytes is in the name of the constraint that keeps it: see `lengthConstraint`. */
const LENGTH = String.raw`(SELECT substring(k.conname FROM ':(\d+)$')::numeric FROM pg_constraint k
  WHERE k.conrelid = c.oid AND k.conname LIKE 'ORA-12899:' || a.attname || ':%')`;

const CHARACTERS = String.raw`(SELECT substring(k.conname FROM ':(\d+)$')::numeric FROM pg_constraint k
  WHERE k.conrelid = c.oid AND k.conname LIKE 'ORA-12899C:' || a.attname || ':%')`;

export const DICTIONARY = `
  CREATE OR REPLACE VIEW "USER_TAB_COLUMNS" AS SELECT c.relname::varchar AS "TABLE_NAME", a.attname::varchar AS "COLUMN_NAME",
    (CASE format_type(a.atttypid, NULL) WHEN 'character varying' THEN 'VARCHAR2' WHEN 'numeric' THEN 'NUMBER'
      WHEN 'bytea' THEN CASE WHEN ${LENGTH} IS NULL THEN 'BLOB' ELSE 'RAW' END WHEN 'text' THEN 'CLOB' WHEN 'boolean' THEN 'BOOLEAN'
      WHEN 'jsonb' THEN 'JSON' WHEN 'double precision' THEN 'BINARY_DOUBLE'
      WHEN 'timestamp without time zone' THEN 'TIMESTAMP(' || a.atttypmod || ')'
      ELSE upper(trim('"' FROM format_type(a.atttypid, NULL))) END)::varchar AS "DATA_TYPE",
    coalesce(${LENGTH}, CASE WHEN ${CHARACTERS} > 1000 THEN 4000 ELSE 4 * ${CHARACTERS} END) AS "DATA_LENGTH",
    (CASE WHEN a.atttypid = 'numeric'::regtype AND a.atttypmod >= 0 THEN (a.atttypmod - 4) >> 16 END)::numeric AS "DATA_PRECISION",
    (CASE WHEN a.atttypid = 'numeric'::regtype AND a.atttypmod >= 0 THEN (((a.atttypmod - 4) & 2047) # 1024) - 1024
      WHEN a.atttypid = 'timestamp'::regtype THEN a.atttypmod
      ELSE substring(format_type(a.atttypid, NULL) FROM '^"TIMESTAMP\\((\\d)\\)')::int END)::numeric AS "DATA_SCALE",
    (CASE WHEN a.attnotnull THEN 'N' ELSE 'Y' END)::varchar AS "NULLABLE",
    (CASE WHEN a.atthasdef THEN 1 END)::numeric AS "DEFAULT_LENGTH",
    (CASE WHEN format_type(a.atttypid, NULL) = 'character varying' THEN CASE WHEN ${CHARACTERS} IS NULL THEN 'B' ELSE 'C' END END)::varchar
      AS "CHAR_USED", coalesce(${CHARACTERS}, ${LENGTH}) AS "CHAR_LENGTH"
    FROM ${TABLES} JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped;
  CREATE OR REPLACE VIEW "USER_CONSTRAINTS" AS SELECT c.relname::varchar AS "TABLE_NAME", k.conname::varchar AS "CONSTRAINT_NAME",
    (CASE k.contype WHEN 'f' THEN 'R' ELSE upper(k.contype::text) END)::varchar AS "CONSTRAINT_TYPE", 'ENABLED'::varchar AS "STATUS", NULL::varchar AS "SEARCH_CONDITION_VC"
    FROM ${TABLES} JOIN pg_constraint k ON k.conrelid = c.oid AND k.contype IN ('p', 'u', 'c', 'f') AND k.conname NOT LIKE 'ORA-%';
  CREATE OR REPLACE VIEW "USER_CONS_COLUMNS" AS SELECT c.relname::varchar AS "TABLE_NAME", k.conname::varchar AS "CONSTRAINT_NAME",
    a.attname::varchar AS "COLUMN_NAME" FROM ${TABLES} JOIN pg_constraint k ON k.conrelid = c.oid AND k.contype IN ('p', 'u', 'c', 'f')
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = ANY (k.conkey);
  CREATE OR REPLACE VIEW "USER_TAB_COMMENTS" AS SELECT c.relname::varchar AS "TABLE_NAME", obj_description(c.oid, 'pg_class')::varchar AS "COMMENTS"
    FROM ${TABLES};
  CREATE OR REPLACE VIEW "USER_COL_COMMENTS" AS SELECT c.relname::varchar AS "TABLE_NAME", a.attname::varchar AS "COLUMN_NAME",
    col_description(c.oid, a.attnum)::varchar AS "COMMENTS"
    FROM ${TABLES} JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped;
  CREATE OR REPLACE VIEW "ALL_INDEXES" AS SELECT 'EMBEDDED'::varchar AS "TABLE_OWNER", c.relname::varchar AS "TABLE_NAME",
    x.relname::varchar AS "INDEX_NAME", 'NORMAL'::varchar AS "INDEX_TYPE",
    (CASE WHEN i.indisunique THEN 'UNIQUE' ELSE 'NONUNIQUE' END)::varchar AS "UNIQUENESS", 'VALID'::varchar AS "STATUS"
    FROM ${TABLES} JOIN pg_index i ON i.indrelid = c.oid JOIN pg_class x ON x.oid = i.indexrelid;
`;
