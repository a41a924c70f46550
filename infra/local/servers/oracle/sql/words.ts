/** The words of Oracle SQL that are known here: a closed set. */

export type Kind = 'query' | 'block' | 'dml' | 'insert' | 'ddl' | 'session' | 'commit' | 'rollback';

export const KEYWORDS = new Set(
  `ADD ALL ALTER AND AS ASC BETWEEN BY CASE CHECK COLUMN COMMENT CONSTRAINT CREATE DEFAULT DELETE DESC DISTINCT DROP ELSE END ESCAPE
  EXISTS FETCH FIRST FOR FOREIGN FROM GROUP HAVING IN INDEX INNER INSERT INTO IS JOIN KEY LEFT LIKE LOCKED MATCHED MERGE NEXT NOT NOWAIT NULL
  OFFSET ON ONLY OR ORDER PRIMARY REFERENCES RETURNING ROW ROWS SELECT SET SKIP TABLE THEN UNION UNIQUE UPDATE USING VALUES WHEN WHERE`.split(
    /\s+/,
  ),
);
/** Words that are keywords only where they follow certain others, and may name columns elsewhere. */
export const KEYWORD_AFTER: Readonly<Record<string, readonly string[]>> = {
  COLUMN: ['DROP', 'ON'],
  KEY: ['PRIMARY', 'FOREIGN'],
  FIRST: ['FETCH'],
  NEXT: ['FETCH'],
  SKIP: ['UPDATE'],
  LOCKED: ['SKIP'],
  MATCHED: ['WHEN', 'NOT'],
};
export const FUNCTIONS: Readonly<Record<string, string>> = {
  COALESCE: 'coalesce',
  COUNT: 'count',
  GREATEST: 'greatest',
  HEXTORAW: '"HEXTORAW"',
  JSON_SERIALIZE: '"JSON_SERIALIZE"',
  LEAST: 'least',
  LENGTH: 'length',
  LENGTHB: 'octet_length',
  LOWER: 'lower',
  MAX: 'max',
  MIN: 'min',
  MOD: 'mod',
  NVL: 'coalesce',
  RAWTOHEX: '"RAWTOHEX"',
  SCN_TO_TIMESTAMP: '"SCN_TO_TIMESTAMP"',
  SUM: 'sum',
  SYS_CONTEXT: '"SYS_CONTEXT"',
  SYS_EXTRACT_UTC: '"SYS_EXTRACT_UTC"',
  TO_BOOLEAN: '"TO_BOOLEAN"',
  TO_CHAR: '"TO_CHAR"',
  TO_DATE: '"TO_DATE"',
  TO_TIMESTAMP: '"TO_TIMESTAMP"',
  TO_TIMESTAMP_TZ: '"TO_TIMESTAMP_TZ"',
  UPPER: 'upper',
};
export const KINDS: Readonly<Record<string, Kind>> = {
  SELECT: 'query',
  INSERT: 'insert',
  UPDATE: 'dml',
  DELETE: 'dml',
  MERGE: 'dml',
  CREATE: 'ddl',
  DROP: 'ddl',
  ALTER: 'ddl',
  COMMENT: 'ddl',
  GRANT: 'session',
  REVOKE: 'session',
  COMMIT: 'commit',
  ROLLBACK: 'rollback',
};
export const UNIMPLEMENTED = new Set('BEGIN DECLARE CALL WITH TRUNCATE LOCK EXPLAIN'.split(' '));
