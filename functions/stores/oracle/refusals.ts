/**
 * What Oracle has refused lately, and nobody had foreseen: the same content of the same key, any text that is longer than Oracle has said of its
 * column, and nothing in a column that must have something. Bounded, and forgotten soon, since the table may be changed meanwhile.
 */
import type { Content } from '../../protocol/state.ts';
import { PoisonDocument, type Target } from '../failure.ts';
import { oraNumber } from './failure.ts';
import { FRESH } from './foreign_rules.ts';

type Values = Readonly<Record<string, string | null>>;

interface Learned {
  readonly why: string;
  readonly until: number;
}

/** Contents that are remembered, the latest ones. */
const MOST = 1000;
const NO_VALUE = new Set([1400, 1407]);

export class Refusals {
  readonly #now: () => number;
  readonly #contents = new Map<string, Learned>();
  readonly #longest = new Map<string, Learned & { readonly characters: number }>();
  readonly #required = new Map<string, Learned>();

  /** @param now milliseconds since the epoch. */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** @param failure what Oracle has said, with its own error as the cause. */
  learn(key: string, content: Content, failure: PoisonDocument): void {
    const learned = { why: reasonIn(failure), until: this.#now() + FRESH };
    const name = nameOf(key, content);
    this.#contents.delete(name);
    this.#contents.set(name, learned);
    const [oldest] = this.#contents.keys();
    if (this.#contents.size > MOST && oldest !== undefined) this.#contents.delete(oldest);
    const said = String((failure.cause as Error | undefined)?.message ?? '');
    const [, column, most] =
      /column (?:"[^"]+"\.)*"([^"]+)" \((?:actual: \d+, )?maximum: (\d+)\)/.exec(said) ?? [];
    if (oraNumber(failure.cause) === 12899 && column !== undefined)
      this.#longest.set(column, { ...learned, characters: Number(most) });
    const [, required] = /\((?:"[^"]+"\.)*"([^"]+)"\)/.exec(said) ?? [];
    if (NO_VALUE.has(oraNumber(failure.cause) ?? 0) && required !== undefined)
      this.#required.set(required, learned);
  }

  /** Throws `PoisonDocument` for what would be refused again. @param values of the columns, by name. */
  require(key: string, content: Content, values: Values, target: Target): void {
    const now = this.#now();
    const found = [
      this.#contents.get(nameOf(key, content)),
      ...Object.entries(values).flatMap(([column, value]) => [
        value === null ? this.#required.get(column) : this.#tooLong(column, value),
      ]),
    ].find((each) => each !== undefined && each.until > now);
    if (found !== undefined) throw new PoisonDocument(target, found.why);
  }

  /** Oracle counts bytes or characters, as the column says: what has more characters is too long for both. */
  #tooLong(column: string, value: string): Learned | undefined {
    const limit = this.#longest.get(column);
    return limit !== undefined && [...value].length > limit.characters ? limit : undefined;
  }
}

function nameOf(key: string, content: Content): string {
  return `${content?.digest ?? 'deletion'} ${key}`;
}

/** Without the place, which is another one next time. */
function reasonIn({ message }: PoisonDocument): string {
  return message.replace(/^oracle \S+ in \S+?(?:, key "(?:[^"\\]|\\.)*"(?: \(\d+ characters\))?)?: /, '');
}
