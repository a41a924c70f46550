/**
 * One look at a document and at our attribute. Most documents have no attribute, and of what is missing the driver makes an error
 * with a stack: a third of a lookup's CPU. Of a question whether it is there it makes none.
 */
import { type Collection, LookupInSpec } from 'couchbase';
import { ATTRIBUTE } from './attribute.ts';

/** So many documents in a row without the attribute, and the next one is asked whether it has one. */
const ENOUGH = 20;

export interface Looked {
  readonly cas: bigint;
  /** Undefined for none. */
  readonly attribute: Buffer | undefined;
  /** What else was looked up, in the order of its specs; undefined for what is not there. */
  readonly others: readonly (Buffer | undefined)[];
}

export class Lookup {
  readonly #asking: LookupInSpec[];
  readonly #reading: LookupInSpec[];
  #without = 0;

  /** @param others looked up beside the attribute; a whole body comes last, or the server refuses. */
  constructor(others: readonly LookupInSpec[]) {
    this.#asking = [LookupInSpec.exists(ATTRIBUTE, { xattr: true }), ...others];
    this.#reading = [LookupInSpec.get(ATTRIBUTE, { xattr: true }), ...others];
  }

  /** Whether the last documents had no attribute of ours. */
  get rare(): boolean {
    return this.#without >= ENOUGH;
  }

  /** All that it tells was so at one moment. Throws what the driver throws. @param timeout milliseconds for each request. */
  async at(collection: Collection, key: string, timeout: number): Promise<Looked> {
    if (this.rare) {
      const { cas, content } = await collection.lookupIn(key, this.#asking, { timeout });
      const [asked, ...others] = content;
      if (asked?.value !== true) return looked(cas, undefined, others);
    }
    return this.whole(collection, key, timeout);
  }

  /** The same of a document that has attributes. */
  async whole(collection: Collection, key: string, timeout: number): Promise<Looked> {
    const { cas, content } = await collection.lookupIn(key, this.#reading, { timeout });
    const [attribute, ...others] = content;
    this.#without = attribute?.value === undefined ? this.#without + 1 : 0;
    return looked(cas, attribute?.value, others);
  }
}

function looked(cas: unknown, attribute: Buffer | undefined, others: readonly { value?: unknown }[]): Looked {
  return {
    cas: BigInt(String(cas)),
    attribute,
    others: others.map(({ value }) => value as Buffer | undefined),
  };
}
