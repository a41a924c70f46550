/** The JSON of a document, as its values are copied from it. */
import { type Json, readJson } from '../protocol/json.ts';
import type { Payload } from '../protocol/payload.ts';

/** Deeper than any document whose values the version before has copied. */
const DEEPEST = 10_000;

/** A document that counts byte for byte may have values all the same: one with bytes that are no UTF-8, or nested deeper than others. Null where it has none. */
export function jsonOf(payload: Payload): Json | null {
  return payload.json ?? readJson(Buffer.from(payload.body).toString('utf8'), DEEPEST);
}
