/** Compares the audit log with its anchors: what was changed or taken out, and which entries are as they were entered. */
import { Anchors, type KeptAnchor, type Lateness } from './anchors.ts';
import { type AuditEntry, BEGINNING, follow } from './audit.ts';

/** Numbers of entries, both included. */
export interface Range {
  readonly from: number;
  readonly to: number;
}

export type AuditFinding =
  /** Numbers without an entry. `anchored`: when the log of anchors had taken the last of them; null where it knows none of them. */
  | ({
      readonly kind: 'missing';
      readonly where: 'beginning' | 'middle' | 'end';
      readonly anchored: number | null;
    } & Range)
  /** Not what was entered. `anchored`: when another entry was confirmed under the last of these numbers; null where none was, and it only does not follow. */
  | ({ readonly kind: 'changed'; readonly anchored: number | null } & Range)
  /**
   * Without anchors of their own: written between these times, as they say themselves, while the log of anchors was away, or past Crossfade. `covered`: the
   * entry whose anchor covers them, and since when; null where none does.
   */
  | ({
      readonly kind: 'unanchored';
      readonly between: readonly [number, number];
      readonly covered: { readonly seq: number; readonly since: number } | null;
    } & Range)
  /** It was begun, and never confirmed or written: a function has died, or Oracle did not take it. */
  | { readonly kind: 'begun'; readonly seq: number; readonly action: string; readonly at: number };

/** Entries whose hashes the log of anchors has taken later than the entries were written, with the last of these times, and the first since when SSM had one. */
export type Late = Range & Lateness;

export interface AuditVerdict {
  /** No entry was changed or taken out, and none is without an anchor. */
  readonly whole: boolean;
  readonly entries: number;
  readonly anchors: number;
  /** Null where there are none. */
  readonly last: Pick<AuditEntry, 'seq' | 'hash'> | null;
  /** Entries before this one were written before there were anchors, or their anchors are older than the log keeps them. Null where there are no anchors. */
  readonly anchoredFrom: number | null;
  readonly findings: readonly AuditFinding[];
  /** Entries that are as they were when an anchor was kept of them, or of one that follows from them. */
  readonly trusted: readonly Range[];
  /** No findings: their writers have put them outside of the database. */
  readonly late: readonly Late[];
  /** The newest entries, whose anchors may not be readable yet. */
  readonly young: number;
}

/** Milliseconds in which an anchor may not be readable yet, or an entry may be on its way. */
export const YOUNG = 120_000;

type State = 'anchored' | 'unanchored' | 'changed';
type Unanchored = Extract<AuditFinding, { kind: 'unanchored' }>;

export class Comparison {
  readonly #anchors: Anchors;
  readonly #now: number;
  readonly #findings: AuditFinding[] = [];
  readonly #trusted: Range[] = [];
  readonly #late: Late[] = [];
  #entries = 0;
  #before: Pick<AuditEntry, 'seq' | 'hash'> = BEGINNING;
  /** Where entries begin that follow from each other up to the last one; null where the last one counts for nothing. */
  #stretch: number | null = 1;
  /** Entries without an anchor, at the end of the stretch. */
  #pending: Unanchored | null = null;

  /** @param anchors that were read before the first entry is. @param now milliseconds since the epoch, when they were read. */
  constructor(anchors: readonly KeptAnchor[], now: number) {
    this.#anchors = new Anchors(anchors);
    this.#now = now;
  }

  /** Takes the next entry: all of them, in their order. */
  take(entry: AuditEntry): void {
    const { seq } = this.#before;
    if (entry.seq !== seq + 1) this.#missing(seq + 1, entry.seq - 1, seq === 0 ? 'beginning' : 'middle');
    const linked = entry.seq === seq + 1 && follow(this.#before, entry).hash === entry.hash;
    const state = this.#stateOf(entry, linked);
    if (!linked) this.#breakOff();
    if (state === 'changed') this.#changed(entry);
    else this.#goOn(entry, state);
    this.#entries++;
    this.#before = { seq: entry.seq, hash: entry.hash };
  }

  end(): AuditVerdict {
    const { seq } = this.#before;
    const { first, lastConfirmed, count } = this.#anchors;
    const isYoung = this.#pending !== null && this.#isYoung(...this.#pending.between);
    const young = isYoung && this.#pending !== null ? this.#pending.to - this.#pending.from + 1 : 0;
    if (isYoung) this.#pending = null;
    this.#breakOff();
    if (lastConfirmed > seq) this.#missing(seq + 1, lastConfirmed, 'end');
    for (const { seq: number, action, at, kept } of this.#anchors.abandoned())
      if (!this.#isYoung(kept, kept)) this.#findings.push({ kind: 'begun', seq: number, action, at });
    return {
      whole: this.#findings.every(({ kind }) => kind === 'begun'),
      ...{ entries: this.#entries, anchors: count, last: seq === 0 ? null : this.#before },
      anchoredFrom: count === 0 ? null : first,
      ...{ findings: this.#findings, trusted: this.#trusted, late: this.#late, young },
    };
  }

  #stateOf(entry: AuditEntry, linked: boolean): State {
    // Where the entry before was changed, what was kept of it tells all the same whether this one followed from it.
    const hashes = this.#anchors.hashes(entry.seq - 1);
    const follows =
      linked || hashes.some((hash) => follow({ seq: entry.seq - 1, hash }, entry).hash === entry.hash);
    if (!follows || this.#anchors.contradicts(entry) !== null) return 'changed';
    return this.#anchors.of(entry) === null ? 'unanchored' : 'anchored';
  }

  #goOn(entry: AuditEntry, state: State): void {
    this.#stretch ??= entry.seq;
    if (state === 'anchored') {
      const since = this.#anchors.of(entry)?.kept ?? 0;
      this.#settle({ seq: entry.seq, since });
      const last = this.#trusted.at(-1);
      if (last?.from === this.#stretch) this.#trusted.pop();
      this.#trusted.push({ from: this.#stretch, to: entry.seq });
      this.#noteLate(entry);
    } else {
      const { seq: to, at } = entry;
      const { from = to, between = [at, at] as const } = this.#pending ?? {};
      this.#pending = {
        kind: 'unanchored',
        ...{ from, to, covered: null },
        between: [Math.min(between[0], at), Math.max(between[1], at)],
      };
    }
  }

  #noteLate(entry: AuditEntry): void {
    const late = this.#anchors.lateness(entry);
    if (late === null) return;
    const last = this.#late.at(-1);
    const joins = last?.to === entry.seq - 1 && (last.since === null) === (late.since === null);
    if (!joins) return void this.#late.push({ from: entry.seq, to: entry.seq, ...late });
    const since = late.since === null ? null : Math.min(last.since ?? late.since, late.since);
    this.#late[this.#late.length - 1] = {
      ...{ from: last.from, to: entry.seq, since },
      kept: Math.max(last.kept, late.kept),
    };
  }

  #changed(entry: AuditEntry): void {
    this.#breakOff();
    this.#stretch = null;
    const last = this.#findings.at(-1);
    const anchored = this.#anchors.contradicts(entry);
    const joins = last?.kind === 'changed' && last.to === entry.seq - 1 && this.#findings.pop();
    const from = joins && last?.kind === 'changed' ? last.from : entry.seq;
    this.#findings.push({ kind: 'changed', from, to: entry.seq, anchored });
  }

  #missing(from: number, to: number, where: 'beginning' | 'middle' | 'end'): void {
    this.#breakOff();
    const known = Array.from({ length: Math.min(1000, to - from + 1) }, (_, n) => to - n);
    const anchored = known
      .map((seq) => this.#anchors.contradicts({ seq, hash: '' }))
      .find((kept) => kept !== null);
    this.#findings.push({ kind: 'missing', from, to, where, anchored: anchored ?? null });
  }

  #breakOff(): void {
    this.#settle(null);
    this.#stretch = null;
  }

  /** What has no anchor of its own was written before there were any, or is told. */
  #settle(covered: Unanchored['covered']): void {
    const pending = this.#pending;
    this.#pending = null;
    if (pending === null || (covered !== null && pending.to < this.#anchors.first)) return;
    this.#findings.push({ ...pending, covered });
  }

  #isYoung(from: number, to: number): boolean {
    return from > this.#now - YOUNG && to < this.#now + YOUNG;
  }
}
