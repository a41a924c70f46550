/** What is set aside, as the gates of a collection count it. */

/** Letters in Oracle. Scripts that look at gates hand in stores of their own, which may tell no `queued` and `queuing`. */
export interface CountedLetters {
  /** Of this collection, or of no known document, that are open. */
  readonly open: number;
  /** Of this collection, or of no known document, whose receipts wait for a store. */
  readonly waiting: number;
  /** When the oldest of this collection was first seen; null for none. */
  readonly since: number | null;
  /** Messages that open letters of any collection count. */
  readonly queued?: number;
  /** Open letters of any collection that count any. */
  readonly queuing?: number;
}

export interface SetAsideCount {
  /** Open letters, and messages that no letter counts. */
  readonly open: number;
  /** Those messages alone. */
  readonly unread: number;
  /** Messages beside one of each letter. */
  readonly surplus: number;
  readonly waiting: number;
  readonly since: number | null;
}

/**
 * A letter tells whose it is, and counts once however often its document was set aside; a message that no letter counts may be about any
 * collection. 1 The letters are counted. 2 The messages of the queue are counted. 3 The letters are counted again. What is set aside after
 * 2 is in the letters of 3 alone, and what is deleted before 2 in those of 1 alone: the fewer messages that letters count, the more are
 * unread.
 */
export function setAsideCount(
  { queued: before = 0 }: Pick<CountedLetters, 'queued'>,
  messages: number,
  { open, queued: after = 0, queuing = 0, waiting, since }: CountedLetters,
): SetAsideCount {
  const unread = Math.max(0, messages - Math.min(before, after));
  // More than one message of a letter is one too many.
  const surplus = Math.max(0, messages - queuing);
  return { open: open + unread, unread, surplus, waiting, since };
}
