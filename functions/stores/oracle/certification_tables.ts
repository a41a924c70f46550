/** The tables of certifications, as steps; see `schema.ts`. Counted by themselves: no gate but one reads them. Times are milliseconds since the epoch. */
import { SCRATCH, type Subject, tableSubjects } from './schema.ts';

/** What each certification has found, and how far one is that is under way. See `books/certificates.ts`. */
export const CERTIFICATES: Subject = {
  name: 'CROSSFADE_CERTIFICATES',
  steps: [
    [
      // `slot` names what may run once at a time, while it runs: a unique constraint does not look at NULL.
      `CREATE TABLE CROSSFADE_CERTIFICATES (
  run_id VARCHAR2(80 BYTE) NOT NULL,
  part NUMBER(4) NOT NULL,
  slot VARCHAR2(16 BYTE),
  form VARCHAR2(16 BYTE) NOT NULL,
  place VARCHAR2(1000 BYTE) NOT NULL,
  began NUMBER(15) NOT NULL,
  changed NUMBER(15) NOT NULL,
  working NUMBER(1) NOT NULL,
  ended NUMBER(15),
  verdict VARCHAR2(16 BYTE),
  about VARCHAR2(4000 BYTE),
  body BLOB,
  CONSTRAINT CROSSFADE_CERTIFICATES_PK PRIMARY KEY (run_id, part),
  CONSTRAINT CROSSFADE_CERTIFICATES_SLOT UNIQUE (slot)
)`,
    ],
  ],
};

/** The table that certifications write into: as that of a collection, and no collection's. */
export const SCRATCH_TABLE: readonly Subject[] = tableSubjects(SCRATCH);
