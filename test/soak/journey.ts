/** One round of a soak: somewhere and back under trouble, with the operator's part of it, and a look at everything at its end. */
import { setTimeout } from 'node:timers/promises';
import type { Redriven } from '../../functions/operations/dead_letters.ts';
import type { Overview } from '../../functions/operations/overview.ts';
import { type Phase, RESTING_PHASES } from '../../functions/protocol/phase.ts';
import type { Fault } from '../../infra/demo/book.ts';
import type { Stage } from '../../infra/demo/stage.ts';
import type { Fallbacks } from './fallback.ts';
import { repairOf } from './repairs.ts';
import type { Troubles } from './trouble.ts';

/** Milliseconds of trouble in the phase that it goes to. */
const STAY = 12_000;

/**
 * Where both stores hold everything after a way, so that all of it can be compared. Whoever comes from `legacy` has left Oracle
 * behind until a backfill has run, and whoever comes from `contract` Couchbase until a copy-back has.
 */
function comparedAfter(way: readonly Phase[]): readonly Phase[] {
  return [
    ...(way.includes('legacy') ? [] : (['expand'] as const)),
    ...(way.at(-1) === 'contract' ? [] : (['settle'] as const)),
  ];
}

export interface Round {
  readonly way: readonly Phase[];
  readonly found: readonly Fault[];
  /** Messages that were set aside, and sent again. */
  readonly redriven: number;
}

export class Journey {
  readonly #stage: Stage;
  readonly #troubles: Troubles;
  readonly #fallbacks: Fallbacks;
  readonly #random: () => number;
  readonly #tell: (line: string) => void;
  readonly #copying = new Map<string, Promise<void>>();
  #redriven = 0;
  #phase: Phase = 'legacy';

  constructor(
    stage: Stage,
    { troubles, fallbacks }: { readonly troubles: Troubles; readonly fallbacks: Fallbacks },
    random: () => number,
    tell: (line: string) => void,
  ) {
    this.#stage = stage;
    this.#troubles = troubles;
    this.#fallbacks = fallbacks;
    this.#random = random;
    this.#tell = tell;
  }

  /** Throws `Stuck`. */
  async round(): Promise<Round> {
    const stage = this.#stage;
    // From `legacy` to `contract` and to no further, nothing could be compared.
    const there = this.#one(RESTING_PHASES.filter((phase) => comparedAfter([this.#phase, phase]).length > 0));
    const back = this.#one(comparedAfter([this.#phase, there]));
    const before = this.#redriven;
    stage.crowd.start();
    this.#troubles.begin((name) => this.#tell(`There was trouble: ${name}`));
    await this.#arrive(there);
    // Phases at rest have their troubles, too.
    await this.#stay();
    await this.#troubles.end();
    // The way back has a time without trouble, too.
    await this.#arrive(back);
    await Promise.all(this.#copying.values());
    await stage.crowd.stop();
    await this.#settled();
    this.#phase = back;
    const found = [...(await stage.crowd.check('both')), ...(await this.#fallbacks.wrong())];
    return { way: [there, back], found, redriven: this.#redriven - before };
  }

  async #arrive(phase: Phase): Promise<void> {
    // The API may be away, too.
    while (
      !(await this.#stage.want(phase).then(
        () => true,
        () => false,
      ))
    )
      await setTimeout(1000);
    await this.#until(({ effective }) => effective.phase === phase, `it does not come to ${phase}`);
  }

  /** The operator goes on meanwhile. */
  async #stay(): Promise<void> {
    const until = performance.now() + STAY;
    await this.#until(() => performance.now() > until, 'time does not pass');
  }

  async #settled(): Promise<void> {
    await this.#until(
      (seen) => !('missing' in seen.evidence) && seen.evidence.deadLetters === 0,
      'dead letters do not go',
    );
    const { due } = this.#fallbacks;
    await this.#until(
      (seen) => due.size === 0 && this.#repairOf(seen) === null,
      'what a store has forgotten is not repaired',
    );
    await this.#stage.settled();
  }

  /** Until it is so of each collection; the operator does meanwhile what there is to do. */
  #until(is: (seen: Overview) => boolean, why: string): Promise<void> {
    return this.#stage.until((all) => {
      for (const each of all) this.#help(each);
      return all.every(is);
    }, why);
  }

  /** What an operator does: starts the backfill where a move waits for it, sends again what was set aside, and repairs. */
  #help(seen: Overview): void {
    const { collection, decision, evidence } = seen;
    const waits = 'conditions' in decision ? decision.conditions.filter(({ holds }) => !holds) : [];
    const { name } = waits[0] ?? {};
    if (name === `backfill of ${collection}`) this.#once(collection, () => this.#copy(collection));
    if (!('missing' in evidence) && evidence.deadLetters > 0)
      this.#once('dead letters', () => this.#redrive());
    const repair = this.#repairOf(seen);
    if (repair !== null) this.#once(repair.name, repair.act);
  }

  #repairOf(seen: Overview) {
    return repairOf(seen, this.#stage, this.#fallbacks, this.#tell);
  }

  #once(name: string, act: () => Promise<void>): void {
    if (this.#copying.has(name)) return;
    const done = act()
      .catch((error: unknown) => this.#tell(`${name}: ${String(error).slice(0, 300)}`))
      .finally(() => this.#copying.delete(name));
    this.#copying.set(name, done);
  }

  /** Goes on with what is left of an earlier one; what was begun in another time of `expand` is given up. */
  async #copy(collection: string): Promise<void> {
    const machine = await this.#stage.service.machine('copy');
    const which = { collection };
    const unfinished = await machine.look(which).catch(() => null);
    const input = unfinished === null ? {} : { resume: true };
    const { outcome } = await machine.watch(which, input, null).catch(async (error: unknown) => {
      await machine.execute({ ...which, abandon: true }).catch(() => {});
      throw error;
    });
    this.#tell(`The backfill of ${collection} has ended: ${outcome}`);
  }

  async #redrive(): Promise<void> {
    const { done } = await this.#stage.service.ask<Redriven>('redrive', { why: 'soak' });
    this.#redriven += done;
    this.#tell(`${done} messages had been set aside, and were sent again`);
    await setTimeout(5000);
  }

  #one<T>(all: readonly T[]): T {
    return all[Math.floor(this.#random() * all.length)] as T;
  }
}
