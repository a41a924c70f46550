import { inspectedKeys } from '../../../functions/stores/oracle/inspect.ts';
import { keepsTheContract } from '../contract/contract.ts';
import { TEST_KEYS } from '../contract/subject.ts';
import { Reference } from '../reference.ts';
import { testDatabase } from './database.ts';

const DROP = { kind: 'drop', applied: false } as const;
const DROP_CHANGE = { kind: 'dropChange' } as const;

keepsTheContract('Oracle', async () => {
  const { connection, store, table, server, stop } = await testDatabase();
  const { couchbase, receipt } = new Reference(Date.now);
  return {
    phase: 'contract',
    ...TEST_KEYS,
    partners: { couchbase, oracle: store, receipt },
    apply: (key, content, version) => store.apply(key, { content, version }),
    reversion: async (key) => {
      const from = await store.read(key);
      return (version) => store.swap(key, { from, to: { ...from, version } });
    },
    keys: (shard, limit) =>
      inspectedKeys(connection, table.name, shard, { which: 'all', limit, now: Date.now() }),
    ...(server && {
      lose: async (loss) => {
        await server.calm();
        // Of what is executed, only changes are lost.
        const action = loss === 'request' ? DROP : DROP_CHANGE;
        for (const statement of ['UPDATE', 'INSERT'])
          if (loss !== null) await server.fault({ operation: 'execute', statement, times: null, action });
      },
    }),
    stop,
  };
});
