/**
 * Constraints, unique indexes and triggers of a table, and of those of its projections, that Crossfade has not made. What they refuse cannot be foreseen from the configuration,
 * so where there are any, Oracle is asked before Couchbase is written.
 */
import type { Projection } from '../../projection/projection.ts';
import type { Target } from '../failure.ts';
import type { OracleConnection } from './connection.ts';
import { isNotGranted } from './failure.ts';
import { namesOf } from './projection_tables.ts';
import { watchName } from './sql_watch.ts';
import type { Statement } from './statements.ts';
import type { Table } from './table.ts';

/** Milliseconds for which the dictionary's answer counts, and for which a refusal that nobody had foreseen is remembered. */
export const FRESH = 60_000;

const OWNER = "SYS_CONTEXT('USERENV', 'CURRENT_SCHEMA')";
/** Of the columns that a table is created with. Oracle names these constraints itself. */
const NOT_NULL = ['DOC_KEY', 'VERSION', 'HANDBACK', 'KIND'];

/** A table, and what of its rules is ours. */
interface Ours {
  readonly table: string;
  readonly names: readonly string[];
  readonly notNull: readonly string[];
}

/** Counts them, of a table and those of its projections. */
export function countForeign(table: string, projections: readonly Projection[] = []): Statement {
  const names = ['PK', 'JSON', 'VERSION', 'KIND'].map((name) => `${table}_${name}`);
  const all: Ours[] = [
    { table, names, notNull: NOT_NULL },
    ...projections.map((projection) => ({
      ...{ table: projection.table, names: namesOf(projection) },
      notNull: ['DOC_KEY', 'PLACE', ...(projection.identifiedBy ?? [])],
    })),
  ];
  return {
    text: `SELECT ${all.map(counts).join(' + ')} FROM DUAL`,
    binds: Object.fromEntries(
      all.flatMap((each, at) => [1, 2, 3].map((n) => [`name${at}_${n}`, each.table] as const)),
    ),
  };
}

/** The index of a LOB counts as unique to Oracle. Triggers are shown to the owner of their table only, or with a privilege; our own lets all that the functions write pass. */
function counts({ table, names, notNull }: Ours, at: number): string {
  const ours = names.map((name) => `'${name}'`).join(', ');
  const conditions = notNull.map((column) => `'"${column}" IS NOT NULL'`).join(', ');
  return (
    `(SELECT COUNT(*) FROM ALL_CONSTRAINTS WHERE owner = ${OWNER} AND table_name = :name${at}_1 AND status = 'ENABLED' ` +
    `AND constraint_name NOT IN (${ours}) ` +
    `AND (search_condition_vc IS NULL OR search_condition_vc NOT IN (${conditions}))) + ` +
    `(SELECT COUNT(*) FROM ALL_INDEXES WHERE table_owner = ${OWNER} AND table_name = :name${at}_2 AND uniqueness = 'UNIQUE' ` +
    `AND index_type <> 'LOB' AND index_name NOT IN (${ours})) + ` +
    `(SELECT COUNT(*) FROM ALL_TRIGGERS WHERE table_owner = ${OWNER} AND table_name = :name${at}_3 AND status = 'ENABLED' ` +
    `AND trigger_name <> '${watchName(table)}')`
  );
}

export class ForeignRules {
  readonly #connection: OracleConnection;
  readonly #table: Pick<Table, 'name' | 'projections'>;
  readonly #now: () => number;
  #looked: { readonly any: Promise<boolean>; readonly at: number } | null = null;
  #refusedAt = Number.NEGATIVE_INFINITY;

  /** @param now milliseconds since the epoch. */
  constructor(connection: OracleConnection, table: Pick<Table, 'name' | 'projections'>, now: () => number) {
    this.#connection = connection;
    this.#table = table;
    this.#now = now;
  }

  /** Whether there are any, as of the last minute. Without the right to see them, only what Oracle has refused tells. */
  any(target: Target): Promise<boolean> {
    const now = this.#now();
    if (now - this.#refusedAt < FRESH) return Promise.resolve(true);
    if (this.#looked === null || now - this.#looked.at >= FRESH) {
      const any = this.#look(target);
      this.#looked = { any, at: now };
      any.catch(() => {
        this.#looked = null;
      });
    }
    return this.#looked.any;
  }

  /** Oracle has refused what nobody had foreseen. */
  refused(): void {
    this.#refusedAt = this.#now();
  }

  #look(target: Target): Promise<boolean> {
    const { text, binds } = countForeign(this.#table.name, this.#table.projections);
    return this.#connection.use({ ...target, key: null }, false, async (session) => {
      try {
        const { rows = [] } = await session.execute<[number]>(text, binds);
        return Number(rows[0]?.[0] ?? 0) > 0;
      } catch (error) {
        if (isNotGranted(error)) return false;
        throw error;
      }
    });
  }
}
