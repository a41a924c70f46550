/** Rows of projections as a verification reaches them. */
import { recordRepair } from '../books/repairs.ts';
import { type Phase, ROUTES } from '../protocol/phase.ts';
import type { Both } from '../runs/ports.ts';
import type { WalkPorts } from '../runs/walk_shard.ts';
import { LISTING } from '../stores/listing.ts';
import { holdDocument } from '../stores/oracle/hold_document.ts';
import { orphanKeys, rowsOfKeys } from '../stores/oracle/projected_rows.ts';
import type { Seen } from '../stores/snapshot.ts';
import { type ExplainedRows, explainRows } from './explain_rows.ts';
import type { ProjectedPorts } from './projected_look.ts';

export interface ProjectedLists extends ProjectedPorts {
  /** Keys of a shard that have rows in tables of projections, and no document in Oracle: in byte order, fewer than `limit` only where there are no more. */
  readonly orphans: WalkPorts['keys'];
}

const REPAIRED = (run: string) => ({
  cause: `verification ${run}`,
  detail: 'its rows in the tables of projections were put right',
});

interface OfRun {
  readonly phase: Phase;
  readonly collection: string;
  readonly run: string;
  readonly now: () => number;
  /** Milliseconds for one call. */
  readonly timeout: number;
}

/**
 * Of a collection with projections, in a phase in which Oracle is written: its rows are read by SQL from then on, also in `contract`.
 */
export function projectedOf(
  { database, table }: Pick<Both, 'database' | 'table'>,
  { phase, collection, run, now, timeout }: OfRun,
): ProjectedLists | undefined {
  const { projections } = table;
  if (projections.length === 0 || !ROUTES[phase].flags.oracleWrites) return undefined;
  return {
    projections,
    rows: (keys) => rowsOfKeys(database, projections, keys),
    orphans: (shard, limit) => orphanKeys(database, table, shard, limit, timeout * LISTING),
    hold: (key, mend) =>
      holdDocument(database, table, key, {
        ...{ now: now(), mend },
        also: (session) => recordRepair(session, { collection, key, at: now(), ...REPAIRED(run) }),
      }),
  };
}

/** What is told of the rows of one document; nothing of a collection without projections. */
export function explainsRows({ database, table: { projections } }: Pick<Both, 'database' | 'table'>): {
  readonly projected?: (key: string, oracle: Seen) => Promise<ExplainedRows>;
} {
  if (projections.length === 0) return {};
  return {
    projected: async (key, oracle) => {
      const [found = new Map()] = await rowsOfKeys(database, projections, [key]);
      return explainRows(projections, key, oracle, found);
    },
  };
}
