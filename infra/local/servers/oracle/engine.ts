/** The SQL engine behind the protocol: PostgreSQL, in one form or another. */
import { DICTIONARY } from './dictionary.ts';
import { publicViews } from './public_views.ts';
import { TIMES } from './times.ts';

export interface Field {
  readonly name: string;
  /** PostgreSQL's number of the type (`pg_type.oid`). */
  readonly type: number;
}

/** Text of numbers, strings and times as PostgreSQL writes them; bytes for `bytea`. */
export type Value = string | Uint8Array | null;

export interface Result {
  readonly fields: readonly Field[];
  readonly rows: readonly (readonly Value[])[];
  /** Rows that the statement has inserted, updated or deleted. */
  readonly affected: number;
}

export const OID = {
  bytea: 17,
  int8: 20,
  int4: 23,
  text: 25,
  float8: 701,
  varchar: 1043,
  timestamp: 1114,
  numeric: 1700,
} as const;

/** A value as PostgreSQL writes it: everything stays text but bytes, which are hexadecimal behind a backslash and an x. */
export function fromText(text: string, type: number | undefined): string | Buffer {
  return type === OID.bytea ? Buffer.from(text.slice(2), 'hex') : text;
}

/** One client's transactions. A statement outside of one is a transaction of its own. */
export interface EngineSession {
  /** Queries that lock rows, and would make all other sessions wait as long as the lock, are refused. */
  readonly refusesLocks?: boolean;
  /** Throws what PostgreSQL throws; an open transaction is then broken, up to the last savepoint. */
  run(sql: string, parameters: readonly Value[]): Promise<Result>;
  begin(): Promise<void>;
  commit(): Promise<void>;
  rollback(): Promise<void>;
  /** Breaks off what runs now, or waits to run: it fails with PostgreSQL's 57014 or with ORA-01013, if it does not end before. */
  cancel(): void;
  close(): Promise<void>;
}

export interface Engine {
  session(): Promise<EngineSession>;
  close(): Promise<void>;
}

/** What the translated SQL expects to find. */
export const PRELUDE = `
  CREATE TABLE IF NOT EXISTS "DUAL" ("DUMMY" varchar);
  INSERT INTO "DUAL" SELECT 'X' WHERE NOT EXISTS (SELECT FROM "DUAL");
  CREATE TABLE IF NOT EXISTS "NLS_DATABASE_PARAMETERS" ("PARAMETER" varchar, "VALUE" varchar);
  INSERT INTO "NLS_DATABASE_PARAMETERS" SELECT 'NLS_CHARACTERSET', 'AL32UTF8'
    WHERE NOT EXISTS (SELECT FROM "NLS_DATABASE_PARAMETERS");
  CREATE TABLE IF NOT EXISTS "V$DATABASE"
    ("DBID" numeric, "RESETLOGS_CHANGE#" numeric, "RESETLOGS_TIME" timestamp);
  INSERT INTO "V$DATABASE" SELECT floor(random() * 4294967295) + 1, 1, '2024-01-01' WHERE NOT EXISTS (SELECT FROM "V$DATABASE");
  ${publicViews()}
  CREATE OR REPLACE FUNCTION "SYS_CONTEXT"(text, text) RETURNS varchar LANGUAGE sql STABLE AS $$ SELECT CASE
    WHEN $1 = 'USERENV' AND $2 LIKE 'IS %' THEN substr($2, 4)
    WHEN $1 = 'USERENV' AND $2 IN ('DB_NAME', 'CON_NAME', 'CURRENT_SCHEMA', 'SESSION_USER') THEN 'EMBEDDED'
    WHEN $1 = 'USERENV' AND $2 IN ('OS_USER', 'MODULE') THEN current_setting('crossfade.' || lower($2), true)
    WHEN $1 = 'USERENV' AND $2 = 'DATABASE_ROLE' THEN (SELECT "DATABASE_ROLE" FROM "V$DATABASE") END::varchar $$;
  CREATE OR REPLACE FUNCTION "SYS_EXTRACT_UTC"(timestamptz) RETURNS timestamp LANGUAGE sql IMMUTABLE
    AS $$ SELECT $1 AT TIME ZONE 'UTC' $$;
  CREATE OR REPLACE FUNCTION "SCN_TO_TIMESTAMP"(numeric) RETURNS timestamp LANGUAGE sql IMMUTABLE
    AS $$ SELECT to_timestamp($1::float8) AT TIME ZONE 'UTC' $$;
  CREATE OR REPLACE VIEW "ALL_TABLES" AS SELECT 'EMBEDDED'::varchar AS "OWNER", 'USERS'::varchar AS "TABLESPACE_NAME",
    relname::varchar AS "TABLE_NAME" FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r';
  CREATE OR REPLACE VIEW "ALL_CONSTRAINTS" AS
    SELECT 'EMBEDDED'::varchar AS "OWNER", t.relname::varchar AS "TABLE_NAME", c.conname::varchar AS "CONSTRAINT_NAME",
      CASE c.contype WHEN 'c' THEN 'C' WHEN 'p' THEN 'P' WHEN 'u' THEN 'U' ELSE 'R' END::varchar AS "CONSTRAINT_TYPE",
      'ENABLED'::varchar AS "STATUS", NULL::varchar AS "SEARCH_CONDITION_VC"
    FROM pg_constraint c JOIN pg_class t ON t.oid = c.conrelid
    WHERE c.contype IN ('c', 'p', 'u', 'f') AND c.conname NOT LIKE 'ORA-%';
  CREATE OR REPLACE VIEW "ALL_TRIGGERS" AS
    SELECT 'EMBEDDED'::varchar AS "TABLE_OWNER", t.relname::varchar AS "TABLE_NAME", g.tgname::varchar AS "TRIGGER_NAME",
      (CASE g.tgenabled WHEN 'D' THEN 'DISABLED' ELSE 'ENABLED' END)::varchar AS "STATUS", 'EMBEDDED'::varchar AS "OWNER",
      'BEFORE EACH ROW'::varchar AS "TRIGGER_TYPE", 'INSERT OR UPDATE OR DELETE'::varchar AS "TRIGGERING_EVENT",
      obj_description(g.oid, 'pg_trigger')::varchar AS "WHEN_CLAUSE"
    FROM pg_trigger g JOIN pg_class t ON t.oid = g.tgrelid WHERE NOT g.tgisinternal;
  CREATE OR REPLACE VIEW "ALL_LOBS" AS SELECT 'EMBEDDED'::varchar AS "OWNER", 'USERS'::varchar AS "TABLESPACE_NAME";
  CREATE OR REPLACE FUNCTION "TO_CHAR"(timestamp, text) RETURNS varchar LANGUAGE sql IMMUTABLE
    AS $$ SELECT to_char($1, $2)::varchar $$;
  CREATE SCHEMA IF NOT EXISTS "SYS";
  CREATE OR REPLACE VIEW "SYS"."NLS_SESSION_PARAMETERS" AS SELECT * FROM (VALUES
    ('NLS_CALENDAR'::varchar, 'GREGORIAN'::varchar), ('NLS_COMP', 'BINARY'), ('NLS_SORT', 'BINARY'),
    ('NLS_LENGTH_SEMANTICS', 'BYTE'), ('NLS_NCHAR_CONV_EXCP', 'FALSE'), ('NLS_DATE_LANGUAGE', 'AMERICAN'),
    ('NLS_CURRENCY', '$'), ('NLS_ISO_CURRENCY', 'AMERICA'), ('NLS_DUAL_CURRENCY', '$'),
    ('NLS_NUMERIC_CHARACTERS', '.,'), ('NLS_DATE_FORMAT', 'DD-MON-RR'),
    ('NLS_TIMESTAMP_FORMAT', 'DD-MON-RR HH.MI.SSXFF AM'), ('NLS_TIMESTAMP_TZ_FORMAT', 'DD-MON-RR HH.MI.SSXFF AM TZR')
  ) AS p ("PARAMETER", "VALUE");
  CREATE OR REPLACE FUNCTION "TO_CHAR"(numeric) RETURNS varchar LANGUAGE sql IMMUTABLE
    AS $$ SELECT trim_scale($1)::varchar $$;
  ${TIMES}
  CREATE OR REPLACE FUNCTION "TO_CHAR"(numeric, text) RETURNS varchar LANGUAGE plpgsql IMMUTABLE STRICT AS $$
    DECLARE plain text := regexp_replace(trim_scale($1)::text, '^(-?)0\\.', '\\1.'); digits text; BEGIN
      IF $2 <> 'TM9' THEN RAISE EXCEPTION '%', $2 USING ERRCODE = 'OR481'; END IF;
      IF length(plain) <= 64 THEN RETURN plain; END IF;
      digits := ltrim(translate(plain, '-.', ''), '0');
      RETURN CASE WHEN $1 < 0 THEN '-' ELSE '' END || rtrim(rtrim(substr(digits, 1, 1) || '.' || substr(digits, 2), '0'), '.') || 'E' ||
        CASE WHEN abs($1) < 1 THEN '-' || regexp_replace((length(plain) - length(digits) - (CASE WHEN $1 < 0 THEN 1 ELSE 0 END))::text, '^(.)$', '0\\1')
        ELSE '+' || regexp_replace((length(split_part(ltrim(plain, '-'), '.', 1)) - 1)::text, '^(.)$', '0\\1') END; END $$;
  CREATE OR REPLACE FUNCTION "HEXTORAW"(text) RETURNS bytea LANGUAGE sql IMMUTABLE AS $$ SELECT decode($1, 'hex') $$;
  CREATE OR REPLACE FUNCTION "RAWTOHEX"(bytea) RETURNS varchar LANGUAGE sql IMMUTABLE AS $$ SELECT upper(encode($1, 'hex'))::varchar $$;
  CREATE OR REPLACE FUNCTION "TO_BOOLEAN"(text) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$ SELECT $1::boolean $$;
  CREATE OR REPLACE FUNCTION "JSON_SERIALIZE"(jsonb) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT $1::text $$;
  ${DICTIONARY}
`;
