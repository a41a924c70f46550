/** Lambda: compares both stores along shards, from their queue. */
import { container, VARIABLES } from './edge/container.ts';
import { variables } from './edge/environment.ts';
import { shardWorker } from './edge/shard_worker.ts';
import { compareShard } from './verification/compare_shard.ts';
import { portsToCompare, portsToCompareVersions } from './verification/ports.ts';
import { projectedOf } from './verification/projected_ports.ts';

const environment = variables(process.env, [
  ...VARIABLES,
  'PACE_PARAMETER',
  'SHARDS_QUEUE',
  'DEAD_LETTERS_QUEUE',
]);

/** Suspects of one shard that are written down one by one. */
const MOST = 1000;

export const handler = shardWorker(container(environment), environment, true, async (job) => {
  const { row, both, limits, phase, run, now, timeout } = job;
  const { mode = 'content', repair = false } = run.options;
  const of = { phase, collection: run.collection, run: run.id, now, timeout };
  const projected = mode === 'content' ? projectedOf(both, of) : undefined;
  const ports =
    mode === 'version'
      ? await portsToCompareVersions(both, job, phase)
      : portsToCompare(both, job, phase, mode, projected);
  return compareShard(row, ports, limits, {
    phase,
    mode,
    repair,
    most: MOST,
  });
});
