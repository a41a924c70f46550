/** The rows of one batch of copies: inserted where there is none, updated where they are older, each with an outcome of its own. */
import type oracledb from 'oracledb';
import { byUtf8 } from '../../protocol/order.ts';
import { payloadOf } from '../../protocol/payload.ts';
import { type Content, NO_ROW } from '../../protocol/state.ts';
import type { Version } from '../../protocol/version.ts';
import { PoisonDocument, StoreUnavailable, type Target } from '../failure.ts';
import { requireKey } from '../storable.ts';
import { asBytes, refusesJson } from './as_bytes.ts';
import { failureOf, isUniqueViolation } from './failure.ts';
import { placeManyRows } from './projecting_many.ts';
import { runMany } from './run_many.ts';
import { applyToRow, insertRow, MOST_KEYS, type Statement, versionsOfRows } from './statements.ts';
import { type Filled, fill, type Table } from './table.ts';
import { mayBeOther } from './unique.ts';

/** A document, or with content null a deletion, in its version. */
export interface Copy {
  readonly key: string;
  readonly content: Content;
  readonly version: Version;
}

/** `stale`: the row holds something as new, or Oracle orders the key itself. */
export type CopyOutcome =
  | { readonly kind: 'applied' | 'stale' }
  | { readonly kind: 'failed'; readonly failure: PoisonDocument | StoreUnavailable };

type Failed = CopyOutcome & { readonly kind: 'failed' };

const APPLIED: CopyOutcome = { kind: 'applied' };
const STALE: CopyOutcome = { kind: 'stale' };

export class Batch {
  readonly #table: Table;
  readonly #whole: Target;
  readonly #copies: readonly Copy[];
  readonly #filled: (Filled | Failed)[];
  /** In the order of keys: batches that lock the same rows in different orders would wait for each other for ever. */
  readonly #ordered: readonly number[];
  /** Which copies have met their row. */
  readonly #met = new Set<number>();
  /** Those of them that may have met another row instead, which has the values of unique columns. */
  readonly #clashed = new Map<number, Error>();
  /** Which copies of new keys have met rows of tables of projections that should not be there. */
  readonly #littered = new Set<number>();
  readonly outcomes: (CopyOutcome | null)[];

  constructor(table: Table, whole: Target, copies: readonly Copy[], now: number) {
    this.#table = table;
    this.#whole = whole;
    this.#copies = copies;
    this.#filled = copies.map((copy) => filledOrNot(table, copy, this.#target(copy.key), now));
    this.#ordered = [...copies.keys()].sort((a, b) => byUtf8(copies[a]?.key ?? '', copies[b]?.key ?? ''));
    this.outcomes = [];
    this.#begin();
  }

  /** Copies that have met their row. */
  get found(): number {
    return this.#met.size;
  }

  /** What it finds as new stays so, for versions only rise; all else is for the statements to decide. */
  async look(session: oracledb.Connection): Promise<void> {
    const pending = this.#pending();
    const rows = await this.#rowsOf(session, pending);
    for (const index of pending) {
      const { key, version } = this.#copies[index] as Copy;
      const [newest, handoff] = rows.get(key) ?? [null, null];
      if (newest === null) continue;
      this.#met.add(index);
      if (handoff !== null || BigInt(newest) >= version) this.outcomes[index] = STALE;
    }
  }

  /** A copy that has met a row, and has none of its own, was refused because of another one's values. */
  async tellClashes(session: oracledb.Connection): Promise<void> {
    if (this.#clashed.size === 0) return;
    const rows = await this.#rowsOf(session, [...this.#clashed.keys()]);
    for (const [index, error] of this.#clashed) {
      const { key } = this.#copies[index] as Copy;
      if (!rows.has(key)) this.outcomes[index] = failed(error, this.#target(key));
    }
  }

  insert(session: oracledb.Connection): Promise<void> {
    const missing = this.#pending().filter((index) => !this.#met.has(index));
    return this.#run(session, missing, insertCopy, (index, _, error) => {
      if (error === undefined) return APPLIED;
      if (!isUniqueViolation(error)) return failed(error, this.#target(this.#copies[index]?.key ?? ''));
      this.#met.add(index);
      if (mayBeOther(error, this.#table.name)) this.#clashed.set(index, error);
      return null;
    });
  }

  update(session: oracledb.Connection): Promise<void> {
    return this.#run(session, this.#pending(), applyCopy, (index, count, error) => {
      if (error !== undefined) return failed(error, this.#target(this.#copies[index]?.key ?? ''));
      return count === 1 ? APPLIED : STALE;
    });
  }

  async #rowsOf(session: oracledb.Connection, indexes: readonly number[]) {
    const rows = new Map<string, readonly [version: string, handoff: string | null]>();
    for (let at = 0; at < indexes.length; at += MOST_KEYS) {
      const keys = indexes.slice(at, at + MOST_KEYS).map((index) => this.#copies[index]?.key ?? '');
      const { text, binds } = versionsOfRows(this.#table, keys);
      const result = await session.execute<[string, string, string | null]>(text, binds);
      for (const [key, ...row] of result.rows ?? []) rows.set(key, row);
    }
    return rows;
  }

  /**
   * Puts the rows that the copies give into the tables of projections. What Oracle refuses is refused of the whole document.
   * @returns false where something was refused: all that the transaction has done has to be undone, and done again without it.
   */
  async place(session: oracledb.Connection): Promise<boolean> {
    const { projections } = this.#table;
    if (projections.length === 0) return true;
    const applied = this.#ordered.filter((index) => this.outcomes[index]?.kind === 'applied');
    const documents = applied.map((index) => ({
      key: this.#copies[index]?.key ?? '',
      projected: (this.#filled[index] as Filled).projected,
      isNew: !this.#met.has(index) && !this.#littered.has(index),
    }));
    const errors = await placeManyRows(session, projections, documents);
    for (const [at, { table, error }] of errors) {
      const index = applied[at] ?? 0;
      if (isUniqueViolation(error) && documents[at]?.isNew === true) this.#littered.add(index);
      else
        this.#filled[index] = failed(error, { ...this.#target(documents[at]?.key ?? ''), collection: table });
    }
    if (errors.size > 0) this.#begin();
    return errors.size === 0;
  }

  /** Nothing is done yet, but what was refused stays so. */
  #begin(): void {
    for (const [index, result] of this.#filled.entries())
      this.outcomes[index] = 'failure' in result ? result : null;
  }

  #pending(): number[] {
    return this.#ordered.filter((index) => this.outcomes[index] === null);
  }

  #target(key: string): Target & { readonly key: string } {
    return { ...this.#whole, key };
  }

  /** @param settle what to make of a row: an outcome, or null to go on with it. */
  async #run(
    session: oracledb.Connection,
    indexes: readonly number[],
    statementOf: (table: Table, copy: Copy, filled: Filled) => Statement,
    settle: (index: number, count: number, error: Error | undefined) => CopyOutcome | null,
  ): Promise<void> {
    const statements = indexes.map((index) =>
      statementOf(this.#table, this.#copies[index] as Copy, this.#filled[index] as Filled),
    );
    const { rowCounts, errors } = await runMany(session, statements);
    const refused: number[] = [];
    for (const [row, index] of indexes.entries()) {
      const filled = this.#filled[index] as Filled;
      if (refusesJson(filled, errors.get(row))) {
        this.#filled[index] = asBytes(filled);
        refused.push(index);
      } else this.outcomes[index] = settle(index, rowCounts[row] ?? 0, errors.get(row));
    }
    // Not again: bytes are never refused as JSON.
    if (refused.length > 0) await this.#run(session, refused, statementOf, settle);
  }
}

function insertCopy(table: Table, { key, version }: Copy, filled: Filled): Statement {
  return insertRow(table, key, filled, { ...NO_ROW, version });
}

function applyCopy(table: Table, { key, version }: Copy, filled: Filled): Statement {
  return applyToRow(table, key, filled, version);
}

/** Oracle's no to one row, which it has told apart from the others. Throws where it would say so to every row. */
function failed(error: Error, target: Target): Failed {
  const failure = failureOf(error, target, false);
  if (failure instanceof PoisonDocument || failure instanceof StoreUnavailable)
    return { kind: 'failed', failure };
  throw failure;
}

function filledOrNot(
  table: Table,
  { key, content }: Copy,
  target: Target & { readonly key: string },
  now: number,
): Filled | Failed {
  try {
    requireKey({ ...target, key });
    return fill(table, content, target, now);
  } catch (failure) {
    if (failure instanceof PoisonDocument) return { kind: 'failed', failure };
    throw failure;
  } finally {
    // All documents of the batch are in memory until it is committed.
    if (content !== null) payloadOf(content).dropTree();
  }
}
