/** What the guard has found of the phase of one collection: the value of the parameter `guard/NAME`, which the controller makes when it first watches. */
import * as v from 'valibot';
import { PHASES } from '../protocol/phase.ts';

/**
 * `fine`; `few`, too few requests so far; `before`, the phase before was no better than what is an error; `back`, a move back has led there, and nothing is compared;
 * `couchbase`, what is wrong is Couchbase itself, which each phase needs that the flags could be set back to; `unread`, CloudWatch does not answer; `worse`, beyond the
 * bounds, and the flags stay; `turned`, beyond them, and they were set back.
 */
export const VERDICTS = ['fine', 'few', 'before', 'back', 'couchbase', 'unread', 'worse', 'turned'] as const;
export type VerdictKind = (typeof VERDICTS)[number];

/** Characters of what it says. */
export const LONGEST_NOTE = 1500;

const whole = v.pipe(v.number(), v.integer(), v.minValue(0));

const NOTE = v.strictObject({
  /** The move, and the version of the phase that it has led to. */
  ...{ from: v.picklist(PHASES), to: v.picklist(PHASES), version: whole },
  kind: v.picklist(VERDICTS),
  /** With the figures. */
  told: v.pipe(v.string(), v.maxLength(LONGEST_NOTE)),
  /** Milliseconds since the epoch, by SSM's clock. */
  at: whole,
  /** The versions of the collection's own flags once they were set back; null where they were not, or not yet. */
  own: v.nullable(v.array(whole)),
});

export type GuardNote = v.InferOutput<typeof NOTE>;

/** Whatever is no note of ours is none: it is written anew. */
export function readNote(text: string | undefined): GuardNote | null {
  try {
    const { success, output } = v.safeParse(NOTE, JSON.parse(text ?? 'null'));
    return success ? output : null;
  } catch {
    return null;
  }
}

/** Whether the flags are still as the guard has set them: no operator has said anything since. @param own versions of the collection's own flags, as they are. */
export function isTurnedBack(note: GuardNote | null, own: readonly number[]): boolean {
  return note?.kind === 'turned' && note.own?.join() === own.join();
}
