/**
 * The linearizability of one key, followed as it happens: the set of all explanations that are still possible. An
 * explanation is what the register holds plus, for every operation not yet answered, whether it has taken effect and
 * how. The history is linearizable as long as one explanation is left. `test/model/history.ts` decides the same afterwards, by
 * another algorithm; a property holds the two against each other.
 */
import { type Answer, effects, type Operation, type Value } from './operation.ts';

interface Explanation {
  /**
   * One value. After a forced move, all values that a store held then: reads may see any of them, in any order, until the first
   * write takes effect.
   */
  readonly values: readonly Value[];
  /** Per pending operation in effect already, the answer it must give. */
  readonly placed: ReadonlyMap<number, Answer>;
}

export class Register {
  /** Equal ids, equal futures, among all that grew from the same beginning. */
  readonly id: number;
  readonly #explanations: readonly Explanation[];
  readonly #pending: ReadonlyMap<number, Operation>;
  /** One object for everything with the same key, among all that grew from the same beginning. Null: nothing is remembered. */
  readonly #pool: Map<string, Register> | null;
  readonly #after: Map<string, Register> | null;

  private constructor(
    explanations: readonly Explanation[],
    pending: ReadonlyMap<number, Operation>,
    pool: Map<string, Register> | null,
  ) {
    this.#explanations = explanations;
    this.#pending = pending;
    this.#pool = pool;
    this.#after = pool === null ? null : new Map();
    this.id = pool?.size ?? 0;
  }

  /** @param keeps whether what it comes to is remembered, for a search that goes the same ways again. */
  static holding(value: Value, keeps = true): Register {
    const [explanations, pending] = [[{ values: [value], placed: new Map() }], new Map()];
    const register = new Register(explanations, pending, keeps ? new Map() : null);
    register.#pool?.set(registerKey(explanations, pending), register);
    return register;
  }

  /** No explanation is left: the history so far is not linearizable. */
  get broken(): boolean {
    return this.#explanations.length === 0;
  }

  get pending(): readonly number[] {
    return [...this.#pending.keys()];
  }

  /** Whether a store has gone back, or a move was forced, while the operation was at work. */
  isOvertaken(id: number): boolean {
    const operation = this.#pending.get(id);
    return operation === undefined || operation.overtaken === true;
  }

  /** What an operation without an answer would leave: null where that is nothing, or the operation is not known. */
  valueOf(id: number): Value {
    return this.#pending.get(id)?.value ?? null;
  }

  /** What writes without an answer may still leave. */
  get writing(): readonly Value[] {
    return [...this.#pending.values()].flatMap(({ kind, value }) => (kind === 'write' ? [value] : []));
  }

  /** All values that it may hold now, and whether some write may still take effect. */
  get possible(): { readonly values: readonly Value[]; readonly undecided: boolean } {
    const values = new Set(this.#explanations.flatMap((explanation) => explanation.values));
    const undecided = [...this.#pending.values()].some(({ kind }) => kind === 'write');
    return { values: [...values], undecided };
  }

  /**
   * A forced move is over, and this is what the stores hold. What was answered before it no longer tells what the key holds. A read
   * that is at work has perhaps seen something of before; a write that is may have taken effect before, or may yet.
   * @param over operations without an answer of which nothing is on its way any more.
   */
  fluid(values: readonly Value[], over: readonly number[] = []): Register {
    const left = [...new Set(values)];
    return this.#step(`fluid ${left.join('|')} ${over}`, () => {
      const writes = [...this.#pending].filter(([id, { kind }]) => kind === 'write' && !over.includes(id));
      const pending = writes.map(([id, write]) => [id, { ...write, overtaken: true }] as const);
      return { explanations: [{ values: left, placed: new Map() }], pending: new Map(pending) };
    });
  }

  /** One store alone is left, and holds this: where several values were possible, it is this one. */
  determine(value: Value): Register {
    return this.#step(`determine ${value}`, () => ({
      explanations: distinct(
        this.#explanations.map((explanation) =>
          explanation.values.includes(value) ? { ...explanation, values: [value] } : explanation,
        ),
      ),
      pending: this.#pending,
    }));
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
    return this.#step(`resolve ${id}`, () => ({
      explanations: distinct(
        [...this.#closure()].map(({ values, placed }) => ({ values, placed: without(placed, id) })),
      ),
      pending: without(this.#pending, id),
    }));
  }

  /** The time of a value is up: whoever wrote it, or is yet to write it, leaves nothing from now on. */
  expire(value: string): Register {
    const left = (of: Value) => (of === value ? null : of);
    return this.#step(`expire ${value}`, () => {
      const explanations = distinct(
        [...this.#closure()].map(({ values, placed }) => ({
          placed,
          values: [...new Set(values.map(left))],
        })),
      );
      const pending = [...this.#pending].map(([id, operation]) => {
        if (operation.kind === 'read') return [id, operation] as const;
        const expectedExpired = operation.expectedExpired === true || operation.expected === value;
        return [id, { ...operation, value: left(operation.value), expectedExpired }] as const;
      });
      return { explanations, pending: new Map(pending) };
    });
  }

  /** The time of a value is up in one store, and not yet in the other: whoever looks may see it, or nothing, until the next write. */
  fade(value: string): Register {
    const faded = (values: readonly Value[]) =>
      values.includes(value) ? [...new Set([...values, null])] : values;
    return this.#step(`fade ${value}`, () => ({
      explanations: distinct(
        [...this.#closure()].map(({ values, placed }) => ({ placed, values: faded(values) })),
      ),
      pending: new Map(
        [...this.#pending].map(([id, one]) => [id, one.value === value ? { ...one, fading: true } : one]),
      ),
    }));
  }

  answer(id: number, answer: Answer): Register {
    // A read that a forced move has met claims nothing.
    const operation = this.#pending.get(id);
    if (operation === undefined) return this;
    return this.#step(`answer ${id} ${answer.kind} ${answer.value}`, () => {
      const left = [...this.#closure()].filter(({ placed }) => {
        const given = placed.get(id);
        // What it answers is of before the forced move, which left something else.
        if (given === undefined) return operation.overtaken === true;
        return given.kind === answer.kind && given.value === answer.value;
      });
      return {
        explanations: distinct(left.map(({ values, placed }) => ({ values, placed: without(placed, id) }))),
        pending: without(this.#pending, id),
      };
    });
  }

  #step(
    event: string,
    compute: () => { explanations: readonly Explanation[]; pending: ReadonlyMap<number, Operation> },
  ): Register {
    let after = this.#after?.get(event);
    if (after !== undefined) return after;
    const { explanations, pending } = compute();
    if (this.#pool === null) return new Register(explanations, pending, null);
    const key = registerKey(explanations, pending);
    after = this.#pool.get(key) ?? new Register(explanations, pending, this.#pool);
    this.#pool.set(key, after);
    this.#after?.set(event, after);
    return after;
  }

  /** Every explanation reachable by letting pending operations take effect now. */
  #closure(): Iterable<Explanation> {
    if (this.#pending.size === 0) return this.#explanations;
    const found = new Map(this.#explanations.map((e) => [explanationKey(e), e]));
    for (const explanation of found.values())
      for (const [id, operation] of this.#pending) {
        if (explanation.placed.has(id)) continue;
        for (const value of explanation.values)
          for (const { written, answer } of effects(operation, value)) {
            const values = written === undefined ? explanation.values : leftBy(operation, written);
            const next = { values, placed: new Map(explanation.placed).set(id, answer) };
            const key = explanationKey(next);
            if (!found.has(key)) found.set(key, next);
          }
      }
    return found.values();
  }
}

function leftBy({ fading }: Operation, written: Value): readonly Value[] {
  return fading === true && written !== null ? [written, null] : [written];
}

function without<V>(map: ReadonlyMap<number, V>, id: number): ReadonlyMap<number, V> {
  const rest = new Map(map);
  rest.delete(id);
  return rest;
}

function distinct(explanations: readonly Explanation[]): readonly Explanation[] {
  if (explanations.length < 2) return explanations;
  return [...new Map(explanations.map((each) => [explanationKey(each), each])).values()];
}

function explanationKey({ values, placed }: Explanation): string {
  if (placed.size === 0) return `${values.join('|')}{}`;
  const parts = [...placed].map(([id, answer]) => `${id}:${answer.kind}:${answer.value}`);
  return `${values.join('|')}{${parts.sort().join()}}`;
}

function registerKey(explanations: readonly Explanation[], pending: ReadonlyMap<number, Operation>): string {
  const waiting = [...pending].map(
    ([id, { kind, value, expected, expectedExpired, overtaken, fading }]) =>
      `${id}:${kind}:${value}:${expected}:${expectedExpired === true}:${overtaken === true}:${fading === true}`,
  );
  return `${explanations.map(explanationKey).sort().join(' ')}/${waiting.sort().join()}`;
}
