/**
 * What verifications have counted in tables of projections, by shard: see `books/projected_book.ts`. The column `*` counts rows. One step of the control tables,
 * which never changes.
 */
export const PROJECTED_TABLE = [
  `CREATE TABLE CROSSFADE_PROJECTED (
  run_id VARCHAR2(64 BYTE) NOT NULL,
  shard NUMBER(9) NOT NULL,
  table_name VARCHAR2(100 BYTE) NOT NULL,
  column_name VARCHAR2(100 BYTE) NOT NULL,
  row_count NUMBER(15) NOT NULL,
  nulled NUMBER(15) NOT NULL,
  rounded NUMBER(15) NOT NULL,
  CONSTRAINT CROSSFADE_PROJECTED_PK PRIMARY KEY (run_id, shard, table_name, column_name)
)`,
];
