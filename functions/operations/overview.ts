/** One look at everything: where each collection is, what it waits for, and what is under way. Tells what it can where a store is away. */
import pMap from 'p-map';
import type { Seen } from '../control/seen.ts';
import type { LoadSummary } from '../runs/load.ts';
import type { Progress } from '../runs/summary.ts';
import { unreached } from '../stores/reach.ts';

export interface Overview extends Seen {
  /** Those that are not finished. */
  readonly runs: readonly Progress[];
  /** The load of Oracle, the same for all collections; not there while it is not known, nor of functions of the version before. */
  readonly load?: LoadSummary;
}

export interface OverviewPorts {
  look(): Promise<readonly Seen[]>;
  runs(collection: string): Promise<readonly Progress[]>;
  /** Null where no worker has read it yet, or it could not be read. Never rejects. */
  load(): Promise<LoadSummary | null>;
}

/** Collections whose runs are read at the same time. */
const CONCURRENCY = 4;

export async function overview(ports: OverviewPorts): Promise<Overview[]> {
  const seen = await ports.look();
  const load = await ports.load();
  const withRuns = async (each: Seen): Promise<Overview> => {
    if ('missing' in each.evidence) return { ...each, runs: [] };
    try {
      const runs = await ports.runs(each.collection);
      return load === null ? { ...each, runs } : { ...each, runs, load };
    } catch (error) {
      // They lie in Oracle, which may have gone away just now.
      const missing = unreached(error);
      if (missing !== null) return { ...each, evidence: { missing }, runs: [] };
      throw error;
    }
  };
  return pMap(seen, withRuns, { concurrency: CONCURRENCY });
}
