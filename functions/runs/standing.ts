/** Runs that are under way and do not get any further. */
import type { Run, Totals } from '../records/run.ts';

interface Seen {
  /** How far it was. */
  readonly progress: string;
  /** When it was first seen there, in milliseconds since the epoch. */
  readonly since: number;
}

/**
 * The ledger tells when a shard was last taken, not when it last got further: workers take the shards of a paused run every few seconds, and
 * those that die at once take theirs again and again. So how far each run was is remembered from look to look. Who begins to look anew, as a new
 * container does, begins to count anew.
 */
export class Standing {
  #seen: ReadonlyMap<string, Seen> = new Map();

  /** Those that have got no further for so many milliseconds. @param runs all that are under way, with what their shards add up to. */
  of<Under extends { readonly run: Run; readonly totals: Totals }>(
    runs: readonly Under[],
    now: number,
    still: number,
  ): Under[] {
    const looked = runs.map((each) => ({ each, seen: this.#look(each.run, each.totals, now) }));
    this.#seen = new Map(looked.map(({ each, seen }) => [each.run.id, seen]));
    return looked.filter(({ seen }) => now - seen.since > still).map(({ each }) => each);
  }

  #look({ id, started }: Run, { shards, done, listed, changed }: Totals, now: number): Seen {
    // None of them ever falls: a shard keeps what it has listed, and stays done; and where one is cut, there are more.
    const progress = `${shards} ${done} ${listed}`;
    // Nobody has touched it since: it was there all the time.
    const touched = Math.max(started, changed);
    const before = this.#seen.get(id);
    const since = before?.progress === progress ? Math.min(before.since, touched) : touched;
    return { progress, since: Math.min(since, now) };
  }
}
