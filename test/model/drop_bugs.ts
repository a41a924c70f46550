/** Seeded bugs of the rules for tombstones that are dropped. */
import type { SeededBug } from './bugs.ts';
import { drops } from './focus.ts';

export const DROP_BUGS: readonly SeededBug[] = [
  {
    name: 'tombstone-early',
    what: 'a tombstone is dropped while somebody is at work who has seen what was before it',
    rules: { noLife: true },
    focus: drops,
  },
  {
    name: 'tombstone-untold',
    what: 'a tombstone is dropped though Couchbase may still hold the document',
    rules: { noAgreement: true },
    focus: drops,
  },
  {
    name: 'tombstone-handed-back',
    what: 'a tombstone of a key that was given back is dropped though Couchbase may hold a copy that came too late',
    // In the schedule that is known the key was created over a deletion of nothing.
    rules: { noAgreementHandedBack: true, noLeastVersion: true },
    focus: drops,
  },
  {
    name: 'tombstone-counted',
    what: 'a tombstone is dropped whose version was counted up, and another document comes to have it',
    rules: { noLeastVersion: true },
    focus: drops,
  },
  {
    name: 'created-at-one',
    what: 'a document whose tombstone was dropped is created in version 1 again',
    tampering: { createdAtOne: true },
    focus: drops,
  },
];
