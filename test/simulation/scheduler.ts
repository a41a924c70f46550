/**
 * Virtual time, and one thing at a time: whoever waits for anything is parked here, and a seed says who goes on next. Between two
 * turns all that can run has run, so a schedule is its seed, and nothing else.
 */

import type { Phase } from '../../functions/protocol/phase.ts';

/** Somebody that can be ended: a worker, a request, a client. */
export interface Process {
  readonly name: string;
  /** When it is ended from outside, in milliseconds. */
  readonly deadline: number;
  dead: boolean;
  /** Milliseconds for which it will stand still, some time from now. */
  nap?: number;
  /** Milliseconds after which a call that was held up is not sent any more; null for as long as the process lives. */
  readonly calls?: number | null;
  /** The phase that it acts on. */
  acts?: Phase;
}

/** One that nobody ends. */
export function lasting(name: string): Process {
  return { name, deadline: Number.POSITIVE_INFINITY, dead: false };
}

interface Parked {
  /** When it goes on. Of two with the same time, the one that was parked first. */
  readonly at: number;
  readonly process: Process;
  readonly label: string;
  readonly go: () => void;
}

/** The share of turns that are long, and how long at most, in milliseconds. */
const [PAUSES, PAUSE] = [0.002, 15_000];
/** Of the next to come so many may be chosen first. */
const CHOICE = 4;
/** Steps after which the event loop turns. */
const LOOP = 1000;

export class Scheduler {
  /** Milliseconds since the schedule began. */
  now = 0;
  steps = 0;
  readonly seed: number;
  readonly random: Random;
  /** What nobody may ever do, and somebody has done. */
  wrong: string | null = null;
  /** How often each kind of trouble has struck. */
  readonly strikes = new Map<string, number>();
  /** The next to come is the last. */
  readonly #parked: Parked[] = [];
  readonly #told: { readonly at: number; readonly name: string; readonly text: string }[] = [];

  constructor(seed: number, calm: readonly Calm[] = []) {
    this.seed = seed;
    this.random = new Random(seed, calm);
  }

  /** The caller goes on soon; others may go on before it. */
  turn(process: Process, label: string, most = 40): Promise<void> {
    // Now and then the network, or a pause of the whole sandbox, takes far longer.
    const long = this.random.chance(PAUSES) ? this.random.below(PAUSE) : 0;
    return this.sleep(process, this.random.below(most) + long, label);
  }

  /** Never resolves for a process that has been ended meanwhile. */
  sleep(process: Process, milliseconds: number, label = ''): Promise<void> {
    const nap = process.nap !== undefined && this.random.chance(0.2) ? process.nap : 0;
    if (nap > 0) process.nap = 0;
    return new Promise((go) => {
      this.#park({ at: this.now + milliseconds + nap, process, label, go });
    });
  }

  strike(kind: string): void {
    this.strikes.set(kind, (this.strikes.get(kind) ?? 0) + 1);
  }

  tell({ name }: Process, text: string): void {
    this.#told.push({ at: this.now, name, text });
  }

  /** What has happened, in order. */
  get story(): string[] {
    return this.#told.map(
      ({ at, name, text }) => `${(at / 1000).toFixed(3).padStart(9)} s  ${name.padEnd(14)} ${text}`,
    );
  }

  /** Until it is over. Throws where that never comes. */
  async run(isOver: () => boolean, most: number): Promise<void> {
    for (;;) {
      // All promises of a turn are settled before a tick. The event loop turns now and then only, since that takes longer.
      await new Promise<void>(this.steps % LOOP === 0 ? setImmediate : process.nextTick);
      if (isOver()) return;
      const next = this.#next();
      if (next === null) throw new Error('Nobody has anything left to do, and it is not over');
      if (++this.steps > most) throw new Error(`It is not over after ${most} steps`);
      this.now = Math.max(this.now, next.at);
      if (next.label !== '') this.tell(next.process, next.label);
      next.go();
    }
  }

  #park(parked: Parked): void {
    let [from, to] = [0, this.#parked.length];
    while (from < to) {
      const middle = (from + to) >>> 1;
      if ((this.#parked[middle] as Parked).at > parked.at) from = middle + 1;
      else to = middle;
    }
    this.#parked.splice(from, 0, parked);
  }

  #next(): Parked | null {
    for (;;) {
      if (this.#parked.length === 0) return null;
      const which = this.random.chance(0.3) ? this.random.below(Math.min(CHOICE, this.#parked.length)) : 0;
      const [next] = this.#parked.splice(-1 - which, 1) as [Parked];
      const { process, at } = next;
      if (!process.dead && Math.max(this.now, at) > process.deadline) {
        process.dead = true;
        this.tell(process, 'is ended: its time is up');
      }
      if (!process.dead) return next;
    }
  }
}

/** Draws from one up to another, which is not among them: nothing rare happens there. */
export type Calm = readonly [from: number, to: number];

/** What happens less often than that is rare. */
const RARE = 0.3;

/** Numbers from a seed. (G. Marsaglia, Xorshift RNGs, 2003.) */
export class Random {
  #state: number;
  readonly #seed: number;
  readonly #calm: readonly Calm[];
  readonly #at: () => number;
  /** Numbers that were drawn. */
  drawn = 0;

  /** @param at how many numbers were drawn, as those count that are calm. */
  constructor(seed: number, calm: readonly Calm[] = [], at: (() => number) | null = null) {
    this.#seed = seed;
    this.#calm = calm;
    this.#at = at ?? (() => this.drawn);
    // Seeds that are close to each other must not begin alike.
    this.#state = (Math.imul(seed + 1, 2_654_435_761) ^ 0x5bd1e995) | 1;
    for (let n = 0; n < 8; n++) this.#next();
    this.drawn = 0;
  }

  /** A whole number from 0 to one below. */
  below(count: number): number {
    return this.#next() % Math.max(1, Math.floor(count));
  }

  chance(share: number): boolean {
    const isCalm = share < RARE && this.isCalm;
    return this.#next() / 2 ** 32 < share && !isCalm;
  }

  /** Whether nothing rare may happen now. */
  get isCalm(): boolean {
    const at = this.#at();
    return this.#calm.some(([from, to]) => at >= from && at < to);
  }

  /** Another stream of the same seed, calm where this one is: whatever is drawn from it, this one stays as it was. */
  beside(stream: number): Random {
    return new Random(this.#seed ^ stream, this.#calm, () => this.drawn);
  }

  pick<T>(all: readonly T[]): T {
    return all[this.below(all.length)] as T;
  }

  #next(): number {
    this.drawn++;
    this.#state ^= this.#state << 13;
    this.#state ^= this.#state >>> 17;
    this.#state ^= this.#state << 5;
    return this.#state >>> 0;
  }
}
