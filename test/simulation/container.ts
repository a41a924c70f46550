/** A sandbox of a function: its cache of phases, its clocks, which a freeze stops, and its requests, which are ended when their time is up. */

import type { Reading } from '../../functions/control/publish.ts';
import { ServiceClock } from '../../functions/edge/service_clock.ts';
import { type Clock, PhaseCache, type ReadPhases } from '../../functions/phases/phase_cache.ts';
import { LAST_CALL, LEASE, REFRESH, REQUEST, type Rules } from './rules.ts';
import { lasting, type Process, type Scheduler } from './scheduler.ts';

/** Milliseconds for which a container cannot read the phase, or can. */
const BLIND = 40_000;
/** Milliseconds for which a request may stand still. */
const NAP = 100_000;
/** Milliseconds by which a wall clock is wrong: a good one, and a bad one. */
const [SKEW, WRONG] = [500, 400_000];
/** When a clock is corrected that jumps, in milliseconds, at the latest. */
const LATEST = 1_000_000;

/** How a process reads the phase. */
export type ReadPhase = (process: Process) => Promise<Reading>;

export class Container {
  readonly #scheduler: Scheduler;
  readonly #name: string;
  readonly #rules: Rules;
  readonly #time: number;
  readonly #mortality: number;
  readonly #skew: number;
  /** Its wall clock is set ahead at some time. Set back while the sandbox is frozen, no container could know better. */
  readonly #jump: { readonly at: number; readonly by: number };
  readonly #read: ReadPhase;
  readonly #service: ServiceClock;
  #caching: Process | null = null;
  readonly #cache: PhaseCache;
  readonly #blind = new Map<number, boolean>();
  #requests = 0;
  /** Requests that are under way, and for how long there have been any: the sandbox is frozen otherwise. */
  #active = 0;
  #awake = 0;
  #thawed = 0;

  /** @param time milliseconds that a request has. @param mortality the share of requests that die. */
  constructor(
    scheduler: Scheduler,
    name: string,
    rules: Rules,
    read: ReadPhase,
    time = REQUEST,
    mortality = 0.004,
  ) {
    this.#scheduler = scheduler;
    this.#name = name;
    this.#rules = rules;
    this.#read = read;
    this.#time = time;
    this.#mortality = mortality;
    const { random } = scheduler;
    const most = random.chance(0.4) ? WRONG : SKEW;
    this.#skew = random.below(2 * most) - most;
    this.#jump = { at: random.below(LATEST), by: random.chance(0.2) ? random.below(WRONG) : 0 };
    if (most === WRONG || this.#jump.by > 0) scheduler.strike('wrong clock');
    this.#service = new ServiceClock(this.clock);
    this.#cache = new PhaseCache(
      () => this.#reading(),
      this.clock,
      this.#ages(),
      () => {},
    );
  }

  /** Runs something as a request of this container. Resolves to null where it was ended. */
  async invoke<Result>(act: (process: Process) => Promise<Result>): Promise<Result | null> {
    const { now, random } = this.#scheduler;
    const deadline = this.#rules.endless ? Number.POSITIVE_INFINITY : now + this.#time;
    const nap = random.chance(0.01) ? random.below(NAP) : 0;
    if (nap > 0) this.#scheduler.strike('pause');
    // What is longer than a request is not ended soon after its last call.
    const calls = this.#time > REQUEST ? LAST_CALL : null;
    const process: Process = { name: `${this.#name}.${++this.#requests}`, deadline, dead: false, nap, calls };
    const over = lasting(process.name);
    const ended = this.#scheduler.sleep(over, this.#time + 100).then(() => null);
    if (random.chance(this.#mortality)) this.#dieLater(process);
    if (this.#active++ === 0) this.#thawed = now;
    const result = await Promise.race([act(process), ended]).finally(() => {
      if (--this.#active === 0) this.#awake += this.#scheduler.now - this.#thawed;
    });
    over.dead = true;
    return result;
  }

  /** What time it is by what it notes for others. */
  get now(): () => number {
    return this.#service.now;
  }

  phases(process: Process): PhaseCache {
    this.#caching = process;
    return this.#cache;
  }

  /** @param calls that are still to come, one after the other. */
  isTimely({ deadline }: Process, calls = 1): boolean {
    return this.#scheduler.now < deadline - calls * LAST_CALL;
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
    const { now, ...stored } = await this.#read({
      ...reader,
      deadline: Number.POSITIVE_INFINITY,
      dead: false,
    });
    this.#service.heard(now);
    return new Map([['c', stored]]);
  }

  /** Its own, which count its leases. */
  get clock(): Clock {
    const steady = () => this.#awake + (this.#active > 0 ? this.#scheduler.now - this.#thawed : 0);
    const jumped = () => (this.#scheduler.now >= this.#jump.at ? this.#jump.by : 0);
    const wall = () => this.#scheduler.now + this.#skew + jumped();
    return { wall: this.#rules.frozenClock ? steady : wall, steady };
  }

  #ages() {
    const ages = { refresh: REFRESH, lease: LEASE, retry: 1000, settling: REQUEST };
    return this.#rules.noLease
      ? { ...ages, refresh: Number.MAX_SAFE_INTEGER, lease: Number.MAX_SAFE_INTEGER }
      : ages;
  }
}
