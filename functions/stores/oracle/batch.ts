/** Apply if newer, for many documents in few round trips, each with an outcome of its own. */
import type oracledb from 'oracledb';
import type { Target } from '../failure.ts';
import { Batch, type Copy, type CopyOutcome } from './batch_rows.ts';
import type { OracleConnection } from './connection.ts';
import type { Table } from './table.ts';

export type { Copy, CopyOutcome } from './batch_rows.ts';

export type Also = (session: oracledb.Connection, outcomes: readonly CopyOutcome[]) => Promise<void>;

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
      await this.#write(session, batch);
      // Whatever it throws leaves the transaction open, and a connection that is given back rolls it back.
      await also(session, batch.outcomes as CopyOutcome[]);
      await session.commit();
    });
    this.#known = batch.found > copies.length / 2;
    return batch.outcomes as CopyOutcome[];
  }

  /** All again where rows in tables of projections are refused: Oracle undoes a batch as a whole, and not one document of it. */
  async #write(session: oracledb.Connection, batch: Batch): Promise<void> {
    for (;;) {
      // A row that is there makes of its insertion an error, after its body has travelled: where most are, they are looked for.
      if (this.#known) await batch.look(session);
      await batch.insert(session);
      await batch.update(session);
      await batch.tellClashes(session);
      if (await batch.place(session)) return;
      await session.rollback();
    }
  }
}
