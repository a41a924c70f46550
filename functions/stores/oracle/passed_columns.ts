/**
 * How many keys a run has passed over, and how many documents of no collection an operator has accepted: see `books/checkpoint.ts` and `books/preflights.ts`. NULL in
 * rows of functions of the version before, which take every key. One step of the control tables, which never changes.
 */
export const PASSED_COLUMNS = [
  'ALTER TABLE CROSSFADE_SHARDS ADD (ignored NUMBER(15), elsewhere NUMBER(15))',
  'ALTER TABLE CROSSFADE_RUNS ADD (ignored NUMBER(15), elsewhere NUMBER(15))',
  'ALTER TABLE CROSSFADE_PREFLIGHTS ADD (accepted_orphans NUMBER(15) DEFAULT 0 NOT NULL)',
];
