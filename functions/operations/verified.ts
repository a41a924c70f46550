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
  /** The last run that was not stopped. */
  readonly last: Pick<Ended, 'id' | 'started' | 'finished' | 'outcome' | 'phase' | 'options'> | null;
  /** Of the last run: the difference that stands for longest. */
  readonly oldest: Pick<Noted, 'key' | 'kind' | 'detail' | 'firstSeen'> | null;
}

export async function verifiedUpTo(ports: VerifiedPorts): Promise<VerifiedUpTo> {
  const runs = await ports.history();
  const last = runs.find(({ outcome }) => outcome !== 'stopped') ?? null;
  // In `legacy` nobody looks at Oracle.
  const counts = ({ phase, options: { mode, range } }: Ended) =>
    phase !== 'legacy' && mode !== 'count' && range === undefined;
  const clean = runs.find((run) => run.outcome === 'clean' && counts(run)) ?? null;
  const found = last === null || last.outcome === 'clean' ? [] : await ports.mismatches(last.id);
  const [oldest] = [...found].sort((a, b) => a.firstSeen - b.firstSeen);
  return { clean, last, oldest: oldest ?? null };
}
