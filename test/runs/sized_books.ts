/** Runs of any size in memory: rows of shards as the ledger keeps them, without their documents. */

import type { Shard } from '../../functions/protocol/shard.ts';
import { type Hold, type Outcome, Overtaken, type Run, type ShardRow } from '../../functions/records/run.ts';
import type { Books } from '../../functions/runs/summary.ts';
import { totalsOf } from './totals.ts';

/** Workers of a run, and documents of one that is interrupted. */
export const [WORKERS, MILLION] = [8, 1_000_000];

interface Kept {
  readonly run: Run;
  outcome: Outcome | null;
  readonly rows: ShardRow[];
  readonly epochs: number[];
  /** Shards that were not given out, in their order. */
  readonly left: number[];
}

const EMPTY = { listed: 0, applied: 0, stale: 0, gone: 0, failed: 0, bytes: 0, doneKey: null, changed: 0 };

/** A key of a document, by its place in the collection. */
export const keyAt = (place: number) => `k${String(place).padStart(12, '0')}`;
export const placeOf = (key: string | null, otherwise: number) =>
  key === null ? otherwise : Number(key.slice(1));

export class SizedLedger {
  readonly #runs = new Map<string, Kept>();

  async begin(run: Run, shards: readonly Shard[], given = 0): Promise<Run | null> {
    const other = await this.unfinished(run.kind, run.collection);
    if (other !== null) return other;
    const rows = shards.map((range, shard): ShardRow => ({ ...EMPTY, ...range, shard, state: 'open' }));
    this.#runs.set(run.id, {
      run,
      outcome: null,
      rows,
      epochs: rows.map((_, n) => (n < given ? 1 : 0)),
      left: rows.slice(given).map(({ shard }) => shard),
    });
    return null;
  }

  async unfinished(kind: string, collection: string): Promise<Run | null> {
    const open = [...this.#runs.values()].filter(({ outcome }) => outcome === null);
    return open.find(({ run }) => run.kind === kind && run.collection === collection)?.run ?? null;
  }

  async countUnderWay(): Promise<number> {
    return [...this.#runs.values()].filter(({ outcome }) => outcome === null).length;
  }

  async running(id: string): Promise<Run | null> {
    const kept = this.#runs.get(id);
    return kept?.outcome === null ? kept.run : null;
  }

  async run(id: string): Promise<Run | null> {
    return this.#runs.get(id)?.run ?? null;
  }

  async shards(id: string): Promise<ShardRow[]> {
    return this.#of(id).rows;
  }

  async totals(id: string) {
    return totalsOf(this.#of(id).rows);
  }

  async shard(id: string, shard: number): Promise<ShardRow | null> {
    return this.#of(id).rows[shard] ?? null;
  }

  async giveOut(id: string, most: number): Promise<number[]> {
    const { rows, epochs, left } = this.#of(id);
    const open = rows.filter(({ state }) => state === 'open').map(({ shard }) => shard);
    const isNew = (shard: number) => epochs[shard] === 0;
    const given = [...open.filter((each) => !isNew(each)), ...open.filter(isNew)].slice(0, most);
    for (const shard of given.filter(isNew)) {
      epochs[shard] = 1;
      left.splice(left.indexOf(shard), 1);
    }
    return given;
  }

  async giveNext(id: string): Promise<number | null> {
    const { epochs, left } = this.#of(id);
    const next = left.shift() ?? null;
    if (next !== null) epochs[next] = 1;
    return next;
  }

  async end(id: string, outcome: Outcome): Promise<boolean> {
    const kept = this.#of(id);
    if (kept.outcome !== null) return false;
    kept.outcome = outcome;
    return true;
  }

  async take(run: string, shard: number): Promise<{ hold: Hold; row: ShardRow } | null> {
    const { rows, epochs } = this.#of(run);
    const row = rows[shard];
    if (row === undefined) return null;
    epochs[shard] = (epochs[shard] ?? 0) + 1;
    return { hold: { run, shard, epoch: epochs[shard] }, row };
  }

  async finish(hold: Hold): Promise<void> {
    this.move(hold, { state: 'done' });
  }

  async split(hold: Hold, cuts: readonly string[], upTo: string | null): Promise<void> {
    const [first, ...others] = cuts;
    if (first === undefined) return;
    this.move(hold, { upTo: first });
    const { rows, epochs, left } = this.#of(hold.run);
    for (const [n, after] of [first, ...others].entries()) {
      left.push(rows.length);
      rows.push({ ...EMPTY, after, upTo: others[n] ?? upTo, shard: rows.length, state: 'open' });
      epochs.push(0);
    }
  }

  /** Throws `Overtaken`. */
  move(hold: Hold, change: Partial<ShardRow>): void {
    const { rows, epochs } = this.#of(hold.run);
    if (epochs[hold.shard] !== hold.epoch) throw new Overtaken(hold);
    rows[hold.shard] = { ...(rows[hold.shard] as ShardRow), ...change };
  }

  get books(): Books {
    return { ledger: this, findings: { of: async () => [], tally: async () => [] } } as unknown as Books;
  }

  #of(id: string): Kept {
    const kept = this.#runs.get(id);
    if (kept === undefined) throw new Error(`There is no run ${id}`);
    return kept;
  }
}
