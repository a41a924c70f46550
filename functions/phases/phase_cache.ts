/**
 * The phases that this container obeys, one a collection. They are read again from a certain age on, and obeyed past that, if
 * they cannot be read, for no longer than their lease: the protocol's moves wait for the lease, so nobody may act on a phase beyond it.
 */
import type { EffectivePhase } from './effective_phase.ts';
import { phaseIn, type StoredPhase } from './stored_phase.ts';

/** Milliseconds. A frozen sandbox stops the steady clock, and a correction can set back the wall clock: an age is the greater of both. */
export interface Clock {
  wall(): number;
  steady(): number;
}

/** By collection; null where there is no such parameter. */
export type ReadPhases = () => Promise<ReadonlyMap<string, StoredPhase | null>>;

export interface Ages {
  readonly refresh: number;
  readonly lease: number;
  /** How long to leave it alone after a reading that failed. */
  readonly retry: number;
  /** For how long after a change the version before may still be read. */
  readonly settling: number;
}

/** A read has returned an older version than one before, as an eventually consistent service may do for a while after a change. The newer version stays in force. */
export class OldCopyRead extends Error {
  override readonly name = 'OldCopyRead';
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
  readonly #read: ReadPhases;
  readonly #clock: Clock;
  readonly #ages: Ages;
  readonly #failed: (error: unknown) => void;
  readonly #held = new Map<string, Reading>();
  #failedAt: Moment | null = null;
  /** Of the last reading: of all collections, or of one. */
  #failures: ReadonlyMap<string | null, unknown> = new Map();
  #reading: Promise<void> | null = null;

  /** @param failed is told of each reading that failed. */
  constructor(read: ReadPhases, clock: Clock, ages: Ages, failed: (error: unknown) => void) {
    this.#read = read;
    this.#clock = clock;
    this.#ages = ages;
    this.#failed = failed;
  }

  /** Throws `PhaseUnknown` where none was read within its lease. */
  async current(collection: string): Promise<EffectivePhase> {
    const { refresh, lease, retry } = this.#ages;
    if (this.#age(this.#held.get(collection)?.at) > refresh && this.#age(this.#failedAt) > retry) {
      this.#reading ??= this.#refresh().finally(() => {
        this.#reading = null;
      });
      await this.#reading;
    }
    const held = this.#held.get(collection);
    if (held !== undefined && this.#age(held.at) <= lease) return held.phase;
    const failure = this.#failures.get(collection) ?? this.#failures.get(null);
    throw new PhaseUnknown(
      `The phase of ${collection} could not be read for ${lease} ms, so nothing may be written or read: ${textOf(failure)}`,
      { cause: failure },
    );
  }

  async #refresh(): Promise<void> {
    // Its lease begins before the question is sent: the answer may be as old as that.
    const at = this.#now();
    const failures = new Map<string | null, unknown>();
    try {
      for (const [collection, stored] of await this.#read())
        try {
          this.#held.set(collection, { ...this.#newer(collection, stored), at });
        } catch (error) {
          failures.set(collection, error);
        }
    } catch (error) {
      failures.set(null, error);
    }
    this.#failures = failures;
    this.#failedAt = failures.size === 0 ? null : this.#now();
    for (const error of failures.values()) this.#failed(error);
  }

  #newer(collection: string, stored: StoredPhase | null): Pick<Reading, 'phase' | 'version'> {
    if (stored === null)
      throw new Error(`There is no parameter with the phase of ${collection}: deploy the stack again`);
    const held = this.#held.get(collection);
    if (held !== undefined && stored.version < held.version)
      throw this.#older(collection, stored.version, held);
    return { phase: phaseIn(stored, this.#ages.settling), version: stored.version };
  }

  #older(collection: string, version: number, held: Reading): Error {
    const seen = `The phase parameter of ${collection} is at version ${version}, and ${held.version} was seen before: `;
    // The newer version was written before it was read, so this reading allows at least as much time as its change does.
    return this.#age(held.at) <= this.#ages.settling
      ? new OldCopyRead(
          `${seen}SSM has answered with an old copy, and version ${held.version} stays in force`,
        )
      : new Error(
          `${seen}it was deleted and made anew. Make sure that it holds the phase of before; then replace the containers by ` +
            'any change of the configuration of the functions, since only new ones obey it',
        );
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
