/** Up to when both stores are known to be equal, and what speaks against it. */
import type { Noted } from '../stores/oracle/findings.ts';
import type { Ended } from '../stores/oracle/ledger_rows.ts';

export interface VerifiedPorts {
  /** Verifications that have ended, the latest first. */
  history(): Promise<readonly Ended[]>;
  mismatches(run: string): Promise<readonly Noted[]>;
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
}

export async function verifiedUpTo(ports: VerifiedPorts): Promise<VerifiedUpTo> {
  const runs = await ports.history();
  const last = runs.find(({ outcome }) => outcome !== 'stopped') ?? null;
  const cleaned = runs.filter((run) => run.outcome === 'clean' && comparesAll(run));
  const found = await Promise.all(unrefuted(runs).map(({ id }) => ports.mismatches(id)));
  const [oldest] = found.flat().sort((a, b) => a.firstSeen - b.firstSeen);
  const contents = cleaned.find(({ options }) => options.mode === 'content');
  return { clean: cleaned[0] ?? null, contents: contents ?? null, last, oldest: oldest ?? null };
}

/** Whether a run was about all keys, and compared versions or more. In `legacy` nobody looks at Oracle. */
export function comparesAll({ phase, options: { mode, range } }: Ended): boolean {
  return phase !== 'legacy' && mode !== 'count' && range === undefined;
}

/** Runs that are looked at for differences. */
const MOST = 10;

/**
 * The latest runs that were not clean, and whose differences no later one has refuted: a run over a part of the keys, or one that
 * compared versions alone, says nothing of what a run over all contents has found.
 * @param runs that have ended, the latest first.
 */
export function unrefuted(runs: readonly Ended[]): readonly Ended[] {
  const whole = runs.findIndex(
    (run) => run.outcome !== 'stopped' && comparesAll(run) && run.options.mode === 'content',
  );
  const since = whole < 0 ? runs : runs.slice(0, whole + 1);
  return since.filter(({ outcome }) => outcome !== 'clean').slice(0, MOST);
}
