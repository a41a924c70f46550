/** What one document gives to the tables of its projections, and what is there. */
import { project } from '../projection/project.ts';
import { type Projected, type Projection, Unprojectable } from '../projection/projection.ts';
import { documentFrom } from '../protocol/fingerprint.ts';
import type { FoundRows } from '../stores/oracle/projected_rows.ts';
import type { Seen } from '../stores/snapshot.ts';
import { lenientTexts } from './lenient.ts';
import { rowDifferences, rowDifferencesText } from './projected.ts';

export interface ExplainedRows {
  readonly tables: readonly {
    readonly table: string;
    /** Null where the document cannot be projected, or its body was not read. */
    readonly given: number | null;
    readonly found: number;
    /** Which values a policy has changed: columns and paths. */
    readonly lenient: readonly string[];
    /** The first difference; null for none, and where nothing could be compared. A write on its way is one as well. */
    readonly difference: string | null;
  }[];
  /** Why the document cannot be projected; null where it can. */
  readonly problem: string | null;
}

export function explainRows(
  projections: readonly Projection[],
  key: string,
  oracle: Seen,
  found: FoundRows,
): ExplainedRows {
  const { given, problem } = givenBy(projections, key, oracle);
  const tables = projections.map((projection, n) => {
    const { table } = projection;
    const own = given?.[n];
    const differences = own === undefined ? [] : rowDifferences([projection], [own], found);
    return {
      ...{ table, found: found.get(table)?.length ?? 0 },
      given: own?.rows.length ?? null,
      lenient: own === undefined ? [] : lenientTexts([own]),
      difference: differences.length === 0 ? null : rowDifferencesText(differences),
    };
  });
  return { tables, problem };
}

function givenBy(
  projections: readonly Projection[],
  key: string,
  { presence, body, expires }: Seen,
): { readonly given: readonly Projected[] | null; readonly problem: string | null } {
  // Too large to be read here.
  if (presence === 'live' && body === null) return { given: null, problem: null };
  const content = body === null ? null : documentFrom(body, expires === null ? null : expires * 1000);
  try {
    return { given: project(projections, key, content), problem: null };
  } catch (error) {
    if (!(error instanceof Unprojectable)) throw error;
    return { given: null, problem: error.message };
  }
}
