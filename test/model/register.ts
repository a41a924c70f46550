/**
 * The linearizability of one key, followed as it happens: the set of all explanations that are still possible. An
 * explanation is the register's value plus, for every operation not yet answered, whether it has taken effect and
 * how. The history is linearizable as long as one explanation is left. `history.ts` decides the same afterwards, by
 * another algorithm; a property holds the two against each other.
 */
import { type Answer, effects, type Operation, type Value } from './operation.ts';

interface Explanation {
  readonly value: Value;
  /** Per pending operation in effect already, the answer it must give. */
  readonly placed: ReadonlyMap<number, Answer>;
}

export class Register {
  readonly key: string;
  readonly #explanations: readonly Explanation[];
  readonly #pending: ReadonlyMap<number, Operation>;

  private constructor(explanations: readonly Explanation[], pending: ReadonlyMap<number, Operation>) {
    this.#explanations = explanations;
    this.#pending = pending;
    this.key = `${explanations.map(explanationKey).sort().join(' ')}/${[...pending.keys()].sort().join()}`;
  }

  static holding(value: Value): Register {
    return new Register([{ value, placed: new Map() }], new Map());
  }

  /** No explanation is left: the history so far is not linearizable. */
  get broken(): boolean {
    return this.#explanations.length === 0;
  }

  /** An operation begins. One that is never answered stays pending: it may take effect at any later time, or never. */
  invoke(id: number, operation: Operation): Register {
    return new Register(this.#explanations, new Map(this.#pending).set(id, operation));
  }

  /** A read without an answer asks nothing of the register. */
  forget(id: number): Register {
    const pending = new Map(this.#pending);
    pending.delete(id);
    const kept = this.#explanations.filter((explanation) => !explanation.placed.has(id));
    return new Register(kept, pending);
  }

  answer(id: number, answer: Answer): Register {
    const kept = new Map<string, Explanation>();
    for (const explanation of this.#closure()) {
      const placed = explanation.placed.get(id);
      if (placed === undefined || placed.kind !== answer.kind || placed.value !== answer.value) continue;
      const rest = new Map(explanation.placed);
      rest.delete(id);
      const after = { value: explanation.value, placed: rest };
      kept.set(explanationKey(after), after);
    }
    const pending = new Map(this.#pending);
    pending.delete(id);
    return new Register([...kept.values()], pending);
  }

  /** Every explanation reachable by letting pending operations take effect now. */
  #closure(): Iterable<Explanation> {
    const found = new Map(this.#explanations.map((e) => [explanationKey(e), e]));
    for (const explanation of found.values())
      for (const [id, operation] of this.#pending) {
        if (explanation.placed.has(id)) continue;
        for (const effect of effects(operation, explanation.value)) {
          const placed = new Map(explanation.placed).set(id, effect.answer);
          const next = { value: effect.value, placed };
          const key = explanationKey(next);
          if (!found.has(key)) found.set(key, next);
        }
      }
    return found.values();
  }
}

function explanationKey({ value, placed }: Explanation): string {
  const parts = [...placed].map(([id, answer]) => `${id}:${answer.kind}:${answer.value}`);
  return `${value}{${parts.sort().join()}}`;
}
