/** Another store answers at the address of the old one. */
import assert from 'node:assert/strict';
import { ROUTES } from '../../../functions/protocol/phase.ts';
import type { Day, Row } from '../day.ts';
import { COLLECTIONS } from '../operator.ts';
import { verifyLateEnough } from './durability.ts';

const CHANGED: Row = {
  table: 'alarms',
  signs: ['IdentityChanged'],
  happened:
    'a store is another one than the collection was migrated with: a secret or a DNS name points at another cluster, a bucket was made anew, or the ' +
    'database was opened with RESETLOGS (a flashback, a recovery to an earlier time, a failover to a standby). Requests are served, receipts wait, and ' +
    'nothing is repaired, copied, swept or moved',
  advice:
    '`npx crossfade status` says which store, what it is, and what it was. If it is the wrong one, bring the old one back: all goes on within a minute. If ' +
    'it is to stay, make sure which of the two stores holds the newer state, then `npx crossfade identity accept NAME --truth … --why …` for each collection, and ' +
    '`npx crossfade verify start NAME` before any further move',
};

export const IDENTITY: readonly Day[] = [
  {
    name: 'another-cluster',
    row: CHANGED,
    provoke: ({ stack }) => stack.stores.couchbase.anotherCluster(),
    expect: async (field) => {
      // A status that finds a store slow, as it may be just after, tells nothing of what the store is.
      await field.until(
        'no change of identity is told',
        async () => (await field.crossfade('status')).output,
        (told) =>
          COLLECTIONS.every((name) => told.includes(`IDENTITY_CHANGED: Couchbase of ${name} is another one`)),
      );
      const waits = () =>
        field.logged.some(
          (line) => line.includes('is to be delivered again') && line.includes('IDENTITY_CHANGED'),
        );
      await field.until('no receipt waits', waits, (is) => is);
    },
    remedy: async (field) => {
      for (const collection of COLLECTIONS) {
        const { effective } = await field.statusOf(collection);
        const truth = ['--truth', ROUTES[effective.phase].flags.reads];
        const why = ['--why', 'the standby site took over, with all data'];
        await field.succeed('identity', 'accept', collection, ...truth, ...why);
      }
      await field.crowd.stop();
      await field.settled();
      // What is accepted counts as not durable, so that gates wait.
      await verifyLateEnough(field);
    },
    healed: async (field) => {
      const { output } = await field.crossfade('status');
      assert.doesNotMatch(output, /IDENTITY_|NOT_DURABLE/);
    },
  },
];
