/** Rows of runs, shards and findings, in memory: which run has the place of its kind, who holds a shard, how far it is, and what was found. */
import type { Shard } from '../../functions/protocol/shard.ts';
import type { Noted, Step } from '../../functions/records/finding.ts';
import type { Kind } from '../../functions/records/run.ts';
import {
  type Ended,
  type Hold,
  type Outcome,
  Overtaken,
  type Run,
  type ShardRow,
} from '../../functions/records/run.ts';
import type { Books } from '../../functions/runs/summary.ts';
import { openOf, totalsOf } from '../runs/totals.ts';

interface Kept {
  readonly run: Run;
  readonly row: ShardRow;
  epoch: number;
}

const NOTHING = { listed: 0, applied: 0, stale: 0, gone: 0, failed: 0, bytes: 0 };

export class SimulatedLedger {
  readonly #runs = new Map<string, Run & { ended: Ended | null }>();
  readonly #shards: Kept[] = [];
  readonly #findings = new Map<string, Noted>();

  /** As the steps of a state machine ask it. @param whole does one call as Oracle does: at once or not at all. */
  books(whole: <Result>(label: string, act: () => Result) => Promise<Result>): Books {
    const ledger = {
      begin: (run: Run, shards: readonly Shard[]) =>
        whole(`begins ${run.id}`, () => this.#begin(run, shards)),
      end: (run: string, outcome: Outcome, now: number) =>
        whole(`ends ${run}: ${outcome}`, () => this.#end(run, outcome, now)),
      totals: (run: string) => whole('', () => totalsOf(this.#rowsOf(run))),
      open: (run: string, most: number) => whole('', () => openOf(this.#rowsOf(run), most)),
      giveOut: (run: string, most: number) => whole('', () => this.#giveOut(run, most)),
      countUnderWay: async () => [...this.#runs.values()].filter(({ ended }) => ended === null).length,
      unfinished: (kind: Kind) => whole('', () => this.unfinished(kind)),
    };
    const findings = {
      of: (run: string, verdict: string) =>
        whole('', () => this.#of(run).filter((noted) => noted.verdict === verdict)),
      tally: (run: string) => whole('', () => this.#tally(run)),
    };
    return { ledger, findings } as unknown as Books;
  }

  unfinished(kind: Kind): Run | null {
    return [...this.#runs.values()].find((run) => run.kind === kind && run.ended === null) ?? null;
  }

  /** Null once it has ended. */
  running(id: string): Run | null {
    const run = this.#runs.get(id);
    return run === undefined || run.ended !== null ? null : run;
  }

  /** Runs that have ended and were not stopped, the latest first. */
  history(kind: Kind): Ended[] {
    return [...this.#runs.values()]
      .flatMap(({ ended }) => (ended?.kind === kind && ended.outcome !== 'stopped' ? [ended] : []))
      .sort((a, b) => b.started - a.started);
  }

  isOpen(run: string, shard: number): boolean {
    return this.#kept(run, shard)?.row.state === 'open';
  }

  /** Null where there is no such shard. Whoever took it before can do no more. */
  take(run: string, shard: number, changed: number): { readonly hold: Hold; readonly row: ShardRow } | null {
    const kept = this.#kept(run, shard);
    if (kept === undefined) return null;
    Object.assign(kept.row, { changed });
    return { hold: { run, shard, epoch: ++kept.epoch }, row: structuredClone(kept.row) };
  }

  /** Throws `Overtaken`. */
  record(hold: Hold, { to, counts, findings }: Step, now: number): void {
    const { row } = this.#held(hold);
    const names = Object.keys(counts) as (keyof typeof counts)[];
    const sums = Object.fromEntries(names.map((name) => [name, row[name] + counts[name]]));
    Object.assign(row, { ...sums, doneKey: to, changed: now });
    for (const finding of findings)
      this.looked({ ...finding, run: hold.run, looks: 0, firstSeen: now, lastSeen: now });
  }

  /** Throws `Overtaken`. */
  finish(hold: Hold, now: number): void {
    Object.assign(this.#held(hold).row, { state: 'done', changed: now });
  }

  looked(noted: Noted): void {
    this.#findings.set(`${noted.run} ${noted.key}`, noted);
  }

  suspects(run: string): Noted[] {
    return this.#of(run).filter(({ verdict }) => verdict === 'suspect');
  }

  #begin(run: Run, shards: readonly Shard[]): Run | null {
    const other = this.unfinished(run.kind) ?? this.#runs.get(run.id) ?? null;
    if (other !== null) return other;
    this.#runs.set(run.id, { ...run, ended: null });
    for (const [shard, range] of shards.entries()) {
      const row: ShardRow = {
        ...NOTHING,
        ...range,
        shard,
        doneKey: null,
        state: 'open',
        changed: run.started,
      };
      this.#shards.push({ run, epoch: 0, row });
    }
    return null;
  }

  #end(id: string, outcome: Outcome, finished: number): boolean {
    const run = this.#runs.get(id);
    if (run === undefined || run.ended !== null) return false;
    const { ended: _, ...about } = run;
    run.ended = { ...about, outcome, finished };
    return true;
  }

  /** Open shards, those that somebody has had first. */
  #giveOut(run: string, most: number): number[] {
    const open = this.#shards.filter((each) => each.run.id === run && each.row.state === 'open');
    const given = open.sort((a, b) => Math.min(b.epoch, 1) - Math.min(a.epoch, 1)).slice(0, most);
    for (const each of given) each.epoch = Math.max(each.epoch, 1);
    return given.map(({ row }) => row.shard);
  }

  #rowsOf(run: string): ShardRow[] {
    return this.#shards.filter((each) => each.run.id === run).map(({ row }) => row);
  }

  #tally(run: string) {
    const noted = this.#of(run);
    return [...new Set(noted.map(({ verdict }) => verdict))].map((verdict) => ({
      ...{ verdict, kind: '' },
      count: noted.filter((each) => each.verdict === verdict).length,
    }));
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
