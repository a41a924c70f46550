/**
 * Oracle's own parser decides what is JSON in a column that must be JSON, and its limits differ by version: a name of more than
 * 32,767 bytes is refused in each of them. A document that it refuses is kept as bytes, where every body fits.
 */
import { PoisonDocument } from '../failure.ts';
import { oraNumber } from './failure.ts';
import type { Filled } from './table.ts';

/** A check constraint is violated; a syntax error, bytes that are no UTF-8, a size or a depth above the limit, as the JSON parser reports them. */
const REFUSALS = new Set([2290, 40441, 40474, 40604, 42712]);

/** Whether Oracle may have refused the statement because of the JSON in it. @param error as the driver threw it. */
export function refusesJson({ held }: Filled, error: unknown): boolean {
  return held.kind === 'json' && REFUSALS.has(oraNumber(error) ?? 0);
}

/** The same document, as no JSON to Oracle. */
export function asBytes({ held, ...filled }: Filled): Filled {
  return { ...filled, held: { ...held, kind: 'other', body: null, bytes: held.body } };
}

/**
 * Acts once more with the document as bytes where Oracle has refused it as JSON, and so has changed nothing. @param table of the documents: what the table of a
 * projection refuses, it refuses of a document as bytes, too.
 */
export async function orAsBytes<T>(
  table: string,
  filled: Filled,
  act: (filled: Filled) => Promise<T>,
): Promise<T> {
  try {
    return await act(filled);
  } catch (error) {
    const isOfRow = error instanceof PoisonDocument && error.target.collection === table;
    if (!isOfRow || !refusesJson(filled, error.cause)) throw error;
    return act(asBytes(filled));
  }
}
