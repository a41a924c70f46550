/** The words of Oracle SQL that are known here: a closed set. */

export type Kind = 'query' | 'block' | 'dml' | 'insert' | 'ddl' | 'session' | 'commit' | 'rollback';

export const KEYWORDS = new Set(
  `ADD ALL ALTER AND AS ASC BETWEEN BY CASE CHECK COLUMN CONSTRAINT CREATE DEFAULT DELETE DESC DISTINCT DROP ELSE END ESCAPE
  EXISTS FETCH FIRST FOR FROM GROUP HAVING IN INDEX INNER INSERT INTO IS JOIN KEY LEFT LIKE LOCKED NEXT NOT NOWAIT NULL
  OFFSET ON ONLY OR ORDER PRIMARY RETURNING ROW ROWS SELECT SET SKIP TABLE THEN UNION UNIQUE UPDATE VALUES WHEN WHERE`.split(
    /\s+/,
  ),
);
/** Words that are keywords only where they follow certain others, and may name columns elsewhere. */
export const KEYWORD_AFTER: Readonly<Record<string, readonly string[]>> = {
  COLUMN: ['DROP'],
  KEY: ['PRIMARY'],
  FIRST: ['FETCH'],
  NEXT: ['FETCH'],
  SKIP: ['UPDATE'],
  LOCKED: ['SKIP'],
};
export const FUNCTIONS: Readonly<Record<string, string>> = {
  COALESCE: 'coalesce',
  COUNT: 'count',
  GREATEST: 'greatest',
  LEAST: 'least',
  LENGTH: 'length',
  LENGTHB: 'octet_length',
  LOWER: 'lower',
  MAX: 'max',
  MIN: 'min',
  MOD: 'mod',
  NVL: 'coalesce',
  SCN_TO_TIMESTAMP: '"SCN_TO_TIMESTAMP"',
  SUM: 'sum',
  SYS_CONTEXT: '"SYS_CONTEXT"',
  SYS_EXTRACT_UTC: '"SYS_EXTRACT_UTC"',
  TO_CHAR: '"TO_CHAR"',
  UPPER: 'upper',
};
export const KINDS: Readonly<Record<string, Kind>> = {
  SELECT: 'query',
  INSERT: 'insert',
  UPDATE: 'dml',
  DELETE: 'dml',
  CREATE: 'ddl',
  DROP: 'ddl',
  ALTER: 'ddl',
  GRANT: 'session',
  REVOKE: 'session',
  COMMIT: 'commit',
  ROLLBACK: 'rollback',
};
export const UNIMPLEMENTED = new Set('MERGE BEGIN DECLARE CALL WITH TRUNCATE LOCK EXPLAIN'.split(' '));
