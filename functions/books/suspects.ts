/** Receipts that workers have in hand who may die of them. See `reconciliation/suspects.ts`. */
import oracledb from 'oracledb';
import type { Mark } from '../records/suspect.ts';
import type { Target } from '../stores/failure.ts';
import type { OracleConnection } from '../stores/oracle/connection.ts';
import { isUniqueViolation } from '../stores/oracle/failure.ts';
import { listOf, MOST_KEYS } from '../stores/oracle/statements.ts';

const target = (operation: string): Target => ({
  ...{ store: 'oracle', operation, collection: 'CROSSFADE_SUSPECTS', key: null },
});
const INSERT = 'INSERT INTO CROSSFADE_SUSPECTS (letter_id, at, alone) VALUES (:id, :now, :alone)';
const BINDS = {
  id: { type: oracledb.STRING, maxSize: 43 },
  now: { type: oracledb.NUMBER },
  alone: { type: oracledb.NUMBER },
};

export class SuspectBook {
  readonly #connection: OracleConnection;

  constructor(connection: OracleConnection) {
    this.#connection = connection;
  }

  of(ids: readonly string[]): Promise<ReadonlyMap<string, Mark>> {
    return this.#connection.use(target('read'), false, async (session) => {
      const found = new Map<string, Mark>();
      for (const { list, binds } of parts(ids)) {
        const text = `SELECT letter_id, at, alone FROM CROSSFADE_SUSPECTS WHERE letter_id IN (${list})`;
        const { rows = [] } = await session.execute<[string, number, number]>(text, binds);
        for (const [id, at, alone] of rows) found.set(id, { at: Number(at), alone: Number(alone) });
      }
      return found;
    });
  }

  /** @param there those that have a row. @param alone whether a worker has nothing else in hand. */
  mark(ids: readonly string[], there: ReadonlyMap<string, Mark>, alone: boolean, now: number): Promise<void> {
    const added = alone ? 1 : 0;
    return this.#connection.use(target('note'), true, async (session) => {
      const fresh = ids.filter((id) => !there.has(id)).map((id) => ({ id, now, alone: added }));
      if (fresh.length > 0) {
        const { batchErrors = [] } = await session.executeMany(INSERT, fresh, {
          ...{ bindDefs: BINDS, batchErrors: true },
        });
        const failed = batchErrors.find((error) => !isUniqueViolation(error));
        if (failed !== undefined) throw failed;
      }
      for (const { list, binds } of parts(ids.filter((id) => there.has(id))))
        await session.execute(
          `UPDATE CROSSFADE_SUSPECTS SET at = :now, alone = alone + :added WHERE letter_id IN (${list})`,
          { now, added, ...binds },
        );
      await session.commit();
    });
  }

  /** Rows stay: the functions may delete none. */
  clear(ids: readonly string[]): Promise<void> {
    return this.#connection.use(target('note'), true, async (session) => {
      for (const { list, binds } of parts(ids))
        await session.execute(
          `UPDATE CROSSFADE_SUSPECTS SET at = 0, alone = 0 WHERE letter_id IN (${list})`,
          binds,
        );
      await session.commit();
    });
  }
}

/** Sorted: containers that lock the same rows in another order would wait for each other in a circle (ORA-00060). */
function parts(ids: readonly string[]): ReturnType<typeof listOf>[] {
  const sorted = ids.toSorted();
  return Array.from({ length: Math.ceil(sorted.length / MOST_KEYS) }, (_, n) =>
    listOf(sorted.slice(n * MOST_KEYS, (n + 1) * MOST_KEYS)),
  );
}
