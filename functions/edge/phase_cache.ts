/**
 * The phase that this container obeys. It is read again from a certain age on, and obeyed past that, if it cannot be read,
 * for no longer than its lease: the protocol's moves wait for the lease, so nobody may act on a phase beyond it.
 */
import { type EffectivePhase, parsePhase } from '../phases/effective_phase.ts';

/** Milliseconds. A frozen sandbox stops the steady clock, and a correction can set back the wall clock: an age is the greater of both. */
export interface Clock {
  wall(): number;
  steady(): number;
}

/** The parameter's text, and its version, which rises with every change. */
export type ReadParameter = () => Promise<{ readonly value: string; readonly version: number }>;

export interface Ages {
  readonly refresh: number;
  readonly lease: number;
  /** How long to leave it alone after a reading that failed. */
  readonly retry: number;
}

/** No phase can be obeyed now. Nothing was done. */
export class PhaseUnknown extends Error {
  override readonly name = 'PhaseUnknown';
}

interface Reading {
  readonly phase: EffectivePhase;
  readonly version: number;
  readonly at: Moment;
}
interface Moment {
  readonly wall: number;
  readonly steady: number;
}

export class PhaseCache {
  readonly #read: ReadParameter;
  readonly #clock: Clock;
  readonly #ages: Ages;
  readonly #failed: (error: unknown) => void;
  #held: Reading | null = null;
  #failedAt: Moment | null = null;
  #failure: unknown = null;
  #reading: Promise<void> | null = null;

  /** @param failed is told of each reading that failed. */
  constructor(read: ReadParameter, clock: Clock, ages: Ages, failed: (error: unknown) => void) {
    this.#read = read;
    this.#clock = clock;
    this.#ages = ages;
    this.#failed = failed;
  }

  /** Throws `PhaseUnknown` where none was read within its lease. */
  async current(): Promise<EffectivePhase> {
    const { refresh, lease, retry } = this.#ages;
    if (this.#age(this.#held?.at) > refresh && this.#age(this.#failedAt) > retry) {
      this.#reading ??= this.#refresh().finally(() => {
        this.#reading = null;
      });
      await this.#reading;
    }
    const held = this.#held;
    if (held !== null && this.#age(held.at) <= lease) return held.phase;
    throw new PhaseUnknown(
      `The phase could not be read for ${lease} ms, so nothing may be written or read: ${textOf(this.#failure)}`,
      { cause: this.#failure },
    );
  }

  async #refresh(): Promise<void> {
    // Its lease begins before the question is sent: the answer may be as old as that.
    const at = this.#now();
    try {
      const { value, version } = await this.#read();
      const phase = parsePhase(value);
      if (this.#held !== null && version < this.#held.version)
        throw new Error(
          `The phase parameter is at version ${version}, and ${this.#held.version} was seen before: it was deleted and ` +
            'made anew, or an old copy answered',
        );
      this.#held = { phase, version, at };
      this.#failedAt = null;
    } catch (error) {
      this.#failedAt = this.#now();
      this.#failure = error;
      this.#failed(error);
    }
  }

  #now(): Moment {
    return { wall: this.#clock.wall(), steady: this.#clock.steady() };
  }

  #age(moment: Moment | null | undefined): number {
    if (moment === null || moment === undefined) return Number.POSITIVE_INFINITY;
    const { wall, steady } = this.#now();
    // A wall clock that was set back tells no age at all.
    return wall < moment.wall
      ? Number.POSITIVE_INFINITY
      : Math.max(wall - moment.wall, steady - moment.steady);
  }
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
