/** Apply if newer, for many documents in few round trips, each with an outcome of its own. */
import type oracledb from 'oracledb';
import { byUtf8 } from '../../protocol/order.ts';
import { payloadOf } from '../../protocol/payload.ts';
import { type Content, NO_ROW } from '../../protocol/state.ts';
import type { Version } from '../../protocol/version.ts';
import { PoisonDocument, StoreUnavailable, type Target } from '../failure.ts';
import { requireKey } from '../storable.ts';
import { asBytes, refusesJson } from './as_bytes.ts';
import type { OracleConnection } from './connection.ts';
import { failureOf, isUniqueViolation } from './failure.ts';
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

export type Also = (session: oracledb.Connection, outcomes: readonly CopyOutcome[]) => Promise<void>;

const APPLIED: CopyOutcome = { kind: 'applied' };
const STALE: CopyOutcome = { kind: 'stale' };

/** Applies batches, one after the other. */
export class Batches {
  readonly #connection: OracleConnection;
  readonly #table: Table;
  readonly #whole: Target;
  readonly #now: () => number;
  /** Whether most of the last batch had rows already, as in a backfill that is run again. */
  #known = false;

  /** @param now milliseconds since the epoch, which dates tombstones. */
  constructor(connection: OracleConnection, table: Table, now: () => number = Date.now) {
    this.#connection = connection;
    this.#table = table;
    this.#now = now;
    this.#whole = { store: 'oracle', operation: 'apply', collection: table.name, key: null };
  }

  /**
   * Applies copies of different keys; outcomes are in their order. Most keys of a backfill are new, so insertions go first,
   * and rows that are there already are updated where they are older. What fails of one document fails for it alone; throws
   * `StoreUnavailable` where nobody can tell what became of any of them, and `OperatorNeeded`.
   * @param copies a few MB of them at most: they travel in one message.
   * @param also is done in the same transaction, with the outcomes: where it throws, nothing of the batch has happened.
   * @param before is done before the transaction, with the outcomes of copies that do not fit the table; null of the others.
   */
  async apply(
    copies: readonly Copy[],
    also: Also = async () => {},
    before: (outcomes: readonly (CopyOutcome | null)[]) => Promise<void> = async () => {},
  ): Promise<CopyOutcome[]> {
    const batch = new Batch(this.#table, this.#whole, copies, this.#now());
    await before(batch.outcomes);
    await this.#connection.use(this.#whole, true, async (session) => {
      // A row that is there makes of its insertion an error, after its body has travelled: where most are, they are looked for.
      if (this.#known) await batch.look(session);
      await batch.insert(session);
      await batch.update(session);
      await batch.tellClashes(session);
      // Whatever it throws leaves the transaction open, and a connection that is given back rolls it back.
      await also(session, batch.outcomes as CopyOutcome[]);
      await session.commit();
    });
    this.#known = batch.found > copies.length / 2;
    return batch.outcomes as CopyOutcome[];
  }
}

class Batch {
  readonly #table: Table;
  readonly #whole: Target;
  readonly #copies: readonly Copy[];
  readonly #filled: (Filled | (CopyOutcome & { kind: 'failed' }))[];
  /** In the order of keys: batches that lock the same rows in different orders would wait for each other for ever. */
  readonly #ordered: readonly number[];
  /** Which copies have met their row. */
  readonly #met = new Set<number>();
  /** Those of them that may have met another row instead, which has the values of unique columns. */
  readonly #clashed = new Map<number, Error>();
  readonly outcomes: (CopyOutcome | null)[];

  constructor(table: Table, whole: Target, copies: readonly Copy[], now: number) {
    this.#table = table;
    this.#whole = whole;
    this.#copies = copies;
    this.#filled = copies.map((copy) => filledOrNot(table, copy, this.#target(copy.key), now));
    this.#ordered = [...copies.keys()].sort((a, b) => byUtf8(copies[a]?.key ?? '', copies[b]?.key ?? ''));
    this.outcomes = this.#filled.map((result) => ('failure' in result ? result : null));
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
function failed(error: Error, target: Target): CopyOutcome {
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
): Filled | (CopyOutcome & { kind: 'failed' }) {
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
