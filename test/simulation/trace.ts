/** What was ever stored of each key, so that what was set aside can be told by its value. */

import type { Value } from '../../functions/certification/operation.ts';
import type { Document } from '../../functions/protocol/state.ts';
import { isListed } from '../model/documents.ts';
import type { World } from '../model/world.ts';

export class Trace {
  readonly #stored = new Map<string, Map<string, Value>>();

  note(key: string, { content, row }: World): void {
    const stored = this.#stored.get(key) ?? new Map<string, Value>();
    for (const each of [content, row.content]) if (each !== null) stored.set(each.digest, heldIn(each));
    this.#stored.set(key, stored);
  }

  /** Values of a key that were set aside. */
  setAside(key: string, { aside }: World): Value[] {
    return [...(this.#stored.get(key) ?? [])].flatMap(([digest, value]) =>
      isListed(aside, digest) ? [value] : [],
    );
  }
}

export function heldIn(content: Pick<Document, 'body'> | null): Value {
  return content === null ? null : Buffer.from(content.body).toString();
}
