/** What both stores can hold: a document that one of them refuses could never be migrated. */
import { payloadOf } from '../protocol/payload.ts';
import type { Content, Document } from '../protocol/state.ts';
import { PoisonDocument, type Target } from './failure.ts';

/**
 * What becomes of a write in `expand` that Oracle can never take: `refuse`, before anything is written, or `accept`: Couchbase has it, and it
 * is set aside.
 */
export const UNSTORABLE = ['refuse', 'accept'] as const;
export type Unstorable = (typeof UNSTORABLE)[number];

/** What Couchbase takes in its default collection, and Oracle's column has room for. */
export const LONGEST_KEY = 250;
/**
 * 1 KiB less than Couchbase takes, of which our attribute needs 190 bytes: it counts attributes to the 20 MiB of a document (kv_engine, `maxItemSize`), so
 * a larger body could never come back with its version. And of a body of 20 MiB exactly, the driver's (4.7.0) lookup ends the whole process
 * (`Expects(entry_size < 20 * 1024 * 1024)` in protocol/cmd_lookup_in.cxx).
 */
export const LARGEST_BODY = 20 * 1024 * 1024 - 1024;

/** @param most bytes of UTF-8. Throws `PoisonDocument` for a key that no store could hold, or that a driver would turn into another. */
export function requireKey(
  { key, ...target }: Target & { readonly key: string },
  most: number = LONGEST_KEY,
): void {
  const problem = keyProblem(key, most);
  if (problem !== null) throw new PoisonDocument({ ...target, key }, `${problem}. Use another key`);
}

/** Whether `requireKey` takes it: no row of Oracle has any other. */
export function isStorableKey(key: string): boolean {
  return keyProblem(key, LONGEST_KEY) === null;
}

function keyProblem(key: string, most: number): string | null {
  const length = Buffer.byteLength(key);
  if (length === 0) return 'the key is empty';
  if (length > most) return `the key has ${length} bytes of UTF-8, and may have ${most}`;
  return key.isWellFormed() ? null : 'the key has a lone surrogate, which UTF-8 cannot say';
}

/** Throws `PoisonDocument` for a body or an expiry that one of the stores could not hold. */
export function requireContent(content: Content, target: Target): void {
  if (content === null) return;
  const problem = payloadOf(content).once(problemOf, () => problemOf(content));
  if (problem !== null) throw new PoisonDocument(target, problem);
}

/** Why a body of so many bytes cannot be moved. Dead letters are found by this text. */
export function tooLargeToMove(bytes: number): string {
  return `a body of ${bytes} bytes is above what can be moved, ${LARGEST_BODY}. Split it`;
}

function problemOf({ body, expiresAt }: Document): string | null {
  if (body.length > LARGEST_BODY) return `a body of ${body.length} bytes is above ${LARGEST_BODY}. Split it`;
  const isMoment =
    expiresAt === null || (Number.isSafeInteger(expiresAt) && expiresAt % 1000 === 0 && expiresAt > 0);
  return isMoment ? null : `the expiry ${expiresAt} is not a whole second after 1970, in milliseconds`;
}
