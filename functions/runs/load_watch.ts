/**
 * Makes bulk work a good neighbour: it goes slower, and pauses, by what Oracle tells of its load. One worker reads for all, every half a minute,
 * and publishes what follows in a row that the others read; so nothing is read while no run is under way, and no run waits for a controller.
 */
import type { PublishedLoad } from '../books/load.ts';
import type { BulkLimits, Load, ReadingName, Readings } from '../stores/load.ts';
import { due, judge, pauses, shareOf } from './load.ts';
import { Paused } from './pace.ts';

/** Milliseconds between two readings of all workers together, and for which a container uses what it has read. */
const [EVERY, FRESH] = [30_000, 5000];

/** Oracle is under load, and bulk work would make it worse. */
export class PausedByLoad extends Paused {
  /** @param reasons one for each reading that is too high. */
  constructor(reasons: readonly string[]) {
    super(
      `BULK_PAUSED: Oracle is under load, so bulk work pauses, and goes on by itself: ${reasons.join('; ')}`,
    );
  }
}

export interface LoadParts {
  readonly limits: BulkLimits;
  readonly published: () => Promise<PublishedLoad>;
  /** Takes the next reading. False where another worker was faster. @param seen the `next` that was published. */
  readonly claim: (seen: number | null, next: number) => Promise<boolean>;
  /** Takes little more than the time of one call. */
  readonly look: (names: readonly ReadingName[]) => Promise<Readings>;
  /** @param next that this worker has claimed: after another claim nothing is published. */
  readonly publish: (next: number, load: Load) => Promise<void>;
  /** Milliseconds since the epoch, as all containers count them; and on a clock that is never set. */
  readonly clock: { wall(): number; steady(): number };
  readonly warn: (message: string, about: Readonly<Record<string, unknown>>) => void;
}

export class LoadWatch {
  readonly #parts: LoadParts;
  #load: Load | null = null;
  #read = Number.NEGATIVE_INFINITY;

  constructor(parts: LoadParts) {
    this.#parts = parts;
  }

  /** The share of the pace that bulk work may use, above 0. Throws `PausedByLoad`. Where nothing can be read, it is 1. */
  async share(): Promise<number> {
    const { limits, clock } = this.#parts;
    if (Object.values(limits).every((each) => each === null)) return 1;
    if (clock.steady() - this.#read > FRESH) await this.#refresh();
    const now = clock.wall();
    const reasons = pauses(this.#load, now);
    if (reasons.length > 0) throw new PausedByLoad(reasons);
    return shareOf(this.#load, now);
  }

  async #refresh(): Promise<void> {
    const { published, clock, warn } = this.#parts;
    try {
      const { next, load } = await published();
      this.#load = load;
      // A container whose clock is wrong must not keep all others from reading.
      const now = clock.wall();
      if (next === null || next <= now || next > now + 2 * EVERY) await this.#take(next, load, now);
    } catch (error) {
      // A run that cannot know goes on: what was read last counts for a while.
      warn('The load of Oracle could not be read', { cause: String(error) });
    }
    this.#read = clock.steady();
  }

  /**
   * 1. The next reading is claimed. 2. The views are read; that may hang. 3. What follows is published, unless another worker has claimed
   * the reading after this one meanwhile.
   */
  async #take(seen: number | null, before: Load | null, now: number): Promise<void> {
    const { limits, claim, look, publish, clock } = this.#parts;
    const next = now + EVERY;
    if (!(await claim(seen, next))) return;
    const readings = await look(due(limits, before, now));
    const load = judge(limits, readings, before, clock.wall());
    this.#load = load;
    this.#tell(before, load);
    await publish(next, load);
  }

  /** Says once what has changed: a pause, its end, and what cannot be read. */
  #tell(before: Load | null, load: Load): void {
    for (const [name, { reading, paused, known }] of Object.entries(load.watched)) {
      const was = before?.watched[name as ReadingName];
      if (paused !== (was?.paused ?? false))
        this.#parts.warn(paused ? 'Bulk work pauses' : 'Bulk work goes on', { reading: name, known });
      const blind = reading.kind === 'unknown' || reading.kind === 'notGranted';
      if (blind && reading.kind !== was?.reading.kind)
        this.#parts.warn('A reading of the load of Oracle is missing', { reading: name, ...reading });
    }
  }
}
