/** The audit log as a chain: each entry carries a hash over itself and the one before, so that an entry which is changed or left out shows, unless all hashes after it are made anew. */
import { createHash } from 'node:crypto';

/** What somebody did, and why. */
export interface Act {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly actor: string;
  readonly action: string;
  readonly detail: string;
}

export interface AuditEntry extends Act {
  /** 1 for the first, without gaps. */
  readonly seq: number;
  /** SHA-256 of the hash before and of all the rest, as base64url. */
  readonly hash: string;
}

/** Bytes that an entry has room for, whatever characters they are of: what is longer is refused before anything is done, and never cut off. */
export const ROOM = { actor: 1000, action: 128, detail: 11_990 } as const;

/** What of an act an entry has no room for; null where it has room for all. */
export function tooLong(act: Pick<Act, keyof typeof ROOM>): string | null {
  for (const part of ['actor', 'action', 'detail'] as const) {
    const bytes = Buffer.byteLength(act[part]);
    if (bytes > ROOM[part])
      return `AUDIT_TOO_LONG: the ${part} of the entry has ${bytes} bytes, and the audit log has room for ${ROOM[part]}`;
  }
  return null;
}

/** What the first entry follows. */
export const BEGINNING = { seq: 0, hash: '' };

/** The entry that follows another. */
export function follow(
  before: Pick<AuditEntry, 'seq' | 'hash'>,
  { at, actor, action, detail }: Act,
): AuditEntry {
  const seq = before.seq + 1;
  const text = JSON.stringify([before.hash, seq, at, actor, action, detail]);
  const hash = createHash('sha256').update(text).digest('base64url');
  return { seq, at, actor, action, detail, hash };
}

/** The first entry that does not follow the one before it; null where all do. @param entries in their order. */
export function brokenAt(entries: readonly AuditEntry[]): number | null {
  for (const [n, entry] of entries.entries()) {
    const before = n === 0 ? (entry.seq === 1 ? BEGINNING : null) : (entries[n - 1] as AuditEntry);
    // Of the first of a part nobody here knows what it follows.
    if (before !== null && follow(before, entry).hash !== entry.hash) return entry.seq;
    if (before !== null && before.seq + 1 !== entry.seq) return entry.seq;
  }
  return null;
}
