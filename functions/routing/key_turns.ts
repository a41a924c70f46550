/**
 * How many writes of one key a container has under way. A row of Oracle is locked while it is written, so writes of one key wait for each other: without
 * a bound they hold the sessions, and the containers, that writes of other keys need.
 */
import type { Call, Reply } from '../protocol/call.ts';
import type { IsAwaited } from '../stores/port.ts';
import type { Place } from './request.ts';

type StorePort = (call: Call, isAwaited?: IsAwaited) => Promise<Reply>;

export interface KeyLimits {
  /** Writes of one key at the same time. */
  readonly most: number;
  /** Milliseconds from which on a write was slow, where those of other keys take a tenth of it. */
  readonly slow: number;
}

/** What a key has under way. */
interface Held {
  writes: number;
  /** Calls to stores that writes have stopped waiting for: each still holds its session. */
  leftOver: number;
}

/** A key whose last writes were slow. */
interface Slow {
  readonly times: number;
  readonly until: number;
}

/** Milliseconds after which a client whose write found the key busy comes again. */
const AGAIN = 1000;
/** A key whose writes are slow is refused four times as long as its last write took, so it has a fifth of a container's time at most. */
const [PAUSE, LONGEST_PAUSE] = [4, 30_000];
/** One slow write says little. */
const SLOW_WRITES = 2;
/** Other keys take a tenth of the time: then neither the store is slow, nor this machine. */
const TIMES_USUAL = 10;
/** Keys whose last times say what is usual, and how many of them must be known. */
const [KNOWN, ENOUGH] = [16, 5];
/** Slow keys that are remembered. */
const REMEMBERED = 1000;

export class KeyTurns {
  readonly #limits: KeyLimits;
  readonly #now: () => number;
  readonly #refused: (place: Place) => void;
  readonly #held = new Map<string, Held>();
  readonly #slow = new Map<string, Slow>();
  /** How long the last write of each of the last keys took: a key counts once, however often it is written. */
  readonly #times = new Map<string, number>();

  /**
   * @param now milliseconds since the epoch: a steady clock stands still while Lambda has frozen the sandbox, and a pause would go on for as long.
   * @param refused is told of each write that finds its key busy.
   */
  constructor(limits: KeyLimits, now: () => number, refused: (place: Place) => void) {
    this.#limits = limits;
    this.#now = now;
    this.#refused = refused;
  }

  /** The turn of a write; or where its key is busy, the milliseconds after which to come again. */
  begin(place: Place): Turn | number {
    const name = JSON.stringify([place.collection, place.key]);
    const now = this.#now();
    const held = this.#held.get(name) ?? { writes: 0, leftOver: 0 };
    // No longer than ever, where the clock was set back.
    const paused = Math.min(LONGEST_PAUSE, (this.#slow.get(name)?.until ?? now) - now);
    if (paused > 0 || held.writes >= this.#limits.most) {
      this.#refused(place);
      return Math.max(paused, AGAIN);
    }
    this.#held.set(name, held);
    return new Turn(
      held,
      () => {
        if (held.writes === 0 && held.leftOver === 0) this.#held.delete(name);
      },
      () => this.#took(name, this.#now() - now),
    );
  }

  /** Keys that something is known of. */
  get size(): number {
    return this.#held.size + this.#slow.size + this.#times.size;
  }

  #took(name: string, took: number): void {
    const usual = this.#usualBeside(name);
    remember(this.#times, name, took, KNOWN);
    if (took < this.#limits.slow || usual === null || took < TIMES_USUAL * usual) {
      this.#slow.delete(name);
      return;
    }
    const times = (this.#slow.get(name)?.times ?? 0) + 1;
    const pause = times < SLOW_WRITES ? 0 : Math.min(LONGEST_PAUSE, PAUSE * took);
    remember(this.#slow, name, { times, until: this.#now() + pause }, REMEMBERED);
  }

  /** The median of other keys; null where too few of them were written. */
  #usualBeside(name: string): number | null {
    const others = [...this.#times].flatMap(([other, took]) => (other === name ? [] : [took]));
    if (others.length < ENOUGH) return null;
    return others.sort((one, other) => one - other)[others.length >> 1] ?? null;
  }
}

/** One write, from its first call to its last. */
export class Turn {
  /** Whether calls of earlier writes of this key still hold sessions. */
  readonly isCrowded: boolean;
  readonly #held: Held;
  readonly #released: () => void;
  readonly #ended: () => void;
  #calls = 0;
  #isOver = false;

  constructor(held: Held, released: () => void, ended: () => void) {
    this.isCrowded = held.leftOver > 0;
    this.#held = held;
    this.#released = released;
    this.#ended = ended;
    held.writes++;
  }

  /** The same port, with its calls to the stores counted. */
  counted(port: StorePort): StorePort {
    return async (call, isAwaited) => {
      if (call.name.startsWith('receipt.')) return port(call);
      this.#calls++;
      try {
        return await port(call, isAwaited);
      } finally {
        this.#calls--;
        if (this.#isOver) {
          this.#held.leftOver--;
          this.#released();
        }
      }
    };
  }

  /** To be called once, when the write is over. */
  end(): void {
    this.#isOver = true;
    this.#held.writes--;
    this.#held.leftOver += this.#calls;
    this.#ended();
    this.#released();
  }
}

/** The one that was noted last comes last, and the first is forgotten where there are too many. */
function remember<Value>(map: Map<string, Value>, name: string, value: Value, most: number): void {
  map.delete(name);
  map.set(name, value);
  const [oldest] = map.keys();
  if (map.size > most && oldest !== undefined) map.delete(oldest);
}
