/**
 * Whether the rows of a document in the tables of its projections are those that it gives, and if not, in what. Nothing that a row holds is told:
 * the table, the place of the element, the column and its path.
 */
import { pathInElement } from '../projection/path.ts';
import type { Projected, ProjectedColumn, Projection } from '../projection/projection.ts';
import type { FoundRows } from '../stores/oracle/projected_rows.ts';

type ProjectedRow = Projected['rows'][number];

/** The first difference within one table. */
export interface RowDifference {
  readonly table: string;
  /** `missing`: the document gives a row that is not there. `extra`: a row is there that it does not give. */
  readonly what: 'missing' | 'extra' | 'value';
  /** Of the element; null where the projection has one row a document. */
  readonly place: number | null;
  /** Of another value. */
  readonly column: string | null;
  /** Where the value of that column comes from. */
  readonly path: string | null;
}

/** At most one a table, in the order of the projections. @param given what the document gives; tables without rows may be left out. */
export function rowDifferences(
  projections: readonly Projection[],
  given: readonly Projected[],
  found: FoundRows,
): RowDifference[] {
  return projections.flatMap((projection) => {
    const wanted = given.filter(({ table }) => table === projection.table).flatMap(({ rows }) => rows);
    return firstIn(projection, inOrder(wanted), inOrder(found.get(projection.table) ?? [])) ?? [];
  });
}

/** Whether no table has a row. */
export function hasNone(found: FoundRows): boolean {
  return [...found.values()].every((rows) => rows.length === 0);
}

function inOrder(rows: readonly ProjectedRow[]): readonly ProjectedRow[] {
  return [...rows].sort((a, b) => a.place - b.place);
}

function firstIn(
  projection: Projection,
  wanted: readonly ProjectedRow[],
  found: readonly ProjectedRow[],
): RowDifference | null {
  const { table, each, columns } = projection;
  const at = (row: ProjectedRow) => (each === null ? null : row.place);
  const without = { table, column: null, path: null };
  for (let n = 0; n < Math.max(wanted.length, found.length); n++) {
    const [want, has] = [wanted[n], found[n]];
    if (has === undefined || (want !== undefined && want.place < has.place))
      return { ...without, what: 'missing', place: at(want as ProjectedRow) };
    if (want === undefined || has.place < want.place) return { ...without, what: 'extra', place: at(has) };
    const other = columns.findIndex((_, c) => (want.values[c] ?? null) !== (has.values[c] ?? null));
    const column = columns[other];
    if (column !== undefined)
      return {
        ...{ table, what: 'value', place: at(has), column: column.name },
        path: pathOf(projection, column, has.place),
      };
  }
  return null;
}

/** As `Lenient.path` is spelt: with the place of the element. */
function pathOf({ each }: Projection, { source }: ProjectedColumn, place: number): string {
  switch (source.kind) {
    case 'document':
      return source.path === '' ? 'the document' : source.path;
    case 'element':
      return pathInElement(each ?? '', place, source.path);
    case 'key':
      return `part ${source.part} of the key`;
    case 'constant':
      return 'a constant';
  }
}

const WHAT = {
  missing: 'the row that the document gives is missing',
  extra: 'there is a row that the document does not give',
  value: 'the value is another than the document gives',
} as const;

/** In a line: what operators need to see of them. */
export function rowDifferencesText(differences: readonly RowDifference[]): string {
  return differences
    .map(({ table, what, place, column, path }) => {
      const row = place === null ? '' : `, place ${place}`;
      const cell = column === null ? '' : `, column ${column} (${path})`;
      return `${table}${row}${cell}: ${WHAT[what]}`;
    })
    .join('; ');
}
