/**
 * The one kind of trigger that is known here: before each row, for all users but some, in words that PL/SQL and PL/pgSQL share, or nearly so. It becomes
 * a function and a trigger of PostgreSQL. UPDATING('COLUMN') tells here whether the statement has changed the column, and in Oracle whether it sets it.
 */
import { OraError } from '../ora.ts';
import { engineName } from './names.ts';
import { type Token, tokensOf } from './tokens.ts';
import { FUNCTIONS } from './words.ts';

const CREATE =
  /^\s*CREATE\s+OR\s+REPLACE\s+TRIGGER\s+(?<name>\w+)\s+BEFORE\s+INSERT\s+OR\s+UPDATE\s+OR\s+DELETE\s+ON\s+(?<table>\w+)\s+FOR\s+EACH\s+ROW\s+DISABLE\s+WHEN\s*\((?<when>[\s\S]*?)\)\s+(?<block>DECLARE[\s\S]*END)\s*;?\s*$/i;
const CHANGE = /^\s*(?<verb>DROP|ALTER)\s+TRIGGER\s+(?<name>\w+)(?:\s+(?<state>ENABLE|DISABLE))?\s*;?\s*$/i;
/** Seconds since the epoch: the one expression over dates. */
const SECONDS = /ROUND\(\(CAST\(SYS_EXTRACT_UTC\(SYSTIMESTAMP\) AS DATE\) - DATE '1970-01-01'\) \* 86400\)/gi;

/** Words that both languages have. */
const SHARED = new Set(
  `AND BEGIN CASE DECLARE ELSE ELSIF END EXCEPTION FROM IF IN INSERT INTO IS NOT NULL OR SELECT SET THEN UPDATE VALUES WHEN WHERE`.split(
    ' ',
  ),
);
const OTHERS: Readonly<Record<string, string>> = {
  DELETING: "(TG_OP = 'DELETE')",
  DUP_VAL_ON_INDEX: 'unique_violation',
  INSERTING: "(TG_OP = 'INSERT')",
  NUMBER: 'numeric',
  RETURN: 'RETURN coalesce(NEW, OLD)',
  SECONDS_NOW: 'floor(extract(epoch from "SYSTIMESTAMP"()))::numeric',
  SUBSTRB: 'substr',
  UPDATING: "(TG_OP = 'UPDATE')",
  USER: "nullif(current_setting('crossfade.session_user', true), '')",
};

/** What becomes of CREATE, ALTER and DROP TRIGGER: one statement of PostgreSQL. Null for any other statement. Throws ORA-03001 for another trigger. */
export function triggerStatement(sql: string): string | null {
  if (!/^\s*(CREATE(\s+OR\s+REPLACE)?|ALTER|DROP)\s+TRIGGER\b/i.test(sql)) return null;
  const { name, table, when, block } = CREATE.exec(sql)?.groups ?? {};
  if (name !== undefined && table !== undefined && when !== undefined && block !== undefined)
    return together(created(named(name), named(table), when, block));
  const { verb, name: known, state } = CHANGE.exec(sql)?.groups ?? {};
  if (verb === undefined || known === undefined || (verb.toUpperCase() === 'ALTER') !== (state !== undefined))
    throw new OraError(3001, 'unimplemented feature: another kind of TRIGGER');
  return changed(named(known), state?.toUpperCase());
}

function named(name: string): string {
  return engineName(name.toUpperCase());
}

function created(name: string, table: string, when: string, block: string): string[] {
  const body = `${rewritten(block).replace(/END$/, '')}RETURN coalesce(NEW, OLD); END`;
  return [
    `CREATE OR REPLACE FUNCTION "${name}"() RETURNS trigger LANGUAGE plpgsql AS $body$ ${body} $body$`,
    `CREATE OR REPLACE TRIGGER "${name}" BEFORE INSERT OR UPDATE OR DELETE ON "${table}" FOR EACH ROW ` +
      `WHEN (${rewritten(when)}) EXECUTE FUNCTION "${name}"()`,
    `ALTER TABLE "${table}" DISABLE TRIGGER "${name}"`,
    // The dictionary shows the condition as it was written.
    `COMMENT ON TRIGGER "${name}" ON "${table}" IS $when$${when.trim()}$when$`,
  ];
}

function together(statements: readonly string[]): string {
  return `DO $all$ BEGIN ${statements.map((text) => `EXECUTE $one$${text}$one$;`).join(' ')} END $all$`;
}

/** @param state of ALTER; none for DROP. */
function changed(name: string, state: string | undefined): string {
  const acts =
    state === undefined
      ? `EXECUTE format('DROP TRIGGER %I ON %I', '${name}', place); EXECUTE format('DROP FUNCTION %I()', '${name}');`
      : `EXECUTE format('ALTER TABLE %I ${state} TRIGGER %I', place, '${name}');`;
  return (
    'DO $all$ DECLARE place text; BEGIN SELECT c.relname INTO place FROM pg_trigger g JOIN pg_class c ON c.oid = g.tgrelid ' +
    `WHERE g.tgname = '${name}'; IF place IS NULL THEN RAISE EXCEPTION 'trigger ''${name}'' does not exist' USING ERRCODE = 'OR080'; END IF; ${acts} END $all$`
  );
}

/** Of a block without strings that have a semicolon in them: no token has one. */
function rewritten(text: string): string {
  const pieces = text.replaceAll(SECONDS, 'SECONDS_NOW').replaceAll(':=', '=').split(';');
  return pieces.map((piece) => words(tokensOf(piece)).join(' ').replaceAll(' . ', '.')).join('; ');
}

function words(tokens: readonly Token[]): string[] {
  const written: string[] = [];
  for (let at = 0; at < tokens.length; at++) {
    const { kind, text } = tokens[at] as Token;
    const open = tokens[at + 1]?.text === '(';
    if (kind === 'bind') written.push(text === 'NEW' || text === 'OLD' ? text : unknown(text));
    else if (kind !== 'word') written.push(text === "''" ? 'NULL' : text);
    else if (text === 'VARCHAR2' && open) {
      written.push('varchar');
      at = closing(tokens, at);
    } else if (text === 'UPDATING' && open) {
      const column = engineName((tokens[at + 2]?.text ?? '').replaceAll("'", ''));
      written.push(`(TG_OP = 'UPDATE' AND OLD."${column}" IS DISTINCT FROM NEW."${column}")`);
      at = closing(tokens, at);
    } else if (text === 'RAISE_APPLICATION_ERROR' && open) {
      written.push(`RAISE EXCEPTION ${tokens[closing(tokens, at) - 1]?.text} USING ERRCODE = 'OR001'`);
      at = closing(tokens, at);
    } else
      written.push(
        OTHERS[text] ??
          (SHARED.has(text) ? text : open ? called(text, tokens[at - 1]?.text) : `"${engineName(text)}"`),
      );
  }
  return written;
}

/** A name with a bracket behind it is a table's where rows are inserted, and else a function's. */
function called(name: string, before: string | undefined): string {
  return before === 'INTO' ? `"${engineName(name)}"` : (FUNCTIONS[name] ?? unknown(name));
}

function closing(tokens: readonly Token[], at: number): number {
  return tokens.findIndex(({ text }, index) => index > at && text === ')');
}

function unknown(name: string): never {
  throw new OraError(3001, `unimplemented feature: ${name} in a TRIGGER`);
}
