/** Operators beside the one who sets the flags: they start runs, and force moves, whenever they like. */

import type { Value } from '../../functions/certification/operation.ts';
import { type Phase, ROUTES } from '../../functions/protocol/phase.ts';
import type { Job } from '../../functions/runs/request.ts';
import type { Container } from './container.ts';
import type { Control } from './control.ts';
import type { History } from './history.ts';
import { BAKE } from './rules.ts';
import type { Runs } from './runs.ts';
import { lasting, type Process, type Scheduler } from './scheduler.ts';
import { heldIn } from './trace.ts';
import type { SimulatedStores } from './world.ts';

/** What an operator may start at any time. */
const STARTED: readonly (readonly [Job, object])[] = [
  ['copy', { back: 'all' }],
  ['copy', { back: 'all' }],
  ['copy', { back: 'changed' }],
  ['copy', {}],
  ['verify', { repair: true }],
  ['copy', { back: 'all', abandon: true }],
];

/** Milliseconds that somebody takes between two commands. */
const ABANDONED = 5000;
/** What heals a forced move, by the manual, and how often it is tried, in milliseconds. */
const [HEALING, AGAIN]: [readonly (readonly [Job, object])[], number] = [
  [
    ['copy', {}],
    ['verify', { repair: true }],
  ],
  600_000,
];

export interface OperatorsParts {
  readonly scheduler: Scheduler;
  readonly stores: SimulatedStores;
  readonly control: Control;
  readonly runs: Runs;
  readonly history: History;
  readonly keys: readonly string[];
  readonly isOver: () => boolean;
}

export class Operators {
  readonly #parts: OperatorsParts;
  #forced = 0;
  #forgotten = false;
  #touched = false;

  constructor(parts: OperatorsParts) {
    this.#parts = parts;
  }

  /** A store has forgotten something: now and then somebody has everything compared and repaired. */
  repair(): void {
    if (!this.#forgotten) this.startRuns(AGAIN, HEALING);
    this.#forgotten = true;
  }

  /** Others are at work in Couchbase: the same, and what they leave behind is found by whoever compares. */
  compare(): void {
    this.#touched = true;
    this.startRuns(AGAIN, HEALING);
  }

  /** Starts runs beside the controller's. @param pause milliseconds between two, at most. */
  async startRuns(pause: number, started = STARTED): Promise<void> {
    const { scheduler, runs, isOver } = this.#parts;
    const operator = lasting('operator-2');
    for (;;) {
      await scheduler.sleep(operator, scheduler.random.below(pause));
      if (isOver()) return;
      scheduler.strike('run of an operator');
      const [job, input] = scheduler.random.pick(started);
      // One that the controller has begun stands in its place, and would find the same again: the manual says to abandon it.
      if (job === 'verify' && this.#touched && runs.ended(job)[0]?.clean === false) {
        runs.start(job, { collection: 'c', abandon: true });
        await scheduler.sleep(operator, ABANDONED);
      }
      runs.start(job, { collection: 'c', ...input });
    }
  }

  /**
   * Forces the next move, wherever it leads, once its bake is over: for some time hardly any, for some time each. Often a store is away,
   * which is what a force is for.
   * @param hasty whether each move is forced.
   */
  async force(container: Container, hasty: boolean): Promise<void> {
    const { scheduler, control, isOver } = this.#parts;
    const { random } = scheduler;
    control.moved = (to, isForced) => this.#follow(to, isForced);
    const operator = lasting('operator-3');
    while (hasty && !isOver()) {
      await scheduler.sleep(operator, random.below(10_000));
      if (random.chance(0.02)) this.#takeAway();
      await control.force(container);
    }
    this.startRuns(AGAIN, HEALING);
    while (!isOver()) {
      if (random.chance(0.3)) this.#takeAway();
      const hurried = random.below(6);
      for (let n = 0; n < hurried && !isOver(); n++) {
        await scheduler.sleep(operator, BAKE / 2 + random.below(BAKE));
        if (!isOver()) await control.force(container);
      }
      await scheduler.sleep(operator, random.below(600_000));
    }
  }

  #takeAway(): void {
    const { scheduler, stores } = this.#parts;
    const { random } = scheduler;
    scheduler.strike('store away beside forced moves');
    stores.leaves(random.pick(['couchbase', 'oracle'] as const), random.below(4 * BAKE));
  }

  /** Nobody looks for markers that are left, or come back, before the key is written again. */
  get leavesMarkers(): boolean {
    return this.#forced > 0 || this.#forgotten;
  }

  /** As the manual says: verifications with repairs, until one is clean that began now. Throws where none ever is. */
  async heal(operator: Process, until: number): Promise<void> {
    const { scheduler, runs, control } = this.#parts;
    const began = scheduler.now;
    const isClean = () => runs.ended('verify').some(({ started, clean }) => clean && started > began);
    const isComparable = ROUTES[control.phase].second !== null;
    const isNeeded = this.#forced > 0 || this.#forgotten || this.#touched;
    while (isNeeded && isComparable && !isClean()) {
      if (scheduler.now > until) throw new Error('No verification with repairs is ever clean');
      runs.start('verify', { collection: 'c', repair: true, ifPossible: true });
      await scheduler.sleep(operator, 2 * BAKE);
    }
  }

  async #follow(to: Phase, isForced: boolean): Promise<void> {
    const { scheduler, history } = this.#parts;
    const watch = lasting('bake');
    if (isForced) {
      scheduler.strike('forced move');
      scheduler.tell(watch, `begins: the move to ${to} was forced`);
      this.#forced++;
      history.excuse();
    }
    await scheduler.sleep(watch, BAKE);
    if (isForced) history.fluid(this.#held());
    this.#determine(to);
  }

  /** What a key may hold, by either store. */
  #held(): Map<string, readonly Value[]> {
    const { stores, keys, scheduler } = this.#parts;
    return new Map(
      keys.map((key) => {
        const { content, row } = stores.world(key);
        const values = [heldIn(content), heldIn(row.content)];
        if (values[0] !== values[1] || row.handoff !== null)
          scheduler.strike('key apart after a forced move');
        return [key, values] as const;
      }),
    );
  }

  /** Where one store alone is left, a key holds what that store holds. */
  #determine(to: Phase): void {
    const { stores, keys, history, control } = this.#parts;
    if (control.phase !== to) return;
    for (const key of keys) {
      const { content, row } = stores.world(key);
      if (to === 'legacy') history.determine(key, heldIn(content));
      // Where Couchbase still orders the key, what it holds may come to Oracle on the way back.
      if (to === 'contract' && row.handoff !== null) history.determine(key, heldIn(row.content));
    }
  }
}
