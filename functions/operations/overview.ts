/** One look at everything: where each collection is, what it waits for, and what is under way. Tells what it can where a store is away. */
import pMap from 'p-map';
import type { Seen } from '../control/seen.ts';
import { ROUTES, type StoreName } from '../protocol/phase.ts';
import { type Away, isFresh } from '../records/away.ts';
import type { LoadSummary } from '../runs/load.ts';
import type { Progress } from '../runs/summary.ts';
import type { Encryptions } from '../stores/encryption.ts';
import { unreached } from '../stores/reach.ts';

export interface Overview extends Seen {
  /** Those that are not finished. */
  readonly runs: readonly Progress[];
  /** The load of Oracle, the same for all collections; not there while it is not known, nor of functions of the version before. */
  readonly load?: LoadSummary;
  /** The store that writes of the collection are acknowledged without, by their receipts; not there where they wait for it. */
  readonly away?: Away & { readonly store: StoreName };
  /** Of the connections to the stores, the same for all collections; functions of the version before do not tell it. */
  readonly connections?: Encryptions;
}

export interface OverviewPorts {
  look(): Promise<readonly Seen[]>;
  runs(collection: string): Promise<readonly Progress[]>;
  /** Null where no worker has read it yet, or it could not be read. Never rejects. */
  load(): Promise<LoadSummary | null>;
  /** The last note about each store that writes were acknowledged without. Never rejects. */
  away(): Promise<ReadonlyMap<StoreName, Away>>;
  /** Milliseconds since the epoch. */
  now(): number;
  /** Never rejects. */
  connections(): Promise<Encryptions>;
}

/** Collections whose runs are read at the same time. */
const CONCURRENCY = 4;

export async function overview(ports: OverviewPorts): Promise<Overview[]> {
  const [found, away, connections] = await Promise.all([ports.look(), ports.away(), ports.connections()]);
  const seen = found.map((each) => ({ ...each, ...awayFrom(each, away, ports.now()), connections }));
  const load = await ports.load();
  const withRuns = async (each: Omit<Overview, 'runs'>): Promise<Overview> => {
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

/** A note is about a store, and this collection may not have it as its follower. */
function awayFrom(
  { effective: { phase } }: Seen,
  notes: ReadonlyMap<StoreName, Away>,
  now: number,
): Pick<Overview, 'away'> {
  const { second, acknowledge } = ROUTES[phase];
  if (second === null || acknowledge !== 'first') return {};
  const note = notes.get(second);
  return note === undefined || !isFresh(note, now) ? {} : { away: { ...note, store: second } };
}
