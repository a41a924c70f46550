/** Which troubles there are, one after the other while the service is moved, and how often each has struck. */
import { setTimeout } from 'node:timers/promises';
import type { Stage } from '../../infra/demo/stage.ts';
import { BLOWS } from './blow.ts';
import type { Fallbacks } from './fallback.ts';
import type { Poison } from './poison.ts';
import { POISONS } from './poisons.ts';
import { SICKNESSES } from './sickness.ts';

export interface Ground {
  readonly stage: Stage;
  readonly fallbacks: Pick<Fallbacks, 'strike'>;
  readonly poison: Pick<Poison, 'plant'>;
  /** 0 to 1, from a seed. */
  readonly random: () => number;
}

/** @returns how many requests, processes or documents it has struck; null where a server counts that; 0: nothing has happened. */
type Strike = (ground: Ground, name: string) => Promise<number | null>;

/** Milliseconds for which a sickness lasts: the least, and what chance adds. */
const [SICK, LONGER] = [2000, 5000];

const TROUBLES: Readonly<Record<string, Strike>> = {
  ...Object.fromEntries(
    Object.entries(BLOWS).map(([name, blow]) => [name, ({ stage }: Ground) => blow(stage, name)]),
  ),
  ...Object.fromEntries(
    SICKNESSES.map(({ name, begin }) => [
      name,
      async ({ stage, random }: Ground) => {
        const milliseconds = SICK + random() * LONGER;
        const heal = await begin(stage, milliseconds);
        await setTimeout(milliseconds);
        return heal();
      },
    ]),
  ),
  ...Object.fromEntries(
    Object.keys(POISONS).map((name) => [name, ({ poison }: Ground) => poison.plant(name)]),
  ),
  'Oracle falls back to an earlier state, and is another incarnation': async ({ fallbacks }) =>
    Number(await fallbacks.strike(true)),
  'Oracle falls back to an earlier state, in the same incarnation': async ({ fallbacks }) =>
    Number(await fallbacks.strike(false)),
};

/** Milliseconds between two troubles: the least, and what chance adds. After one that lasts, the way must be able to go on. */
const [LEAST, MORE] = [1000, 7000];
/** Milliseconds after one for which it was not the time. */
const UNTIMELY = 200;

export interface Count {
  /** How often it was begun, and was not found to be untimely. */
  readonly times: number;
  /** Requests, processes or documents that it has struck. */
  readonly struck: number;
}

export class Troubles {
  readonly #counts = new Map<string, Count>();
  readonly #ground: Ground;
  readonly #names: readonly string[];
  /** Those that have not come since all have. */
  readonly #left: string[] = [];
  /** Whether the last one was one for which it is seldom the time. */
  #seldom = false;
  #rest = true;
  #running: Promise<void> = Promise.resolve();
  #ended: unknown = null;

  /** @param only strikes whose name has one of these in it, which commas part. @param sleep so many milliseconds. */
  constructor(
    ground: Ground,
    only: string,
    troubles = TROUBLES,
    sleep: (milliseconds: number) => Promise<unknown> = setTimeout,
  ) {
    this.#ground = ground;
    this.#troubles = troubles;
    this.#sleep = sleep;
    const wanted = only.split(',').map((part) => part.trim());
    this.#names = Object.keys(troubles).filter((name) => wanted.some((part) => name.includes(part)));
    if (this.#names.length === 0)
      throw new Error(
        `No trouble has ${JSON.stringify(only)} in its name: there are ${Object.keys(troubles).join('; ')}`,
      );
  }

  readonly #troubles: Readonly<Record<string, Strike>>;
  readonly #sleep: (milliseconds: number) => Promise<unknown>;

  /** Of all that were to strike, also of those that never did. */
  get counts(): ReadonlyMap<string, Count> {
    return new Map(this.#names.map((name) => [name, this.#counts.get(name) ?? { times: 0, struck: 0 }]));
  }

  /** @param told of each that has struck. */
  begin(told: (name: string) => void): void {
    this.#rest = false;
    this.#running = this.#go(told).catch((error: unknown) => {
      this.#ended = error;
    });
  }

  /** No more from now on, and none on order. Throws what has ended them before. */
  async end(): Promise<void> {
    this.#rest = true;
    await this.#running;
    const { oracle, couchbase } = this.#ground.stage.local;
    await oracle.calm();
    await couchbase.calm();
    await this.#collect();
    if (this.#ended !== null) throw this.#ended;
  }

  async #go(told: (name: string) => void): Promise<void> {
    const { random } = this.#ground;
    while (!this.#rest) {
      const name = this.#next();
      // A server that is ended forgets what it has counted.
      await this.#collect();
      const struck = await this.#troubles[name]?.(this.#ground, name);
      if (struck === 0) {
        this.#left.push(name);
        await this.#sleep(UNTIMELY);
        continue;
      }
      told(name);
      this.#note(name, 1, struck ?? 0);
      await this.#sleep(LEAST + random() * MORE);
    }
  }

  /**
   * Each comes once before any comes again. What had to wait for its time is tried again when chance takes it; every second time it is one of
   * those for which it is seldom the time.
   */
  #next(): string {
    if (this.#left.length === 0) this.#left.push(...this.#names);
    const seldom = this.#left.filter((name) => name in POISONS);
    this.#seldom = !this.#seldom && seldom.length > 0;
    const from = this.#seldom ? seldom : this.#left;
    const name = from[Math.floor(this.#ground.random() * from.length)] ?? '';
    this.#left.splice(this.#left.indexOf(name), 1);
    return name;
  }

  async #collect(): Promise<void> {
    const { oracle, couchbase } = this.#ground.stage.local;
    for (const server of [oracle, couchbase])
      for (const [name, struck] of Object.entries(await server.struck())) this.#note(name, 0, struck);
  }

  #note(name: string, times: number, struck: number): void {
    const before = this.#counts.get(name) ?? { times: 0, struck: 0 };
    this.#counts.set(name, { times: before.times + times, struck: before.struck + struck });
  }
}
