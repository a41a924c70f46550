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

/** Contents that are remembered: the latest one of each of so many keys. */
const MOST = 1000;
const NO_VALUE = new Set([1400, 1407]);

export class Refusals {
  readonly #now: () => number;
  readonly #contents = new Map<string, Learned & { readonly digest: string | null }>();
  readonly #longest = new Map<string, Learned & { readonly characters: number }>();
  readonly #required = new Map<string, Learned>();

  /** @param now milliseconds since the epoch. */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** @param failure what Oracle has said, with its own error as the cause. @param ofOwnRow whether it was the document's own row that was refused. */
  learn(key: string, content: Content, failure: PoisonDocument, ofOwnRow = true): void {
    const learned = { why: reasonIn(failure), until: this.#now() + FRESH };
    this.#contents.delete(key);
    this.#contents.set(key, { ...learned, digest: digestOf(content) });
    const [oldest] = this.#contents.keys();
    if (this.#contents.size > MOST && oldest !== undefined) this.#contents.delete(oldest);
    // The table of a projection may have columns of the same names.
    if (!ofOwnRow) return;
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
      this.#sameContent(key, content),
      ...Object.entries(values).flatMap(([column, value]) => [
        value === null ? this.#required.get(column) : this.#tooLong(column, value),
      ]),
    ].find((each) => each !== undefined && each.until > now);
    if (found !== undefined) throw new PoisonDocument(target, found.why);
  }

  /** A digest is worked out only of a content whose key is known. */
  #sameContent(key: string, content: Content): Learned | undefined {
    const last = this.#contents.get(key);
    return last !== undefined && last.digest === digestOf(content) ? last : undefined;
  }

  /** Oracle counts bytes or characters, as the column says: what has more characters is too long for both. */
  #tooLong(column: string, value: string): Learned | undefined {
    const limit = this.#longest.get(column);
    return limit !== undefined && [...value].length > limit.characters ? limit : undefined;
  }
}

function digestOf(content: Content): string | null {
  return content?.digest ?? null;
}

/** Without the place, which is another one next time. */
function reasonIn({ message }: PoisonDocument): string {
  return message.replace(/^oracle \S+ in \S+?(?:, key "(?:[^"\\]|\\.)*"(?: \(\d+ characters\))?)?: /, '');
}
