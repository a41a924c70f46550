/** One round of a soak: somewhere and back under trouble, with the operator's part of it, and a look at everything at its end. */
import { setTimeout } from 'node:timers/promises';
import type { Overview } from '../../functions/operations/overview.ts';
import { type Phase, RESTING_PHASES } from '../../functions/protocol/phase.ts';
import type { Fault } from '../../infra/demo/book.ts';
import type { Stage } from '../../infra/demo/stage.ts';
import type { Fallbacks } from './fallback.ts';
import type { Operator } from './operator.ts';
import type { Poison } from './poison.ts';
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

export interface JourneyParts {
  readonly stage: Stage;
  readonly troubles: Troubles;
  readonly fallbacks: Fallbacks;
  readonly poison: Poison;
  readonly operator: Operator;
  /** 0 to 1, from a seed. */
  readonly random: () => number;
  readonly tell: (line: string) => void;
  /** Changes what stores hold before it is judged: the soak must find it. */
  readonly lie: (() => Promise<void>) | null;
}

export class Journey {
  readonly #parts: JourneyParts;
  #phase: Phase = 'legacy';

  constructor(parts: JourneyParts) {
    this.#parts = parts;
  }

  /** Throws `Stuck`. */
  async round(): Promise<Round> {
    const { stage, troubles, fallbacks, poison, operator, tell, lie } = this.#parts;
    // From `legacy` to `contract` and to no further, nothing could be compared.
    const there = this.#one(RESTING_PHASES.filter((phase) => comparedAfter([this.#phase, phase]).length > 0));
    const back = this.#one(comparedAfter([this.#phase, there]));
    const before = operator.redriven;
    stage.crowd.start();
    troubles.begin((name) => tell(`There was trouble: ${name}`));
    await this.#arrive(there);
    // Phases at rest have their troubles, too.
    await this.#stay();
    await troubles.end();
    // The way back has a time without trouble, too.
    await this.#arrive(back);
    await operator.rest();
    await stage.crowd.stop();
    await this.#settled();
    this.#phase = back;
    await lie?.();
    const found = [
      ...(await stage.crowd.check('both')),
      ...(await fallbacks.wrong()),
      ...(await poison.wrong(back)),
    ];
    return { way: [there, back], found, redriven: operator.redriven - before };
  }

  async #arrive(phase: Phase): Promise<void> {
    // The API may be away, too.
    while (
      !(await this.#parts.stage.want(phase).then(
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
    const { stage, fallbacks, operator } = this.#parts;
    await this.#until(
      (seen) => !('missing' in seen.evidence) && seen.evidence.deadLetters === 0,
      'dead letters do not go',
    );
    await this.#until(
      (seen) => fallbacks.due.size === 0 && operator.repairOf(seen) === null,
      'what a store has forgotten is not repaired',
    );
    await stage.settled();
  }

  /** Until it is so of each collection; the operator does meanwhile what there is to do. */
  #until(is: (seen: Overview) => boolean, why: string): Promise<void> {
    const { stage, operator } = this.#parts;
    return stage.until((all) => {
      for (const each of all) operator.help(each);
      return all.every(is);
    }, why);
  }

  #one<T>(all: readonly T[]): T {
    return all[Math.floor(this.#parts.random() * all.length)] as T;
  }
}
