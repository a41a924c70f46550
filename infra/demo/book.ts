/** What clients were told: a service is judged by nothing else. Knows no store, and no phase. */

/** How a request ended for its client. `unknown`: nobody could say, and it may take effect. `refused`: it took none. */
export type Outcome = 'acknowledged' | 'unknown' | 'refused';

/** What was to be written: a number that rises with each write of a key, or null for its deletion. */
export type Mark = number | null;

interface Entry {
  readonly mark: Mark;
  /** Null while nobody has answered. */
  outcome: Outcome | null;
  /** Milliseconds on a clock that never goes back. */
  readonly began: number;
  ended: number;
  /** A store has forgotten it, or may have while it was under way: it is there, or what was there before. */
  isForgotten: boolean;
}

/** What is wrong with a key. */
export interface Fault {
  readonly key: string;
  readonly kind: 'lost' | 'resurrected' | 'stale' | 'diverged';
  readonly detail: string;
}

/** Of keys that have one client each, which writes again only when it has been answered. */
export class Book {
  readonly #entries = new Map<string, Entry[]>();
  readonly #late: number;
  readonly #now: () => number;

  /** @param late milliseconds after which a request that was given up can no longer take effect. @param now a steady clock. */
  constructor(late: number, now: () => number) {
    this.#late = late;
    this.#now = now;
  }

  get keys(): string[] {
    return [...this.#entries.keys()];
  }

  /** The mark of the next write of a key. */
  next(key: string): number {
    return this.#of(key).reduce((most, { mark }) => Math.max(most, mark ?? 0), 0) + 1;
  }

  /** A write is sent. @returns what is to be told how it ended. */
  begin(key: string, mark: Mark): (outcome: Outcome) => void {
    const entry: Entry = {
      ...{ mark, outcome: null, began: this.#now(), ended: Number.POSITIVE_INFINITY },
      isForgotten: false,
    };
    this.#entries.set(key, [...this.#of(key), entry]);
    return (outcome) => {
      entry.outcome = outcome;
      entry.ended = this.#now();
    };
  }

  get acknowledged(): number {
    return [...this.#entries.values()].flat().filter(({ outcome }) => outcome === 'acknowledged').length;
  }

  /**
   * A store has lost what it was given since then, and nobody has been answered by it since. From now on what was acknowledged may be
   * there or not.
   *
   * @returns the keys of which it has lost something that was acknowledged.
   */
  forgotten(since: number, is: (key: string) => boolean): string[] {
    const keys = this.keys.filter(is);
    const lost = keys.filter((key) =>
      this.#of(key).some((entry) => isAcknowledged(entry) && entry.ended >= since),
    );
    for (const entry of keys.flatMap((key) => this.#of(key)))
      if (entry.ended >= since) entry.isForgotten = true;
    return lost;
  }

  /** Whether a key was, or may have been, written after the write of this mark. */
  isOvertaken(key: string, mark: Mark): boolean {
    const written = this.#of(key).filter(({ outcome }) => outcome !== 'refused');
    return written.at(-1)?.mark !== mark;
  }

  /** What is wrong with a key that nobody writes. @param held null for nothing. @param where which store holds it. */
  judge(key: string, held: Mark, where: string): Fault | null {
    const may = this.#may(key, Number.POSITIVE_INFINITY);
    if (may.has(held)) return null;
    const kind = may.has(null) ? 'resurrected' : 'lost';
    return { key, kind, detail: `${where} should hold ${listed(may)}, and holds ${textOf(held)}` };
  }

  /** To be asked before a read is sent. @returns what judges its answer: writes may go on meanwhile. */
  reading(key: string): (held: Mark) => Fault | null {
    const began = this.#now();
    return (held) => {
      const may = this.#may(key, began);
      if (may.has(held)) return null;
      return { key, kind: 'stale', detail: `a read should find ${listed(may)}, and found ${textOf(held)}` };
    };
  }

  /** What a key may hold at some time from `from` on: the last write that was acknowledged by then, and whatever may have come since. */
  #may(key: string, from: number): Set<Mark> {
    const entries = this.#of(key);
    const last = entries.findLastIndex((entry) => isAcknowledged(entry) && entry.ended < from);
    const since = (entries[last]?.began ?? 0) - this.#late;
    const may = entries.filter(
      ({ outcome, began }, n) =>
        outcome !== 'refused' && (n >= last || (outcome === 'unknown' && began >= since)),
    );
    return new Set([...(last < 0 ? [null] : []), ...may.map(({ mark }) => mark)]);
  }

  #of(key: string): readonly Entry[] {
    return this.#entries.get(key) ?? [];
  }
}

/** Whether what came before it cannot be there any more. */
function isAcknowledged({ outcome, isForgotten }: Entry): boolean {
  return outcome === 'acknowledged' && !isForgotten;
}

function listed(marks: ReadonlySet<Mark>): string {
  return [...marks].map(textOf).join(' or ');
}

function textOf(mark: Mark): string {
  return mark === null ? 'nothing' : `write ${mark}`;
}
