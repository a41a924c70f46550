/** Live writers beside a verification. */
import { perform } from '../../functions/protocol/call.ts';
import { UNCONDITIONAL } from '../../functions/protocol/condition.ts';
import { write } from '../../functions/protocol/write.ts';
import { portOf } from '../../functions/stores/port.ts';
import type { Rig } from '../runs/rig.ts';
import { document } from '../stores/contract/subject.ts';

/** Writes to these keys as routers do in `expand`, until it is told to stop; tells how often then. */
export function writers(rig: Rig, keys: readonly string[]): () => Promise<number> {
  let [writing, written] = [true, 0];
  const one = async (offset: number) => {
    for (let n = offset; writing; n += 7) {
      const key = keys[n % keys.length] as string;
      const content = n % 4 === 0 ? null : document(`{"n":${n}}`);
      const receipt = { send: async () => null, sent: async () => true };
      const partners = { couchbase: rig.cluster.store, oracle: rig.database.store, receipt };
      await perform(write('expand', { content, condition: UNCONDITIONAL }), portOf(key, partners));
      written++;
    }
  };
  const all = [0, 1, 2].map(one);
  return async () => {
    writing = false;
    await Promise.all(all);
    return written;
  };
}
