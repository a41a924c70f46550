/**
 * Until when a collection may have had writes that Couchbase has not made durable: see `books/not_durable.ts`. Rows are only added, so whoever writes them can
 * only shut gates for longer. In this it follows `CROSSFADE_NOT_DURABLE`, whose one row of a collection had to be changed.
 */
import type { Subject } from './schema.ts';

export const NOT_DURABLE: Subject = {
  name: 'CROSSFADE_NOT_DURABLE_UNTIL',
  steps: [
    [
      `CREATE TABLE CROSSFADE_NOT_DURABLE_UNTIL (
  collection VARCHAR2(100 BYTE) NOT NULL,
  until_at NUMBER(15) NOT NULL,
  CONSTRAINT CROSSFADE_NOT_DURABLE_UNTIL_PK PRIMARY KEY (collection, until_at)
)`,
    ],
  ],
};
