/** What clients have asked and were told, key by key, followed as it happens: is there still an order that explains it? */
import type { Operation, Value } from '../../functions/certification/operation.ts';
import { Register } from '../../functions/certification/register.ts';
import type { ReceiptQueue } from './queue.ts';
import { REQUEST } from './rules.ts';
import type { Process, Scheduler } from './scheduler.ts';
import { LATE } from './world.ts';

/** After so many milliseconds what a request has left on its way has arrived, or never will. */
const ARRIVED = REQUEST + LATE;

/** Values of a key that must not be lost once a store has forgotten something. */
export interface Claims {
  readonly owed: readonly Value[];
  readonly due: readonly Value[];
}

const NO_CLAIMS: Claims = { owed: [], due: [] };

export class History {
  readonly #scheduler: Scheduler;
  readonly #queue: ReceiptQueue;
  readonly #registers = new Map<string, Register>();
  /** Writes that nobody could tell the outcome of. */
  #doubtful: { readonly key: string; readonly id: number; readonly at: number }[] = [];
  /** Writes past the API that may take effect, or may yet, by the keys that they were of. */
  readonly #past = new Map<number, string>();
  /** Keys and values of writes whose repetition was refused, and which operation was the last to begin by then. */
  readonly #refused = new Map<string, number>();
  #operations = 0;
  /** Forced moves whose bake is not over, and stores that have forgotten something just now. */
  #excused = 0;
  readonly #kinds = new Map<number, 'read' | 'write'>();
  readonly #claims = new Map<string, Claims>();
  #broken: string | null = null;
  /** Whether others touch documents and leave none of our attribute: Couchbase tells no more then which request has written one. */
  isUnnamed = false;

  constructor(scheduler: Scheduler, queue: ReceiptQueue) {
    this.#scheduler = scheduler;
    this.#queue = queue;
  }

  get operations(): number {
    return this.#operations;
  }

  /** Why it cannot be explained; null where it can. */
  get broken(): string | null {
    return this.#broken;
  }

  /** A key holds this before anybody asks. */
  holding(key: string, value: Value): void {
    this.#registers.set(key, Register.holding(value));
  }

  /** Writes of a key that may have taken effect, or may yet. */
  doubts(key: string): number {
    const past = [...this.#past.values()].filter((each) => each === key).length;
    return past + this.#doubtful.filter((each) => each.key === key).length;
  }

  begin(client: Process, key: string, operation: Operation): number {
    const id = ++this.#operations;
    const { kind, value, expected } = operation;
    const condition = expected === undefined ? '' : ` if it holds ${expected}`;
    this.#scheduler.tell(client, `${key} #${id}: ${kind}${kind === 'write' ? ` ${value}` : ''}${condition}`);
    this.#step(key, (register) => register.invoke(id, operation));
    this.#kinds.set(id, kind);
    return id;
  }

  end(client: Process, key: string, id: number, value?: Value, kind: 'done' | 'refused' = 'done'): void {
    this.#scheduler.tell(client, `${key} #${id}: ${kind}${value === undefined ? '' : ` ${value}`}`);
    this.#step(key, (register) => register.answer(id, { kind, value }));
    if (kind === 'done') this.#overwrite(key, id);
    if (this.#excused > 0) return;
    if (id > (this.#refused.get(`${key} ${value}`) ?? Number.POSITIVE_INFINITY))
      this.#broken ??= `${key}: ${value} is there, and its repetition was refused as if somebody had written since`;
    if (this.#registers.get(key)?.broken)
      this.#broken ??= `${key}: the answer to #${id} cannot be explained by any order of what was asked`;
  }

  /** It did nothing. */
  forget(client: Process, key: string, id: number): void {
    this.#scheduler.tell(client, `${key} #${id}: nothing was done`);
    this.#step(key, (register) => register.forget(id));
  }

  /** The time of what was written, or is about to be, is up. */
  expire(key: string, value: string): void {
    this.#step(key, (register) => register.expire(value));
  }

  /** The time of what was written is up where one store has it, and not where the other does: whoever reads may see it until the next write. */
  fade(key: string, value: string): void {
    this.#step(key, (register) => register.fade(value));
  }

  /**
   * Somebody has written past the API, all at once. @param counts whether all reads see it from now on. Otherwise it may take effect at any
   * time, or never, until it is told to be over.
   */
  past(by: Process, key: string, value: Value, counts: boolean): number {
    const id = this.begin(by, key, { kind: 'write', value });
    // What is put there once more is there, whoever was told that somebody has written over it.
    this.#refused.delete(`${key} ${value}`);
    if (counts) this.end(by, key, id);
    else this.#past.set(id, key);
    return id;
  }

  /** A write past the API has taken effect by now, or never will. */
  pastOver(key: string, id: number): void {
    this.#past.delete(id);
    this.#step(key, (register) => register.resolve(id));
  }

  /** A repetition was refused, so somebody else has written since: its value is not to be seen any more. */
  refuse(key: string, value: Value): void {
    if (this.isUnnamed) return;
    this.#refused.set(`${key} ${value}`, this.#operations);
  }

  /** It may have taken effect, or may yet. */
  doubt(client: Process, key: string, id: number): void {
    this.#doubtful.push({ key, id, at: this.#scheduler.now });
    this.#overwrite(key, id);
    this.#scheduler.tell(client, `${key} #${id}: nobody knows`);
  }

  /** Doubts end once what was on its way has arrived, and the receipts of that time are settled. */
  resolve(): void {
    const { now } = this.#scheduler;
    const over = this.#doubtful.filter(
      ({ key, at }) => at + ARRIVED < now && !this.#queue.holds(key, at + ARRIVED),
    );
    for (const { key, id } of over) this.#step(key, (register) => register.resolve(id));
    this.#doubtful = this.#doubtful.filter((each) => !over.includes(each));
  }

  /** A forced move begins: until its bake is over, answers claim nothing. */
  excuse(): void {
    this.#excused++;
  }

  /**
   * A store has forgotten something, and `held` is what both hold now. Until nothing of before is at work any more, answers claim
   * nothing. @param dueOf what must come back of a key.
   */
  forgotten(held: ReadonlyMap<string, readonly Value[]>, dueOf: (key: string) => Value | undefined): void {
    for (const [key, values] of held) {
      const { values: before, undecided } = this.#register(key).possible;
      if (undecided || before.length !== 1) continue;
      const [certain = null] = before;
      const { owed, due } = this.claims(key);
      this.#claims.set(key, {
        owed: certain !== null && values.includes(certain) ? [...owed, certain] : owed,
        due: dueOf(key) === certain ? [certain] : due,
      });
    }
    this.excuse();
    this.#flow(this.#withBefore(held));
  }

  /** Nothing of before it is at work any more. */
  remembered(held: ReadonlyMap<string, readonly Value[]>): void {
    this.fluid(this.#withBefore(held));
  }

  /** With what was acknowledged before, which a repair may have seen, and what is being written. */
  #withBefore(held: ReadonlyMap<string, readonly Value[]>): Map<string, readonly Value[]> {
    return new Map(
      [...held].map(([key, values]) => {
        const { writing, possible } = this.#register(key);
        return [key, [...values, ...writing, ...possible.values]] as const;
      }),
    );
  }

  /** What must still be found of a key: anywhere, and by whoever reads it. */
  claims(key: string): Claims {
    return this.#claims.get(key) ?? NO_CLAIMS;
  }

  /** A write that took effect, or may have, was put over whatever was there. */
  #overwrite(key: string, id: number): void {
    if (this.#kinds.get(id) === 'write') this.#claims.delete(key);
  }

  /** Its bake is over. Each key holds what one of the stores holds now. */
  fluid(held: ReadonlyMap<string, readonly Value[]>): void {
    this.#excused--;
    this.#flow(held);
  }

  #flow(held: ReadonlyMap<string, readonly Value[]>): void {
    this.#refused.clear();
    const over = this.#doubtful.filter(({ at }) => at + ARRIVED < this.#scheduler.now);
    for (const [key, values] of held) {
      const ids = over.flatMap((each) => (each.key === key ? [each.id] : []));
      this.#step(key, (register) => register.fluid(values, ids));
    }
  }

  /** One store alone is left, and holds this. */
  determine(key: string, value: Value): void {
    this.#step(key, (register) => register.determine(value));
  }

  #step(key: string, act: (register: Register) => Register): void {
    this.#registers.set(key, act(this.#register(key)));
  }

  #register(key: string): Register {
    return this.#registers.get(key) ?? Register.holding(null);
  }
}
