/** What goes wrong on the way to both stores: calls that fail, or lose their answers, and times in which a store is away. */
import { StoreUnavailable } from '../../functions/stores/failure.ts';
import type { Scheduler } from './scheduler.ts';

export type StoreName = 'couchbase' | 'oracle';

/** The share of what runs do that goes wrong, in bad weather. */
const ROUGH = 0.08;

export interface Weather {
  /** The share of calls that go wrong, 0 to 1, and how many do at most. */
  readonly faults: number;
  readonly most: number;
  /** When a store does not answer at all, in milliseconds. */
  readonly outages: readonly { readonly store: StoreName; readonly from: number; readonly to: number }[];
}

const FAULTS = ['refused', 'lost', 'answer lost', 'late'] as const;
export type Fault = (typeof FAULTS)[number];

export class Way {
  readonly #scheduler: Scheduler;
  readonly #weather: Weather;
  readonly #outages: Weather['outages'][number][];
  #faults = 0;

  constructor(scheduler: Scheduler, weather: Weather) {
    this.#scheduler = scheduler;
    this.#weather = weather;
    this.#outages = [...weather.outages];
  }

  /** What goes wrong with the next call; null for nothing. */
  fault(): Fault | null {
    const { faults, most } = this.#weather;
    const { random } = this.#scheduler;
    if (this.#faults >= most || !random.chance(faults)) return null;
    this.#faults++;
    return random.pick(FAULTS);
  }

  /** The same of what a store does as a whole: no client waits for it, and none is left in doubt, so there may be as many as one likes. */
  wholeFault(): Fault | null {
    const { random } = this.#scheduler;
    return this.#weather.faults > 0 && random.chance(ROUGH) ? random.pick(FAULTS) : null;
  }

  /** A store goes away now, for so many milliseconds. */
  leaves(store: StoreName, milliseconds: number): void {
    const { now } = this.#scheduler;
    this.#outages.push({ store, from: now, to: now + milliseconds });
  }

  isUp(store: StoreName): boolean {
    const { now } = this.#scheduler;
    return !this.#outages.some((each) => each.store === store && each.from <= now && now < each.to);
  }

  requireUp(store: StoreName): void {
    if (!this.isUp(store)) throw failure(store, false);
  }
}

export function failure(store: StoreName, mayHaveApplied: boolean): StoreUnavailable {
  const target = { store, operation: 'call', collection: 'c', key: null };
  return new StoreUnavailable(target, mayHaveApplied, new Error('the weather'));
}
