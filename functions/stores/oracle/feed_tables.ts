/** The change feed of each collection, and what was written past the API: see `books/feeds.ts`. One step of the control tables, which never changes. */
export const FEED_TABLES = [
  `CREATE TABLE CROSSFADE_FEEDS (
  collection VARCHAR2(100 BYTE) NOT NULL,
  probe_key VARCHAR2(250 BYTE) NOT NULL,
  probed_at NUMBER(15) NOT NULL,
  seen_at NUMBER(15) NOT NULL,
  since_at NUMBER(15) NOT NULL,
  lag NUMBER(15) NOT NULL,
  CONSTRAINT CROSSFADE_FEEDS_PK PRIMARY KEY (collection)
)`,
  `CREATE TABLE CROSSFADE_FOREIGN (
  collection VARCHAR2(100 BYTE) NOT NULL,
  phase VARCHAR2(16 BYTE) NOT NULL,
  prefix VARCHAR2(64 BYTE) NOT NULL,
  writes NUMBER(15) NOT NULL,
  last_at NUMBER(15) NOT NULL,
  CONSTRAINT CROSSFADE_FOREIGN_PK PRIMARY KEY (collection, phase, prefix)
)`,
];
