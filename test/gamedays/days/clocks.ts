/** The clock of a Couchbase node is not that of the functions. */
import type { Day, Row } from '../day.ts';

const SKEWED: Row = {
  table: 'alarms',
  signs: ['CouchbaseClockBehind', 'CouchbaseClockAhead'],
  happened:
    'the clock of a Couchbase node differs from that of the functions by more than 5 seconds. Versions come from that clock, so a failover to or from this node could make an ' +
    'older content the newer one',
  advice:
    'synchronize the clocks of all nodes (NTP). A node that was behind is right at once. After one that was ahead, versions stay ahead until the time has caught up; let no node fail ' +
    'over before that. Where keys are given back meanwhile, on the way back or after a forced move, their receipts wait with the reason `CLOCK_BEHIND`, and go on by themselves. ' +
    'If one has failed over meanwhile: `npx crossfade verify start NAME` before any further move, and read [When a store has forgotten](#when-a-store-has-forgotten)',
};

export const CLOCKS: readonly Day[] = [
  {
    name: 'couchbase-clock-behind',
    row: SKEWED,
    alarms: ['CouchbaseClockBehind'],
    // A partition goes on from its highest CAS: it is behind by as much as it is used after that.
    provoke: ({ stack }) => stack.stores.couchbase.jump(-60_000),
    remedy: async (field) => {
      await field.stack.stores.couchbase.calm();
      await field.crowd.stop();
      await field.settled();
      for (const collection of ['cities', 'countries']) await field.succeed('verify', 'start', collection);
    },
  },
  {
    name: 'couchbase-clock-ahead',
    row: SKEWED,
    alarms: ['CouchbaseClockAhead'],
    provoke: ({ stack }) => stack.stores.couchbase.jump(8_000),
    remedy: ({ stack }) => stack.stores.couchbase.calm(),
  },
];
