/** What an operator does while a service is moved under trouble: starts backfills, deals with dead letters, repairs what a store has forgotten. */
import { setTimeout } from 'node:timers/promises';
import type { Redriven } from '../../functions/operations/dead_letters.ts';
import type { Overview } from '../../functions/operations/overview.ts';
import type { Stage } from '../../infra/demo/stage.ts';
import type { Fallbacks } from './fallback.ts';
import type { Poison } from './poison.ts';
import { repairOf } from './repairs.ts';

export interface OperatorParts {
  readonly stage: Stage;
  readonly fallbacks: Fallbacks;
  readonly poison: Poison;
  readonly tell: (line: string) => void;
}

/** Milliseconds until what was sent again has been delivered. */
const DELIVERED = 5000;

export class Operator {
  readonly #parts: OperatorParts;
  readonly #doing = new Map<string, Promise<void>>();
  /** Messages that were set aside, and sent again. */
  redriven = 0;

  constructor(parts: OperatorParts) {
    this.#parts = parts;
  }

  /** Resolves once all that was begun has ended. */
  async rest(): Promise<void> {
    await Promise.all(this.#doing.values());
  }

  /** Starts the backfill where a move waits for it, deals with what was set aside, and repairs. */
  help(seen: Overview): void {
    const { collection, decision, evidence } = seen;
    const waits = 'conditions' in decision ? decision.conditions.filter(({ holds }) => !holds) : [];
    const { name } = waits[0] ?? {};
    if (name === `backfill of ${collection}`) this.#once(collection, () => this.#copy(collection));
    if (!('missing' in evidence) && evidence.deadLetters > 0)
      this.#once('dead letters', () => this.#letters());
    const repair = this.repairOf(seen);
    if (repair !== null) this.#once(repair.name, repair.act);
  }

  /** Null where nothing is to be repaired. */
  repairOf(seen: Overview) {
    const { stage, fallbacks, tell } = this.#parts;
    return repairOf(seen, stage, fallbacks, tell);
  }

  #once(name: string, act: () => Promise<void>): void {
    if (this.#doing.has(name)) return;
    const done = act()
      .catch((error: unknown) => this.#parts.tell(`${name}: ${String(error).slice(0, 300)}`))
      .finally(() => this.#doing.delete(name));
    this.#doing.set(name, done);
  }

  /** Goes on with what is left of an earlier one; what was begun in another time of `expand` is given up. */
  async #copy(collection: string): Promise<void> {
    const { stage, tell } = this.#parts;
    const machine = await stage.service.machine('copy');
    const which = { collection };
    const unfinished = await machine.look(which).catch(() => null);
    const input = unfinished === null ? {} : { resume: true };
    const { outcome } = await machine.watch(which, input, null).catch(async (error: unknown) => {
      await machine.execute({ ...which, abandon: true }).catch(() => {});
      throw error;
    });
    tell(`The backfill of ${collection} has ended: ${outcome}`);
  }

  async #letters(): Promise<void> {
    const { stage, poison, tell } = this.#parts;
    const others = await poison.settle();
    if (others > 0) {
      const { done } = await stage.service.ask<Redriven>('redrive', { why: 'soak' });
      this.redriven += done;
      tell(`${done} messages had been set aside, and were sent again`);
    }
    await setTimeout(DELIVERED);
  }
}
