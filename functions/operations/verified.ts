/** Up to when both stores are known to be equal, and what speaks against it. */
import { byUtf8 } from '../protocol/order.ts';
import type { Shard } from '../protocol/shard.ts';
import type { Noted } from '../records/finding.ts';
import type { ProjectedFigures } from '../records/projected.ts';
import { type Ended, MODES, type Mode, type Run, type StandingRun } from '../records/run.ts';

export interface VerifiedPorts {
  /** Verifications that have ended, the latest first. */
  history(): Promise<readonly Ended[]>;
  mismatches(run: string): Promise<readonly Noted[]>;
  /** What a run has counted in tables of projections; nothing for a collection that has none. */
  projected(run: string): Promise<readonly ProjectedFigures[]>;
}

export interface VerifiedUpTo {
  /** The last clean run over all keys that compared versions or more: what was written before it began was equal. */
  readonly clean: Pick<Ended, 'id' | 'started' | 'phase' | 'options'> | null;
  /** The last of these that compared contents. */
  readonly contents: Pick<Ended, 'id' | 'started' | 'phase' | 'options'> | null;
  /** The last run that was not stopped. */
  readonly last: Pick<Ended, 'id' | 'started' | 'finished' | 'outcome' | 'phase' | 'options'> | null;
  /** Of what no later run has refuted: the difference that stands for longest. */
  readonly oldest: Pick<Noted, 'key' | 'kind' | 'detail' | 'firstSeen'> | null;
  /** What the last run that compared contents has counted in tables of projections. Missing where it has none. */
  readonly projected?: readonly ProjectedFigures[];
}

export async function verifiedUpTo(ports: VerifiedPorts): Promise<VerifiedUpTo> {
  const runs = await ports.history();
  const last = runs.find(({ outcome }) => outcome !== 'stopped') ?? null;
  const cleaned = runs.filter((run) => run.outcome === 'clean' && comparesAll(run));
  const found = await Promise.all(
    standingRuns(runs, runs)
      .slice(0, MOST)
      .map(async ({ run, except }) =>
        (await ports.mismatches(run)).filter(({ key }) => !except.some((range) => isIn(key, range))),
      ),
  );
  const [oldest] = found.flat().sort((a, b) => a.firstSeen - b.firstSeen);
  const contents = cleaned.find(({ options }) => options.mode === 'content');
  const counted = runs.find(({ outcome, options: { mode } }) => outcome !== 'stopped' && mode === 'content');
  const projected = counted === undefined ? [] : await ports.projected(counted.id);
  return {
    ...{ clean: cleaned[0] ?? null, contents: contents ?? null, last, oldest: oldest ?? null },
    ...(projected.length === 0 ? {} : { projected }),
  };
}

/** Whether a run was about all keys, and compared versions or more. In `legacy` nobody looks at Oracle. */
export function comparesAll({ phase, options: { mode, range } }: Ended): boolean {
  return phase !== 'legacy' && mode !== 'count' && range === undefined;
}

/** Runs that are looked at for differences. */
const MOST = 10;

/**
 * The runs that were not clean, and whose findings no later run has refuted.
 * @param runs that have ended, or are under way.
 * @param later runs that may refute them, of any kind.
 */
export function standingRuns(runs: readonly (Run | Ended)[], later: readonly Ended[]): StandingRun[] {
  return runs.flatMap((run) => {
    if ('outcome' in run && run.outcome === 'clean') return [];
    const ranges = later.filter((other) => refutes(other, run)).map(({ options }) => options.range);
    const except = ranges.filter((range) => range !== undefined);
    return except.length < ranges.length ? [] : [{ run: run.id, except }];
  });
}

/** Whether a run has looked again, and as closely, at the keys of its range that an earlier one was about. */
function refutes(later: Ended, run: Run | Ended): boolean {
  if (later.outcome === 'stopped' || !('finished' in run) || later.started < run.finished) return false;
  if (later.kind === 'verify') {
    // In `legacy` nobody looks at Oracle.
    const looks = later.phase !== 'legacy' || run.phase === 'legacy';
    return (
      looks && depthOf(later.options.mode) >= depthOf(run.kind === 'verify' ? run.options.mode : 'version')
    );
  }
  return later.kind === run.kind && (later.options.back === run.options.back || later.options.back === 'all');
}

function depthOf(mode: Mode = 'content'): number {
  return MODES.indexOf(mode);
}

function isIn(key: string, { after, upTo }: Shard): boolean {
  return (after === null || byUtf8(key, after) > 0) && (upTo === null || byUtf8(key, upTo) <= 0);
}
