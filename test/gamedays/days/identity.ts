/** Another store answers at the address of the old one, or the old one in an earlier state. */
import assert from 'node:assert/strict';
import { heartbeatOf } from '../../../functions/phases/parameters.ts';
import { ROUTES } from '../../../functions/protocol/phase.ts';
import type { Day, Row } from '../day.ts';
import { type Field, SETTLING } from '../field.ts';
import { COLLECTIONS } from '../operator.ts';
import { SETTINGS, TEST } from '../stack.ts';
import { verifyLateEnough } from './durability.ts';

const CHANGED: Row = {
  table: 'alarms',
  signs: ['IdentityChanged'],
  happened:
    'a store is another one than the collection was migrated with: a secret or a DNS name points at another cluster, a bucket was made anew, or the ' +
    'database was opened with RESETLOGS (a flashback, a recovery to an earlier time, a failover to a standby); or Oracle has come back without its last commits (a storage snapshot, a restored ' +
    'machine). Requests are served, receipts wait, and nothing is repaired, copied, swept or moved',
  advice:
    '`npx crossfade status` says which store, what it is, and what it was; of an Oracle without its last commits, from when on they are missing. If it is the wrong one, bring the old one back: all goes on within a minute. If ' +
    'it is to stay, make sure which of the two stores holds the newer state, then `npx crossfade identity accept NAME --truth … --why …` for each collection, and ' +
    '`npx crossfade verify start NAME` before any further move. Where it finds differences, read [When a store has forgotten](#when-a-store-has-forgotten)',
};

/** The last number that SSM has. */
function heartbeat({ stack }: Field): number {
  const Names = [heartbeatOf(SETTINGS.deployment.parameters)];
  const { Parameters } = stack.parameters.call('GetParameters', { Names }, TEST) as {
    readonly Parameters: readonly { readonly Value: string }[];
  };
  return Number(Parameters[0]?.Value ?? 0);
}

function fellBack(collection: string): RegExp {
  return new RegExp(`IDENTITY_CHANGED: Oracle of ${collection} .* fell back from number`);
}

async function accept(field: Field, why: string): Promise<void> {
  for (const collection of COLLECTIONS) {
    const { effective } = await field.statusOf(collection);
    const truth = ['--truth', ROUTES[effective.phase].flags.reads];
    await field.succeed('identity', 'accept', collection, ...truth, '--why', why);
  }
  await field.crowd.stop();
  await field.settled();
}

async function healed(field: Field): Promise<void> {
  const { output } = await field.crossfade('status');
  assert.doesNotMatch(output, /IDENTITY_|NOT_DURABLE/);
}

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
      await accept(field, 'the standby site took over, with all data');
      // What is accepted counts as not durable, so that gates wait.
      await verifyLateEnough(field);
    },
    healed,
  },
  {
    name: 'oracle-falls-back-silently',
    row: CHANGED,
    provoke: async (field) => {
      const { oracle } = field.stack.stores;
      await oracle.restorePoint();
      const then = heartbeat(field);
      // One of before the restore point may have been on its way to SSM.
      await field.until(
        'the heartbeat does not rise',
        () => heartbeat(field),
        (now) => now > then + 1,
      );
      await oracle.fallBack({ resetLogs: false, away: 1500 });
    },
    expect: (field) =>
      field
        .until(
          'no loss of commits is told',
          async () => (await field.crossfade('status')).output,
          (told) => COLLECTIONS.every((name) => fellBack(name).test(told)),
        )
        .then(() => {}),
    remedy: async (field) => {
      await accept(field, 'the snapshot of the storage is what is left');
      for (const collection of COLLECTIONS)
        await field.until(
          `the repair of ${collection} is not clean`,
          () => field.crossfade('verify', 'start', collection, '--repair'),
          ({ code }) => code === 0,
          SETTLING,
        );
      await verifyLateEnough(field);
    },
    healed,
  },
];
