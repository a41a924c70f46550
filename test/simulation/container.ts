/** A sandbox of a function: its cache of phases, its clocks, which a freeze stops, and its requests, which are ended when their time is up. */
import { type Clock, PhaseCache, type ReadPhases } from '../../functions/edge/phase_cache.ts';
import { LAST_CALL, LEASE, REFRESH, REQUEST, type Rules } from './rules.ts';
import { lasting, type Process, type Scheduler } from './scheduler.ts';

/** Milliseconds for which a container cannot read the phase, or can. */
const BLIND = 40_000;
/** Milliseconds for which a request may stand still. */
const NAP = 100_000;
/** How much slower a clock goes that stands still most of the time. */
const FROZEN = 20;
/** Milliseconds by which a wall clock may be wrong. */
const SKEW = 500;

export class Container {
  readonly #scheduler: Scheduler;
  readonly #name: string;
  readonly #rules: Rules;
  readonly #time: number;
  readonly #mortality: number;
  readonly #skew: number;
  readonly #read: (process: Process) => ReturnType<ReadPhases>;
  #caching: Process | null = null;
  readonly #cache: PhaseCache;
  readonly #blind = new Map<number, boolean>();
  #requests = 0;

  /** @param time milliseconds that a request has. @param mortality the share of requests that die. */
  constructor(
    scheduler: Scheduler,
    name: string,
    rules: Rules,
    read: (process: Process) => ReturnType<ReadPhases>,
    time = REQUEST,
    mortality = 0.004,
  ) {
    this.#scheduler = scheduler;
    this.#name = name;
    this.#rules = rules;
    this.#read = read;
    this.#time = time;
    this.#mortality = mortality;
    this.#skew = scheduler.random.below(2 * SKEW) - SKEW;
    this.#cache = new PhaseCache(
      () => this.#reading(),
      this.#clock(),
      this.#ages(),
      () => {},
    );
  }

  /** Runs something as a request of this container. Resolves to null where it was ended. */
  async invoke<Result>(act: (process: Process) => Promise<Result>): Promise<Result | null> {
    const { now, random } = this.#scheduler;
    const deadline = this.#rules.endless ? Number.POSITIVE_INFINITY : now + this.#time;
    const nap = random.chance(0.01) ? random.below(NAP) : 0;
    const process: Process = { name: `${this.#name}.${++this.#requests}`, deadline, dead: false, nap };
    const over = lasting(process.name);
    const ended = this.#scheduler.sleep(over, this.#time + 100).then(() => null);
    if (random.chance(this.#mortality)) this.#dieLater(process);
    const result = await Promise.race([act(process), ended]);
    over.dead = true;
    return result;
  }

  phases(process: Process): PhaseCache {
    this.#caching = process;
    return this.#cache;
  }

  isTimely({ deadline }: Process): boolean {
    return this.#scheduler.now < deadline - LAST_CALL;
  }

  #dieLater(process: Process): void {
    const reaper = lasting(process.name);
    this.#scheduler.sleep(reaper, this.#scheduler.random.below(200)).then(() => {
      process.dead = true;
      this.#scheduler.tell(process, 'dies');
    });
  }

  /** For some times it cannot read the phase, and obeys the one that it has for its lease. */
  #isBlind(): boolean {
    const slot = Math.floor(this.#scheduler.now / BLIND);
    const blind = this.#blind.get(slot) ?? this.#scheduler.random.chance(0.3);
    this.#blind.set(slot, blind);
    return blind;
  }

  async #reading(): ReturnType<ReadPhases> {
    const reader = this.#caching;
    if (reader === null) throw new Error('Nobody reads the phase');
    if (this.#isBlind()) throw new Error('throttled');
    // A sandbox lives on when a request of it is ended: what it reads for all of them arrives.
    return this.#read({ ...reader, deadline: Number.POSITIVE_INFINITY, dead: false });
  }

  #clock(): Clock {
    // Between requests it is frozen, and its steady clock stands still.
    const steady = () => this.#scheduler.now / FROZEN;
    return {
      wall: () => (this.#rules.frozenClock ? steady() : this.#scheduler.now + this.#skew),
      steady,
    };
  }

  #ages() {
    const ages = { refresh: REFRESH, lease: LEASE, retry: 1000, settling: REQUEST };
    return this.#rules.noLease
      ? { ...ages, refresh: Number.MAX_SAFE_INTEGER, lease: Number.MAX_SAFE_INTEGER }
      : ages;
  }
}
