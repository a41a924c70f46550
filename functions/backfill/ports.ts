/** One worker's ports over both stores of a collection, to copy from Couchbase to Oracle. */

import { type Both, CONCURRENCY, couchbaseKeys, couchbaseSizes, type Work } from '../runs/ports.ts';
import { readMany } from '../stores/couchbase/read_many.ts';
import { Batches } from '../stores/oracle/batch.ts';
import { recordStep } from '../stores/oracle/checkpoint.ts';
import { handedOffAmong } from '../stores/oracle/handed_off.ts';
import type { CopyPorts } from './copy_shard.ts';

export function portsToCopy(both: Both, work: Work): CopyPorts {
  const { couchbase, database, table } = both;
  const { hold, ledger, now, timeout, ...rest } = work;
  const batches = new Batches(database, table);
  return {
    ...rest,
    ...{ keys: couchbaseKeys(both, timeout), sizes: couchbaseSizes(both, timeout) },
    read: (keys, most) => readMany(couchbase, keys, { concurrency: CONCURRENCY, most }),
    apply: (copies, stepOf) =>
      batches
        .apply(copies, async (session, outcomes) => {
          const stale = copies.filter((_, index) => outcomes[index]?.kind === 'stale').map(({ key }) => key);
          const handedOff = await handedOffAmong(session, table.name, stale);
          await recordStep(session, hold, await stepOf(outcomes, handedOff), now());
        })
        .then(() => {}),
    finish: () => ledger.finish(hold, now()),
  };
}
