/** Lambda: copies shards, from their queue: from Couchbase to Oracle, or back. */
import { copyShard } from './backfill/copy_shard.ts';
import { portsToCopy } from './backfill/ports.ts';
import { copyBackShard } from './copyback/copy_back_shard.ts';
import { portsToCopyBack } from './copyback/ports.ts';
import { container, VARIABLES } from './edge/container.ts';
import { variables } from './edge/environment.ts';
import { foreignNotes } from './edge/foreign_notes.ts';
import { shardWorker } from './edge/shard_worker.ts';

const environment = variables(process.env, [
  ...VARIABLES,
  'PACE_PARAMETER',
  'SHARDS_QUEUE',
  'DEAD_LETTERS_QUEUE',
]);
const parts = container(environment);
const foreign = foreignNotes(parts);

export const handler = shardWorker(parts, environment, false, (job) => {
  const { run, row, both, limits, phase } = job;
  if (run.kind === 'backfill') return copyShard(row, portsToCopy(both, job), limits);
  const telling = { ...both, oracle: foreign.over(run.collection, both.oracle) };
  const copied = copyBackShard(row, portsToCopyBack(telling, job, run, parts.sendReceipt), limits, phase);
  return copied.finally(() => foreign.changes());
});
