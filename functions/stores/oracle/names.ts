/** Names of tables and columns. */

/** Words that Oracle takes for no name of a table or column, and of no bind variable (SQL Language Reference, appendix E). */
export const RESERVED: ReadonlySet<string> = new Set(
  `ACCESS ADD ALL ALTER AND ANY AS ASC AUDIT BETWEEN BY CHAR CHECK CLUSTER COLUMN COLUMN_VALUE COMMENT COMPRESS CONNECT
  CREATE CURRENT DATE DECIMAL DEFAULT DELETE DESC DISTINCT DROP ELSE EXCLUSIVE EXISTS FILE FLOAT FOR FROM GRANT GROUP
  HAVING IDENTIFIED IMMEDIATE IN INCREMENT INDEX INITIAL INSERT INTEGER INTERSECT INTO IS LEVEL LIKE LOCK LONG MAXEXTENTS
  MINUS MLSLABEL MODE MODIFY NESTED_TABLE_ID NOAUDIT NOCOMPRESS NOT NOWAIT NULL NUMBER OF OFFLINE ON ONLINE OPTION OR
  ORDER PCTFREE PRIOR PUBLIC RAW RENAME RESOURCE REVOKE ROW ROWID ROWNUM ROWS SELECT SESSION SET SHARE SIZE SMALLINT
  START SUCCESSFUL SYNONYM SYSDATE TABLE THEN TO TRIGGER UID UNION UNIQUE UPDATE USER VALIDATE VALUES VARCHAR VARCHAR2
  VIEW WHENEVER WHERE WITH`.split(/\s+/),
);

/** How names are spelt that need no quotes. Oracle keeps them in capitals, up to 128 bytes since 12.2; 100 leave room for the names of constraints and indexes. */
export const NAME = /^[A-Z][A-Z0-9_]{0,99}$/;

/** Whether Oracle takes it without quotes as the name of a table or column. */
export function isName(text: string): boolean {
  return NAME.test(text) && !RESERVED.has(text);
}

/** What the names of tables begin with that are Crossfade's own. */
export const OURS = 'CROSSFADE_';
