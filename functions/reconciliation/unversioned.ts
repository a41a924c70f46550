/**
 * Rows that somebody has changed by SQL without a new version. In `settle` a key that is not handed off has the version that Couchbase gave it, and Couchbase
 * still holds the very document of that CAS. No write and no forgetting store leaves another document in Oracle in this version: `converge` would give the
 * change to Couchbase, over what the API has acknowledged, and nothing would tell of it.
 */
import type { Call, Reply } from '../protocol/call.ts';
import type { Phase } from '../protocol/phase.ts';
import {
  type CouchbaseState,
  isCopy,
  isSpent,
  NO_DOCUMENT,
  NO_ROW,
  type OracleState,
} from '../protocol/state.ts';
import { isChanged } from '../stores/changed_by_sql.ts';

/** What one repair has read of a key so far. */
export class Unversioned {
  readonly #phase: Phase;
  #held: CouchbaseState = NO_DOCUMENT;
  /** As it was read last. */
  row: OracleState = NO_ROW;
  /** What `requireNone` has thrown; null where it has not. */
  found: Error | null = null;

  constructor(phase: Phase) {
    this.#phase = phase;
  }

  answered({ name }: Call, reply: Reply): void {
    if (name === 'couchbase.read') this.#held = reply as CouchbaseState;
    if (name === 'oracle.read') this.row = reply as OracleState;
  }

  /** Throws `found` before a repair takes such a key over, which gives it a version above both. */
  requireNone({ name }: Call): void {
    if (name !== 'oracle.swap' || this.#phase !== 'settle' || !isUnversioned(this.#held, this.row)) return;
    this.found = new Error('SQL_CHANGED: the row was changed by SQL without a new version');
    throw this.found;
  }
}

/** Another body, another expiry, or none: each store has a clock of its own, so a document may have expired in Oracle first. */
export function isUnversioned(held: CouchbaseState, row: OracleState): boolean {
  return isChanged(held, row) && !isCopy(held) && !isSpent(held, row);
}
