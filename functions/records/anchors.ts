/**
 * The anchors of the audit log. Each entry's hash is also kept in a log that no login of a database reaches, and that takes additions alone:
 *
 * 1. `begun`: the hash is kept before the entry is inserted. So an entry without an anchor of its own was written while that log was away, or past
 *    Crossfade.
 * 2. The entry is inserted. Who loses its number to another writer begins again with the next one, under the same `id`.
 * 3. `entered`: it is confirmed. So an entry that was confirmed and is not there was taken out; one that was begun alone may never have been written.
 *
 * A log that does not answer holds no entry up. The function then puts the anchor into a parameter of SSM, in the same order, where no login of a database
 * reaches either; the controller adds it to the log later, with `since`, when SSM has taken it. Where SSM does not answer either, the function keeps a
 * hash in its memory, and adds it as `late` with its next entry. No anchor is ever made of what was read from Oracle: an entry that somebody has inserted past
 * Crossfade would get one.
 */
import * as v from 'valibot';
import type { AuditEntry } from './audit.ts';

const ANCHOR = v.object({
  event: v.picklist(['begun', 'entered', 'late']),
  /** Of one act, over all attempts to enter it. */
  id: v.pipe(v.string(), v.nonEmpty()),
  seq: v.pipe(v.number(), v.integer(), v.minValue(1)),
  hash: v.string(),
  /** Milliseconds since the epoch, as the entry has it. */
  at: v.number(),
  action: v.string(),
  /** Of one that has waited in SSM: when that has taken it, in milliseconds since the epoch, by SSM's clock. Older versions pass over it. */
  since: v.optional(v.number()),
});

export type Anchor = v.InferOutput<typeof ANCHOR>;

/** An anchor, and when the log has taken it: milliseconds since the epoch, by the log's own clock. */
export interface KeptAnchor extends Anchor {
  readonly kept: number;
}

export interface Lateness {
  /** When the log has taken the hash: milliseconds since the epoch. */
  readonly kept: number;
  /** When SSM has; null where it was in the memory of a function alone until then. */
  readonly since: number | null;
}

/** What says so of an entry. Who and why stay in the database: nothing can be deleted where anchors are. */
export function anchorOf(event: Anchor['event'], id: string, { seq, hash, at, action }: AuditEntry): Anchor {
  return { event, id, seq, hash, at, action };
}

/** The anchor that a text is; null where it is none. */
export function anchorIn(text: string): Anchor | null {
  try {
    const parsed = v.safeParse(ANCHOR, JSON.parse(text));
    return parsed.success ? parsed.output : null;
  } catch {
    return null;
  }
}

/** All anchors, as entries are looked up in them. */
export class Anchors {
  /** The least number that has one; Infinity where there are none. */
  readonly first: number;
  /** The greatest number that was confirmed; 0 where none was. */
  readonly lastConfirmed: number;
  readonly count: number;
  readonly #bySeq = new Map<number, KeptAnchor[]>();
  readonly #byId = new Map<string, KeptAnchor[]>();
  readonly #found = new Set<string>();

  constructor(all: readonly KeptAnchor[]) {
    const inOrder = all.toSorted((a, b) => a.kept - b.kept);
    for (const anchor of inOrder) {
      listIn(this.#bySeq, anchor.seq).push(anchor);
      listIn(this.#byId, anchor.id).push(anchor);
    }
    this.count = all.length;
    this.first = all.reduce((least, { seq }) => Math.min(least, seq), Number.POSITIVE_INFINITY);
    this.lastConfirmed = all.filter(isConfirmed).reduce((most, { seq }) => Math.max(most, seq), 0);
  }

  /** The hashes that the entry of that number was begun or confirmed with. */
  hashes(seq: number): string[] {
    return (this.#bySeq.get(seq) ?? []).map(({ hash }) => hash);
  }

  /** The anchor of an entry; null where it has none. The one that was confirmed first counts: a later one cannot replace it. */
  of({ seq, hash }: Pick<AuditEntry, 'seq' | 'hash'>): KeptAnchor | null {
    const all = this.#bySeq.get(seq) ?? [];
    const counts = all.find(isConfirmed);
    const found = all.find((anchor) => anchor.hash === hash) ?? null;
    if (found === null || (counts !== undefined && counts.hash !== hash)) return null;
    this.#found.add(found.id);
    return found;
  }

  /** Of an entry whose hash the log has taken only later: when, and since when SSM had it; null for any other entry. */
  lateness(entry: Pick<AuditEntry, 'seq' | 'hash'>): Lateness | null {
    const found = this.of(entry);
    if (found === null || (found.event !== 'late' && found.since === undefined)) return null;
    return { kept: found.kept, since: found.since ?? null };
  }

  /** When another entry was confirmed under the number of this one; null where none was. */
  contradicts({ seq, hash }: Pick<AuditEntry, 'seq' | 'hash'>): number | null {
    const counts = (this.#bySeq.get(seq) ?? []).find(isConfirmed);
    return counts === undefined || counts.hash === hash ? null : counts.kept;
  }

  /** Of each act that was begun, of which no entry was confirmed, and none was looked up here: its last anchor. */
  abandoned(): KeptAnchor[] {
    return [...this.#byId].flatMap(([id, all]) =>
      this.#found.has(id) || all.some(isConfirmed) ? [] : all.slice(-1),
    );
  }
}

function isConfirmed({ event }: Anchor): boolean {
  return event !== 'begun';
}

function listIn<Key, Value>(lists: Map<Key, Value[]>, key: Key): Value[] {
  const list = lists.get(key) ?? [];
  lists.set(key, list);
  return list;
}
