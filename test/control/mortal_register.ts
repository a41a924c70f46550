/** The parameter of a phase in memory, for controllers that die at any of its calls. */
import type { Claim, Register } from '../../functions/control/publish.ts';
import { parsePhase } from '../../functions/phases/effective_phase.ts';
import type { Phase } from '../../functions/protocol/phase.ts';

export class Death extends Error {}

export class MortalRegister {
  value = JSON.stringify({ phase: 'legacy', since: 0, by: 'deployment' });
  readonly visited: Phase[] = ['legacy'];
  readonly #claims = new Map<number, Claim>();
  readonly #now: () => number;
  #version = 1;
  #changed = 0;

  /** @param now milliseconds. */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** @param calls that its controller lives for. */
  living(calls: number): Register {
    let left = calls;
    const alive =
      <A extends unknown[], R>(act: (...args: A) => R) =>
      async (...args: A): Promise<R> => {
        if (left-- <= 0) throw new Death();
        return act(...args);
      };
    return {
      read: alive(() => ({
        ...{ value: this.value, version: this.#version },
        ...{ changed: this.#changed, now: this.#now() },
      })),
      claimed: alive((version: number) => this.#claims.get(version) ?? null),
      claim: alive((version: number, text: string) => {
        if (this.#claims.has(version)) return false;
        this.#claims.set(version, { text, at: this.#now() });
        return true;
      }),
      write: alive((value: string) => {
        this.value = value;
        this.#version++;
        this.#changed = this.#now();
        const { phase } = parsePhase(value);
        if (this.visited.at(-1) !== phase) this.visited.push(phase);
      }),
    };
  }
}
