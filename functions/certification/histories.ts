/** What the clients of a rehearsal have asked and were told, key by key: is there still an order that explains it? */
import { NotKept } from './not_kept.ts';
import type { Answer, Operation, Value } from './operation.ts';
import { Register } from './register.ts';

/** Lines of a key that a message tells. */
const LAST = 6;

export class Histories {
  readonly #registers = new Map<string, Register>();
  readonly #lines = new Map<string, string[]>();
  readonly #doubts = new Map<string, number>();
  #operations = 0;

  get keys(): string[] {
    return [...this.#registers.keys()];
  }

  /** A key holds this before anybody asks. */
  holding(key: string, value: Value): void {
    this.#registers.set(key, Register.holding(value, false));
  }

  /** Writes of a key that may have taken effect, or may yet. */
  doubts(key: string): number {
    return this.#doubts.get(key) ?? 0;
  }

  /** @param where as a message tells it: the client and its phase. @returns the number of the operation. */
  begin(key: string, operation: Operation, where: string): number {
    const id = ++this.#operations;
    this.#tell(key, `${where} begins ${nameOf(id, operation)}`);
    this.#step(key, (register) => register.invoke(id, operation));
    return id;
  }

  /** Throws `NotKept` where no order explains the answer. */
  end(key: string, id: number, answer: Answer): void {
    const { kind, value } = answer;
    this.#tell(key, `#${id} ${kind}${value === undefined ? '' : ` ${shown(value)}`}`);
    this.#step(key, (register) => register.answer(id, answer));
    if (this.#register(key).broken)
      throw new NotKept(
        `The answer to #${id} can be explained by no order of what was asked: ${this.#told(key)}`,
      );
  }

  /** It did nothing, and claims nothing. */
  forget(key: string, id: number): void {
    this.#tell(key, `#${id} did nothing`);
    this.#step(key, (register) => register.forget(id));
  }

  /** It may have taken effect, or may yet. */
  doubt(key: string, id: number): void {
    this.#tell(key, `#${id} unknown`);
    this.#doubts.set(key, this.doubts(key) + 1);
  }

  /** It has taken effect by now, or never will. */
  resolve(key: string, id: number): void {
    this.#doubts.set(key, this.doubts(key) - 1);
    this.#step(key, (register) => register.resolve(id));
  }

  /** Throws `NotKept` where a key that nobody asks for can not hold that. @param where the store that holds it. */
  holds(key: string, value: Value, where: string): void {
    const { values } = this.#register(key).possible;
    if (values.includes(value)) return;
    throw new NotKept(
      `${where} should hold ${values.map(shown).join(' or ')}, and holds ${shown(value)}: ${this.#told(key)}`,
    );
  }

  #tell(key: string, line: string): void {
    this.#lines.set(key, [...(this.#lines.get(key) ?? []), line].slice(-LAST));
  }

  #told(key: string): string {
    return (this.#lines.get(key) ?? []).join('; ');
  }

  #step(key: string, act: (register: Register) => Register): void {
    this.#registers.set(key, act(this.#register(key)));
  }

  #register(key: string): Register {
    return this.#registers.get(key) ?? Register.holding(null, false);
  }
}

function nameOf(id: number, { kind, value, expected }: Operation): string {
  const condition = expected === undefined ? '' : ` if ${shown(expected)}`;
  return `#${id} ${kind}${kind === 'write' ? ` ${shown(value)}` : ''}${condition}`;
}

/** Values are digests of the rehearsal's own documents. */
function shown(value: Value): string {
  return value === null ? 'nothing' : value.slice(0, 6);
}
