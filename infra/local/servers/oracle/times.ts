/**
 * Times with a zone, which PostgreSQL does not keep: a text of the moment in UTC with nine digits behind the second, and the offset. So they sort by the moment; two of the
 * same moment with other offsets are equal to Oracle, and not here.
 */
const DIGITS = 9;

/** The type of a column. Of each number of digits there is one, so that the dictionary can tell it. */
export function zonedType(digits: number): string {
  return `"TIMESTAMP(${digits}) WITH TIME ZONE"`;
}

/** A domain is no column type that can be made twice. */
function domain(name: string, of: string): string {
  return `DO $$ BEGIN CREATE DOMAIN ${name} AS ${of}; EXCEPTION WHEN duplicate_object THEN NULL; END $$;`;
}

const DATE = 'YYYY-MM-DD HH24:MI:SS';
const DATED = '[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}';
const OFFSET = '[-+][0-9]{2}:[0-9]{2}';

/** Of one kind of time: the format models that are known, and what a text has to look like for them. */
function checked(models: string, texts: string): string {
  return (
    `IF $2 !~ '^${models}$' THEN RAISE EXCEPTION '%', $2 USING ERRCODE = 'OR821'; END IF; ` +
    `IF $1 !~ '^${texts}$' THEN RAISE EXCEPTION 'a time' USING ERRCODE = '22007'; END IF; `
  );
}

const defined = (signature: string, result: string, check: string, returned: string) =>
  `CREATE OR REPLACE FUNCTION ${signature} RETURNS ${result} LANGUAGE plpgsql IMMUTABLE STRICT AS $$ BEGIN ${check}RETURN ${returned}; END $$;`;

/** Only the format models that the functions bind and read by are known. */
export const TIMES = [
  domain('"DATE"', 'timestamp(0)'),
  ...Array.from({ length: DIGITS + 1 }, (_, digits) => domain(zonedType(digits), 'text COLLATE "C"')),
  defined('"TO_DATE"(text, text)', 'timestamp', checked(DATE, DATED), '$1::timestamp(0)'),
  defined(
    '"TO_TIMESTAMP"(text, text)',
    'timestamp',
    checked(`${DATE}(\\.FF[1-6])?`, `${DATED}(\\.[0-9]{1,6})?`),
    '$1::timestamp',
  ),
  defined(
    '"TO_TIMESTAMP_TZ"(text, text)',
    'text',
    checked(`${DATE}(\\.FF[1-9])? TZH:TZM`, `${DATED}(\\.[0-9]{1,9})? ${OFFSET}`),
    `to_char(substr($1, 1, 19)::timestamp - right($1, 6)::interval, '${DATE}') || '.' ||
      rpad(coalesce(substring($1 FROM '\\.([0-9]+)'), ''), ${DIGITS}, '0') || ' ' || right($1, 6)`,
  ),
  // The base type of the domains is text.
  defined(
    '"TO_CHAR"(text, text)',
    'varchar',
    checked(`${DATE}(\\.FF[1-9])? TZH:TZM`, `${DATED}\\.[0-9]{${DIGITS}} ${OFFSET}`),
    `to_char(substr($1, 1, 19)::timestamp + right($1, 6)::interval, '${DATE}') ||
      CASE WHEN $2 LIKE '%.FF%' THEN '.' || substr($1, 21, substring($2 FROM 'FF([1-9])')::int) ELSE '' END || ' ' || right($1, 6)`,
  ),
].join('\n');
