/** Values that a policy has made NULL or rounded, as a verification tells them: counted by column, and some of them by key and path. */
import type { Lenient, Projected } from '../projection/projection.ts';
import type { Finding } from '../records/finding.ts';
import type { ProjectedFigures } from '../records/projected.ts';

/** What documents give: sums by table and column, tables and columns in the order in which they first come. */
export function figuresOf(given: readonly Projected[]): ProjectedFigures[] {
  const tables = new Map<string, { rows: number; lenient: Map<string, Record<Lenient['became'], number>> }>();
  for (const { table, rows, lenient } of given) {
    const sums = tables.get(table) ?? { rows: 0, lenient: new Map() };
    tables.set(table, sums);
    sums.rows += rows.length;
    for (const { column, became } of lenient) {
      const counts = sums.lenient.get(column) ?? { null: 0, rounded: 0 };
      sums.lenient.set(column, { ...counts, [became]: counts[became] + 1 });
    }
  }
  return [...tables].map(([table, { rows, lenient }]) => ({
    ...{ table, rows },
    lenient: [...lenient].map(([column, counts]) => ({
      ...{ column, nulled: counts.null, rounded: counts.rounded },
    })),
  }));
}

/** Values of one document that are named. */
const NAMED = 20;

/** Of one document, where a policy has changed any of its values; no difference, and no value is told. */
export function lenientFinding(key: string, given: readonly Projected[]): Finding | null {
  const texts = lenientTexts(given);
  if (texts.length === 0) return null;
  return { key, verdict: 'lenient', kind: 'projected', detail: texts.join('; '), seen: null };
}

/** The first of the values that a policy has changed, by column and path. */
export function lenientTexts(given: readonly Projected[]): string[] {
  const lenient = given.flatMap((each) => each.lenient);
  const named = lenient.slice(0, NAMED).map(({ table, column, path, became }) => {
    const what = became === 'null' ? 'is NULL, since its value does not fit' : 'is rounded';
    return `${table}.${column} ${what}: ${path}`;
  });
  return lenient.length > NAMED ? [...named, `and ${lenient.length - NAMED} more`] : named;
}
