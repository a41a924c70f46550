/** Seeded bugs of the rules for stores that forget what they have acknowledged. Each strikes after that only, so each has a focus. */
import type { SeededBug } from './bugs.ts';
import { apart, close, failover, fallback } from './focus.ts';
import {
  DIFFERING_WHEN_SPENT,
  ENDED_BY_PLACEHOLDER,
  HANDING_BACK_EARLY,
  LIFTING,
  MARKING_BLINDLY,
  REMINDING_LATE,
} from './forget_mutant.ts';

export const FORGET_BUGS: readonly SeededBug[] = [
  {
    name: 'survivor-lifted',
    what: 'a repair lifts what survived a failover above what Oracle holds',
    kernel: LIFTING,
    focus: failover,
  },
  {
    name: 'reminded-late',
    what: 'a repair gives Couchbase back what Oracle held before its last write',
    kernel: REMINDING_LATE,
    focus: failover,
  },
  {
    name: 'placeholder-ends',
    what: 'a placeholder that a failover has brought back counts as a deletion of what was put over it',
    kernel: ENDED_BY_PLACEHOLDER,
    focus: failover,
  },
  {
    name: 'marked-blindly',
    what: 'the marker that a repair puts counts as a deletion of what was written before it, and lost in a failover',
    kernel: MARKING_BLINDLY,
    focus: failover,
  },
  {
    name: 'gone-is-deleted',
    what: 'what is gone from Couchbase counts as deleted, though no tombstone tells of it',
    tampering: { goneBelieved: true },
    focus: failover,
  },
  {
    name: 'nothing-kept',
    what: 'what Couchbase holds of a later version than Oracle is not set aside',
    tampering: { nothingKept: true },
    focus: fallback,
  },
  {
    name: 'handed-back-early',
    what: 'a key is given back while its next CAS may be a version that Oracle has counted to',
    kernel: HANDING_BACK_EARLY,
    focus: close,
  },
  {
    name: 'spent-differs',
    what: 'a document whose time is up in Oracle alone is taken for a difference',
    kernel: DIFFERING_WHEN_SPENT,
    focus: apart,
  },
];
