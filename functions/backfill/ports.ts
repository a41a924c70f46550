/** One worker's ports over both stores of a collection, to copy from Couchbase to Oracle. */

import { recordStep } from '../books/checkpoint.ts';
import { CallFailed } from '../protocol/call.ts';
import { type Both, CONCURRENCY, couchbaseKeys, couchbaseSizes, sieveOf, type Work } from '../runs/ports.ts';
import type { Permit } from '../runs/turn.ts';
import { readMany } from '../stores/couchbase/read_many.ts';
import { Batches } from '../stores/oracle/batch.ts';
import { handedOffAmong } from '../stores/oracle/handed_off.ts';
import { mostRows } from '../stores/oracle/table.ts';
import type { CopyPorts } from './copy_shard.ts';

export function portsToCopy(both: Both, work: Work): CopyPorts {
  const { couchbase, database, table } = both;
  const { hold, ledger, now, timeout, ...rest } = work;
  const batches = new Batches(database, table);
  return {
    ...rest,
    ...{ keys: couchbaseKeys(both, timeout), sizes: couchbaseSizes(both, timeout) },
    sieve: sieveOf(both, work),
    read: (keys, most) => readMany(couchbase, keys, { concurrency: CONCURRENCY, most }),
    apply: async (copies, stepOf, unfit) => {
      const permit = await work.permit();
      await batches.apply(
        copies,
        async (session, outcomes) => {
          const stale = copies.filter((_, index) => outcomes[index]?.kind === 'stale').map(({ key }) => key);
          const handedOff = await handedOffAmong(session, table.name, stale);
          await recordStep(session, hold, await stepOf(outcomes, handedOff), now());
          requireTime(permit);
        },
        unfit,
      );
    },
    rows: ({ content }) => mostRows(table, content),
    finish: () => ledger.finish(hold, now()),
  };
}

/**
 * A batch takes many calls, waits for a session before them, and its sandbox may be frozen between two of them: one that began in
 * `expand` could be committed long after the bake, in a phase that counts on no copies. 1 The batch is sent, and not committed. 2 The
 * function ends, or freezes. 3 The service goes on to `switch`, and a document is deleted. 4 The function thaws, and commits: the
 * document is back. So the commit alone decides when the copies take effect, and it is sent in time or never. How much is left of the function's
 * time does not matter: a function that ends sends no commit.
 */
function requireTime({ holds }: Permit): void {
  if (!holds())
    throw new CallFailed(
      'The batch took longer than the look at the phase lasts, so it was not committed. The shard is delivered again, and its next worker repeats the batch',
    );
}
