import { perform } from '../../../functions/protocol/call.ts';
import { push } from '../../../functions/protocol/carry.ts';
import { keysOf } from '../../../functions/stores/couchbase/enumerate.ts';
import { portOf } from '../../../functions/stores/port.ts';
import { keepsTheContract } from '../contract/contract.ts';
import { TEST_KEYS } from '../contract/subject.ts';
import { Reference } from '../reference.ts';
import { testCluster } from './cluster.ts';

const MUTATIONS = ['set', 'add', 'replace', 'delete', 'mutateIn'] as const;

keepsTheContract('Couchbase', async () => {
  const { connection, keyspace, store, server, stop } = await testCluster();
  // Oracle has no row of any key here, so that nothing but Couchbase decides.
  const { oracle, receipt } = new Reference(Date.now);
  const partners = { couchbase: store, oracle, receipt };
  return {
    phase: 'legacy',
    ...TEST_KEYS,
    // CAS are nanoseconds since the epoch, and no version is a day ahead of them.
    highest: BigInt(Date.now() + 20 * 3_600_000) * 1_000_000n,
    partners,
    apply: (key, content, version) => perform(push(content, version, true), portOf(key, partners)),
    reversion: async (key) => {
      const { cas, content } = await store.read(key);
      return async (version) => (await store.swap(key, { cas, content, version })) !== null;
    },
    keys: (shard, limit) => keysOf(connection, keyspace, shard, { limit, timeout: 20_000 }),
    ...(server && {
      lose: async (loss) => {
        await server.calm();
        const action = { kind: 'drop', applied: loss === 'answer' } as const;
        if (loss !== null)
          for (const operation of MUTATIONS) await server.fault({ operation, times: null, action });
      },
    }),
    stop,
  };
});
