/** A node of Couchbase is gone, and with it the durability of writes. */
import assert from 'node:assert/strict';
import { unprovenUntil } from '../../../functions/control/not_durable.ts';
import type { Day, Row } from '../day.ts';
import type { Field } from '../field.ts';
import { COLLECTIONS } from '../operator.ts';

const NOT_DURABLE: Row = {
  table: 'alarms',
  signs: ['WritesNotDurable'],
  happened:
    'too few replicas are up in Couchbase for durable writes, and the collection accepts writes without (`durabilityImpossible`): a failover now ' +
    'would lose what was acknowledged',
  advice:
    'bring the failed node back, or add one, and rebalance. `npx crossfade status` says until when there may have been such writes. After that time, ' +
    '`npx crossfade verify start NAME`: no gate opens before a run is clean. Where it finds differences, look at them before you repair: Oracle may hold ' +
    'the write that Couchbase has lost',
};

const FAILED_OVER: Row = {
  table: 'alarms',
  signs: ['CouchbaseFailedOver'],
  happened:
    'a node of Couchbase has failed over, or has come back without what it had in memory. Durable writes are all there. Others may be lost, so the gates of collections with ' +
    '`durability: none`, or with `durabilityImpossible: accept`, wait for a verification by content',
  advice:
    'bring the node back and rebalance. Where `npx crossfade status` says `NOT_DURABLE` up to a time: `npx crossfade verify start NAME` after that time, and once more where it still ' +
    'says so, since a run may be the first to read documents of a node that has failed over. If a run is not clean, Oracle may hold the write that Couchbase has ' +
    'lost: `npx crossfade verify start NAME --repair` puts it back or sets it aside, then read [When a store has forgotten](#when-a-store-has-forgotten)',
};

/** Verifies each collection whose gates wait for it, once the time is over that was noted. */
export async function verifyLateEnough(field: Field, ...options: string[]): Promise<void> {
  for (const collection of COLLECTIONS) {
    const { evidence } = await field.statusOf(collection);
    const until = 'missing' in evidence ? null : unprovenUntil(evidence.collection);
    if (until === null) continue;
    await field.until(
      'the time that was noted is not over',
      () => Date.now(),
      (now) => now > until + 1000,
    );
    await field.succeed('verify', 'start', collection, ...options);
  }
}

const KEY = { collection: 'cities', key: 'failed-over' };

export const DURABILITY: readonly Day[] = [
  {
    name: 'durable-writes-impossible',
    row: NOT_DURABLE,
    provoke: ({ stack }) => stack.stores.couchbase.loseReplica(),
    expect: async (field) => {
      const { output } = await field.crossfade('status');
      assert.match(output, /NOT_DURABLE: up to .* writes may lie on one node of Couchbase alone/);
      assert.equal(field.said('durability-impossible'), false);
    },
    remedy: async (field) => {
      await field.stack.stores.couchbase.nodesBack();
      await field.crowd.stop();
      await verifyLateEnough(field);
    },
    healed: async (field) => {
      const { output } = await field.crossfade('status');
      assert.doesNotMatch(output, /NOT_DURABLE/);
    },
  },
  {
    name: 'couchbase-fails-over',
    row: FAILED_OVER,
    // A failover leaves in doubt what clients write meanwhile.
    isQuiet: true,
    provoke: async (field) => {
      const put = () => field.app.put(KEY, '{"name":"Troy","country":"TR","population":1}');
      await put();
      await field.stack.stores.couchbase.failOver();
      await field.stack.stores.couchbase.nodesBack();
      await field.until('no write is taken', put, ({ status }) => status < 300);
    },
    expect: async (field) => {
      const status = () => field.succeed('status');
      await field.until('no gate is shut', status, (told) => told.includes('NOT_DURABLE'));
    },
    remedy: async (field) => {
      await field.settled();
      // In a bucket of two collections the run of each may be the first to see that its partitions have changed.
      for (const _ of COLLECTIONS) await verifyLateEnough(field, '--repair');
    },
    healed: async (field) => assert.doesNotMatch(await field.succeed('status'), /NOT_DURABLE/),
  },
];
