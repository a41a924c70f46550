/** How hard Oracle works, as one worker of runs has read it for all of them: see `books/load.ts`. */
export const LOAD_TABLE = `CREATE TABLE CROSSFADE_LOAD (
  name VARCHAR2(64 BYTE) NOT NULL,
  next_at NUMBER(15) NOT NULL,
  readings VARCHAR2(4000 BYTE),
  CONSTRAINT CROSSFADE_LOAD_PK PRIMARY KEY (name)
)`;
