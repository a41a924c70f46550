/**
 * What was measured for the proof of load, a minute at a time: see `books/load_proofs.ts`. Each container has rows of its own, so none waits for another. One step
 * of the control tables, which never changes.
 */
export const LOAD_PROOF_TABLE = [
  `CREATE TABLE CROSSFADE_LOAD_PROOF (
  collection VARCHAR2(100 BYTE) NOT NULL,
  minute NUMBER(15) NOT NULL,
  phase VARCHAR2(16 BYTE) NOT NULL,
  percent NUMBER(3) NOT NULL,
  part VARCHAR2(43 BYTE) NOT NULL,
  figures VARCHAR2(4000 BYTE) NOT NULL,
  CONSTRAINT CROSSFADE_LOAD_PROOF_PK PRIMARY KEY (collection, minute, phase, percent, part)
)`,
];
