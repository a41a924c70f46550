/** What became of a run, from the rows of its shards, and from nothing else. */
import type { Counts, Ledger, Run, ShardRow } from '../stores/oracle/ledger.ts';

export interface Summary extends Counts {
  readonly run: string;
  readonly shards: { readonly done: number; readonly open: number };
  /** `unfinished`: some shards are not done, and the run can be gone on with. */
  readonly outcome: 'clean' | 'failures' | 'unfinished';
}

/** How far a run has come. */
export interface Progress extends Summary {
  /** Documents a second since it was begun; 0 before the first second is over. */
  readonly rate: number;
}

export async function progressOf({ id, started }: Run, ledger: Ledger, now: number): Promise<Progress> {
  const summary = summaryOf(id, await ledger.shards(id));
  const seconds = Math.floor((now - started) / 1000);
  return { ...summary, rate: seconds <= 0 ? 0 : Math.round(summary.listed / seconds) };
}

/** Ends the run if all of its shards are done. */
export async function summarize(run: string, ledger: Ledger, now: number): Promise<Summary> {
  const summary = summaryOf(run, await ledger.shards(run));
  if (summary.outcome !== 'unfinished') await ledger.end(run, summary.outcome, now);
  return summary;
}

export function summaryOf(run: string, rows: readonly ShardRow[]): Summary {
  const total = (name: keyof Counts) => rows.reduce((sum, row) => sum + row[name], 0);
  const done = rows.filter(({ state }) => state === 'done').length;
  const [failed, open] = [total('failed'), rows.length - done];
  return {
    run,
    shards: { done, open },
    outcome: open > 0 || rows.length === 0 ? 'unfinished' : failed > 0 ? 'failures' : 'clean',
    ...{ listed: total('listed'), applied: total('applied'), stale: total('stale'), gone: total('gone') },
    ...{ failed, bytes: total('bytes') },
  };
}
