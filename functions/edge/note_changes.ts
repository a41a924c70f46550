/**
 * Waits for notes of changes before a function answers. Lambda stops the sandbox after the answer: a note that is still under way is
 * made when the sandbox gets its next request, and never where it gets none.
 */
import type { Context } from 'aws-lambda';

/** Milliseconds: Oracle may be away, and the client waits for its answer. */
const LONGEST = 250;
/** Milliseconds that are left for the answer. */
const ANSWER = 500;

interface Request {
  readonly context: Context;
}

/** What is being noted; null for nothing. */
interface Notes {
  changes(): Promise<unknown> | null;
  rest?(): Promise<unknown> | null;
}

/**
 * A middleware of middy. Where nothing has changed, it costs nothing.
 * @param what is to be noted before the answer: changes alone, or all that was seen.
 */
export function noteChanges(notes: Notes, what: 'changes' | 'rest' = 'changes') {
  const wait = async ({ context }: Request): Promise<void> => {
    const noting = notes[what]?.() ?? null;
    if (noting === null) return;
    const left = Math.min(LONGEST, context.getRemainingTimeInMillis() - ANSWER);
    if (left <= 0) return;
    const late = Promise.withResolvers<void>();
    const timer = setTimeout(late.resolve, left);
    await Promise.race([noting, late.promise]);
    clearTimeout(timer);
  };
  return { after: wait, onError: wait };
}
