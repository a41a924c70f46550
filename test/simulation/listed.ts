/** Verifications by version that look only at documents about which the lists of both stores differ, as they are deployed where Couchbase has an index of versions. */
import type { Phase } from '../../functions/protocol/phase.ts';
import type { Shard } from '../../functions/protocol/shard.ts';
import type { ComparePorts } from '../../functions/verification/compare_shard.ts';
import { VersionLists } from '../../functions/verification/version_lists.ts';
import type { Process } from './scheduler.ts';
import type { SimulatedStores } from './world.ts';

const NONE = { applied: 0, gone: 0, failed: 0, bytes: 0 };

/** The ports of a worker that looks only at documents about which the lists differ. */
export function byLists(
  ports: ComparePorts,
  stores: SimulatedStores,
  process: Process,
  phase: Phase,
): ComparePorts {
  const listed = <Listed>(store: 'couchbase' | 'oracle', label: string, of: (key: string) => Listed) => {
    return (shard: Shard, limit: number) =>
      stores.whole(process, store, label, () => stores.keys(store, shard, limit).map(of));
  };
  const lists = new VersionLists(
    {
      keys: listed('couchbase', 'lists couchbase', (key) => key),
      versions: listed('couchbase', 'lists versions', (key) => {
        const { presence, version, expires } = stores.seen('couchbase', key);
        return { key, version: presence === 'live' ? version : null, expires };
      }),
      rows: listed('oracle', 'lists rows', (key) => {
        const { presence, version, handoff, expires } = stores.seen('oracle', key);
        return { key, version, handoff, expires, isLive: presence === 'live' };
      }),
    },
    phase,
    { of: () => 'taken' },
  );
  return {
    ...ports,
    keys: (shard, limit) => lists.next(shard, limit),
    sieve: {
      of: (key) => lists.of(key),
      pass: (to, { alike = 0 }) =>
        ports.record({ to, counts: { ...NONE, listed: alike, stale: alike }, findings: [] }),
    },
  };
}
