/**
 * By when the rows of control tables were over: what retention removes is found by these, and without them by reading all of a table once an hour, which for some million rows takes
 * longer than a call may. Each is counted by itself, and left to the owner where its table has many rows: see `Subject.speeds`.
 */
import type { Subject } from './schema.ts';

export const keptIndex = (table: string): string => `${table}_OVER`;

/** @param over the column with the time. */
function byTime(table: string, over: string): Subject {
  const create = `CREATE INDEX ${keptIndex(table)} ON ${table} (${over}) ONLINE`;
  return { name: `${table}/over`, steps: [[create]], speeds: table };
}

export const KEPT_INDEXES: readonly Subject[] = [
  byTime('CROSSFADE_FINDINGS', 'last_seen'),
  byTime('CROSSFADE_LETTERS', 'last_seen'),
  byTime('CROSSFADE_REPAIRS', 'at'),
  // Null, and in no index, for what waits for a decision.
  byTime('CROSSFADE_SET_ASIDE', 'decided'),
];
