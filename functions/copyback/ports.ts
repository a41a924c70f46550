/** One worker's ports over both stores of a collection, to copy from Oracle back to Couchbase. */
import { settle } from '../reconciliation/settle.ts';
import type { Run } from '../records/run.ts';
import { type Both, oracleKeys, type Work } from '../runs/ports.ts';
import type { SendReceipt } from '../stores/receipt.ts';
import { portsToCompare } from '../verification/ports.ts';
import type { CopyBackPorts } from './copy_back_shard.ts';

export function portsToCopyBack(
  both: Both,
  work: Work,
  { collection, options, phase }: Pick<Run, 'collection' | 'options' | 'phase'>,
  sendReceipt: SendReceipt,
): CopyBackPorts {
  const ports = portsToCompare(both, work, phase, 'version');
  const keys =
    options.back === 'changed' ? { keys: oracleKeys(both, 'handed-off', work.now, work.timeout) } : {};
  return {
    ...ports,
    ...keys,
    setAside: work.setAside,
    // A batch may take longer than a bake: each key has a look at the phase of its own, and a time after it.
    converge: async (key) => {
      const { timely } = await work.permit();
      return settle({ collection, key, phase, cause: 'run', expired: 0n }, phase, both, sendReceipt, timely);
    },
  };
}
