/** Rows of runs, shards and findings, in memory: who holds a shard, how far it is, and what was found on the way. */
import { verificationOf } from '../../functions/runs/summary.ts';
import type { Step } from '../../functions/runs/walk_shard.ts';
import type { Noted } from '../../functions/stores/oracle/findings.ts';
import { type Hold, Overtaken, type Run, type ShardRow } from '../../functions/stores/oracle/ledger_rows.ts';

interface Kept {
  readonly run: Run;
  readonly row: ShardRow;
  epoch: number;
}

const NOTHING = { listed: 0, applied: 0, stale: 0, gone: 0, failed: 0, bytes: 0 };

export class SimulatedLedger {
  readonly #shards: Kept[] = [];
  readonly #findings = new Map<string, Noted>();

  /** @param cuts keys between the shards. */
  begin(run: Run, cuts: readonly string[]): void {
    for (const [n, upTo] of [...cuts, null].entries())
      this.#shards.push({
        ...{ run, epoch: 0 },
        row: {
          ...NOTHING,
          shard: n,
          after: cuts[n - 1] ?? null,
          upTo,
          doneKey: null,
          state: 'open',
          changed: 0,
        },
      });
  }

  isOpen(run: string, shard: number): boolean {
    return this.#kept(run, shard)?.row.state === 'open';
  }

  /** Null where there is no such shard. Whoever took it before can do no more. */
  take(run: string, shard: number): { readonly hold: Hold; readonly row: ShardRow } | null {
    const kept = this.#kept(run, shard);
    return kept === undefined
      ? null
      : { hold: { run, shard, epoch: ++kept.epoch }, row: structuredClone(kept.row) };
  }

  /** Throws `Overtaken`. */
  record(hold: Hold, { to, counts, findings }: Step, now: number): void {
    const { row } = this.#held(hold);
    const names = Object.keys(counts) as (keyof typeof counts)[];
    const sums = Object.fromEntries(names.map((name) => [name, row[name] + counts[name]]));
    Object.assign(row, { ...sums, doneKey: to });
    for (const finding of findings)
      this.looked({ ...finding, run: hold.run, looks: 0, firstSeen: now, lastSeen: now });
  }

  /** Throws `Overtaken`. */
  finish(hold: Hold): void {
    Object.assign(this.#held(hold).row, { state: 'done' });
  }

  looked(noted: Noted): void {
    this.#findings.set(`${noted.run} ${noted.key}`, noted);
  }

  suspects(run: string): Noted[] {
    return this.#of(run).filter(({ verdict }) => verdict === 'suspect');
  }

  /** Whether a verification has found nothing that stands. */
  isClean(run: Run): boolean {
    const noted = this.#of(run.id);
    const verdicts = [...new Set(noted.map(({ verdict }) => verdict))];
    const tallies = verdicts.map((verdict) => ({
      ...{ verdict, kind: '' },
      count: noted.filter((each) => each.verdict === verdict).length,
    }));
    const rows = this.#shards.filter((each) => each.run === run).map(({ row }) => row);
    return verificationOf(run, rows, tallies, []).outcome === 'clean';
  }

  #of(run: string): Noted[] {
    return [...this.#findings.values()].filter((each) => each.run === run);
  }

  #held(hold: Hold): Kept {
    const kept = this.#kept(hold.run, hold.shard);
    if (kept === undefined || kept.epoch !== hold.epoch) throw new Overtaken(hold);
    return kept;
  }

  #kept(run: string, shard: number): Kept | undefined {
    return this.#shards.find((each) => each.run.id === run && each.row.shard === shard);
  }
}
