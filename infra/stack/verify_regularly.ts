/** Verifications that nobody asks for. */
import type { CheckedSettings } from '../settings.ts';
import type { ShardedRuns } from './sharded_runs.ts';

/** Begins one of each collection as often as the settings say, where they do. */
export function verifyRegularly(
  runs: Pick<ShardedRuns, 'every'>,
  { configuration, deployment: { verification } }: CheckedSettings,
): void {
  if (verification === null) return;
  const { hours, mode } = verification;
  const names = Object.keys(configuration.collections);
  const inputs = names.map((collection) => ({ collection, mode, ifPossible: true }) as const);
  runs.every(hours, inputs);
}
