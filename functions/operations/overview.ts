/** One look at everything: where each collection is, what it waits for, and what is under way. Tells what it can where a store is away. */
import pMap from 'p-map';
import type { Seen } from '../control/seen.ts';
import type { Progress } from '../runs/summary.ts';
import { unreached } from '../stores/reach.ts';

export interface Overview extends Seen {
  /** Those that are not finished. */
  readonly runs: readonly Progress[];
}

export interface OverviewPorts {
  look(): Promise<readonly Seen[]>;
  runs(collection: string): Promise<readonly Progress[]>;
}

/** Collections whose runs are read at the same time. */
const CONCURRENCY = 4;

export async function overview(ports: OverviewPorts): Promise<Overview[]> {
  const seen = await ports.look();
  const withRuns = async (each: Seen): Promise<Overview> => {
    if ('missing' in each.evidence) return { ...each, runs: [] };
    try {
      return { ...each, runs: await ports.runs(each.collection) };
    } catch (error) {
      // They lie in Oracle, which may have gone away just now.
      const missing = unreached(error);
      if (missing !== null) return { ...each, evidence: { missing }, runs: [] };
      throw error;
    }
  };
  return pMap(seen, withRuns, { concurrency: CONCURRENCY });
}
