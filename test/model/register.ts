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
  /** Equal ids, equal futures, among all that grew from the same beginning. */
  readonly id: number;
  readonly #explanations: readonly Explanation[];
  readonly #pending: ReadonlyMap<number, Operation>;
  /** One object for everything with the same key, among all that grew from the same beginning. */
  readonly #pool: Map<string, Register>;
  readonly #after = new Map<string, Register>();

  private constructor(
    explanations: readonly Explanation[],
    pending: ReadonlyMap<number, Operation>,
    pool: Map<string, Register>,
  ) {
    this.#explanations = explanations;
    this.#pending = pending;
    this.#pool = pool;
    this.id = pool.size;
  }

  static holding(value: Value): Register {
    const [explanations, pending, pool] = [[{ value, placed: new Map() }], new Map(), new Map()];
    const register = new Register(explanations, pending, pool);
    pool.set(registerKey(explanations, pending), register);
    return register;
  }

  /** No explanation is left: the history so far is not linearizable. */
  get broken(): boolean {
    return this.#explanations.length === 0;
  }

  /** An operation begins. One that is never answered stays pending: it may take effect at any later time, or never. */
  invoke(id: number, operation: Operation): Register {
    return this.#step(`invoke ${id} ${operation.kind} ${operation.value} ${operation.expected}`, () => ({
      explanations: this.#explanations,
      pending: new Map(this.#pending).set(id, operation),
    }));
  }

  /** It did nothing, and claims nothing: a read without an answer. */
  forget(id: number): Register {
    return this.#step(`forget ${id}`, () => ({
      explanations: this.#explanations.filter((explanation) => !explanation.placed.has(id)),
      pending: without(this.#pending, id),
    }));
  }

  /** It was never answered, and has taken effect by now, or never will. */
  resolve(id: number): Register {
    return this.#step(`resolve ${id}`, () => {
      const kept = new Map<string, Explanation>();
      for (const { value, placed } of this.#closure()) {
        const after = { value, placed: without(placed, id) };
        kept.set(explanationKey(after), after);
      }
      return { explanations: [...kept.values()], pending: without(this.#pending, id) };
    });
  }

  /** The time of a value is up: whoever wrote it, or is yet to write it, leaves nothing from now on. */
  expire(value: string): Register {
    const left = (of: Value) => (of === value ? null : of);
    return this.#step(`expire ${value}`, () => {
      const kept = new Map<string, Explanation>();
      for (const explanation of this.#closure()) {
        const after = { ...explanation, value: left(explanation.value) };
        kept.set(explanationKey(after), after);
      }
      const pending = [...this.#pending].map(([id, operation]) => {
        if (operation.kind === 'read') return [id, operation] as const;
        const expectedExpired = operation.expectedExpired === true || operation.expected === value;
        return [id, { ...operation, value: left(operation.value), expectedExpired }] as const;
      });
      return { explanations: [...kept.values()], pending: new Map(pending) };
    });
  }

  answer(id: number, answer: Answer): Register {
    return this.#step(`answer ${id} ${answer.kind} ${answer.value}`, () => {
      const kept = new Map<string, Explanation>();
      for (const { value, placed } of this.#closure()) {
        const given = placed.get(id);
        if (given === undefined || given.kind !== answer.kind || given.value !== answer.value) continue;
        const after = { value, placed: without(placed, id) };
        kept.set(explanationKey(after), after);
      }
      return { explanations: [...kept.values()], pending: without(this.#pending, id) };
    });
  }

  #step(
    event: string,
    compute: () => { explanations: readonly Explanation[]; pending: ReadonlyMap<number, Operation> },
  ): Register {
    let after = this.#after.get(event);
    if (after !== undefined) return after;
    const { explanations, pending } = compute();
    const key = registerKey(explanations, pending);
    after = this.#pool.get(key) ?? new Register(explanations, pending, this.#pool);
    this.#pool.set(key, after);
    this.#after.set(event, after);
    return after;
  }

  /** Every explanation reachable by letting pending operations take effect now. */
  #closure(): Iterable<Explanation> {
    const found = new Map(this.#explanations.map((e) => [explanationKey(e), e]));
    for (const explanation of found.values())
      for (const [id, operation] of this.#pending) {
        if (explanation.placed.has(id)) continue;
        for (const effect of effects(operation, explanation.value)) {
          const next = {
            value: effect.value,
            placed: new Map(explanation.placed).set(id, effect.answer),
          };
          const key = explanationKey(next);
          if (!found.has(key)) found.set(key, next);
        }
      }
    return found.values();
  }
}

function without<V>(map: ReadonlyMap<number, V>, id: number): ReadonlyMap<number, V> {
  const rest = new Map(map);
  rest.delete(id);
  return rest;
}

function explanationKey({ value, placed }: Explanation): string {
  const parts = [...placed].map(([id, answer]) => `${id}:${answer.kind}:${answer.value}`);
  return `${value}{${parts.sort().join()}}`;
}

function registerKey(explanations: readonly Explanation[], pending: ReadonlyMap<number, Operation>): string {
  const waiting = [...pending].map(
    ([id, { kind, value, expected, expectedExpired }]) =>
      `${id}:${kind}:${value}:${expected}:${expectedExpired === true}`,
  );
  return `${explanations.map(explanationKey).sort().join(' ')}/${waiting.sort().join()}`;
}
