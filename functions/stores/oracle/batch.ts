/** Apply if newer, for many documents in few round trips, each with an outcome of its own. */
import oracledb from 'oracledb';
import { byUtf8 } from '../../protocol/order.ts';
import { type Content, NO_ROW } from '../../protocol/state.ts';
import type { Version } from '../../protocol/version.ts';
import { PoisonDocument, StoreUnavailable, type Target } from '../failure.ts';
import { requireKey } from '../storable.ts';
import type { OracleConnection } from './connection.ts';
import { failureOf, isUniqueViolation } from './failure.ts';
import { applyToRow, insertRow, type Statement } from './statements.ts';
import { type Filled, fill, type Table } from './table.ts';

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

/**
 * Applies copies of different keys; outcomes are in their order. Most keys of a backfill are new, so insertions go first,
 * and rows that are there already are updated where they are older. What fails of one document fails for it alone; throws
 * `StoreUnavailable` where nobody can tell what became of any of them, and `OperatorNeeded`.
 * @param copies a few MB of them at most: they travel in one message.
 * @param also is done in the same transaction, with the outcomes: where it throws, nothing of the batch has happened.
 */
export async function applyBatch(
  connection: OracleConnection,
  table: Table,
  copies: readonly Copy[],
  also: Also = async () => {},
): Promise<CopyOutcome[]> {
  const whole: Target = { store: 'oracle', operation: 'apply', collection: table.name, key: null };
  const target = (key: string) => ({ ...whole, key });
  const filled = copies.map((copy) => filledOrNot(table, copy, target(copy.key)));
  const outcomes: (CopyOutcome | null)[] = filled.map((result) => ('failure' in result ? result : null));
  // In the order of keys: batches that lock the same rows in different orders would wait for each other for ever.
  const ordered = [...copies.keys()].sort((a, b) => byUtf8(copies[a]?.key ?? '', copies[b]?.key ?? ''));
  const pending = () => ordered.filter((index) => outcomes[index] === null);
  await connection.use(whole, true, async (session) => {
    const run = async (statementOf: (copy: Copy, filled: Filled) => Statement, settle: Settle) => {
      const indexes = pending();
      if (indexes.length === 0) return;
      const statements = indexes.map((index) => statementOf(copies[index] as Copy, filled[index] as Filled));
      const { rowCounts, errors } = await runMany(session, statements);
      for (const [row, index] of indexes.entries())
        outcomes[index] = settle(rowCounts[row] ?? 0, errors.get(row), target(copies[index]?.key ?? ''));
    };
    await run(({ key, version }, row) => insertRow(table, key, row, { ...NO_ROW, version }), inserted);
    await run(({ key, version }, row) => applyToRow(table, key, row, version), updated);
    // Whatever it throws leaves the transaction open, and a connection that is given back rolls it back.
    await also(session, outcomes as CopyOutcome[]);
    await session.commit();
  });
  return outcomes as CopyOutcome[];
}

/** What to make of a row: an outcome, or null to go on with it. */
type Settle = (
  count: number,
  error: Error | undefined,
  target: Target & { key: string },
) => CopyOutcome | null;

const inserted: Settle = (_, error, target) => {
  if (error === undefined) return APPLIED;
  return isUniqueViolation(error) ? null : failed(error, target);
};

const updated: Settle = (count, error, target) => {
  if (error !== undefined) return failed(error, target);
  return count === 1 ? APPLIED : STALE;
};

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
): Filled | (CopyOutcome & { kind: 'failed' }) {
  try {
    requireKey({ ...target, key });
    return fill(table, content, target);
  } catch (failure) {
    if (failure instanceof PoisonDocument) return { kind: 'failed', failure };
    throw failure;
  }
}

/** The types of the binds, which must be told in advance: of the first row alone the driver would guess them too small. */
const TYPES: Readonly<Record<string, oracledb.BindDefinition>> = {
  key: { type: oracledb.STRING, maxSize: 250 },
  kind: { type: oracledb.STRING, maxSize: 5 },
  version: { type: oracledb.NUMBER },
  version2: { type: oracledb.NUMBER },
  handoff: { type: oracledb.NUMBER },
  handback: { type: oracledb.NUMBER },
  expires: { type: oracledb.NUMBER },
  request: { type: oracledb.STRING, maxSize: 43 },
};

const COPIED: oracledb.BindDefinition = { type: oracledb.STRING, maxSize: 4000 };

async function runMany(
  session: oracledb.Connection,
  statements: readonly Statement[],
): Promise<{ rowCounts: readonly number[]; errors: ReadonlyMap<number, Error> }> {
  const rows = statements.map(({ binds }) => binds);
  const [first] = statements;
  if (first === undefined) return { rowCounts: [], errors: new Map() };
  const bindDefs = Object.fromEntries(
    Object.keys(first.binds).map((name) => [
      name,
      TYPES[name] ?? (name.startsWith('c_') ? COPIED : bytesOf(rows, name)),
    ]),
  );
  const options = { bindDefs, batchErrors: true, dmlRowCounts: true };
  const result = await session.executeMany(first.text, rows as oracledb.BindParameters[], options);
  return {
    rowCounts: result.dmlRowCounts ?? [],
    errors: new Map(result.batchErrors?.map((error) => [error.offset as number, error])),
  };
}

/** Bodies, with room for the longest of them. */
function bytesOf(rows: readonly Statement['binds'][], name: string): oracledb.BindDefinition {
  const longest = Math.max(1, ...rows.map((row) => (row[name] as Buffer | null)?.length ?? 0));
  return { type: oracledb.BUFFER, maxSize: longest };
}
