/** Values that a policy has made NULL or rounded, as a verification tells them: counted by column, and some of them by key and path. */
import type { Projected } from '../projection/projection.ts';
import type { Finding } from '../records/finding.ts';
import type { LenientFigures, ProjectedFigures } from '../records/projected.ts';

/** What documents give: sums by table and column, tables and columns in the order in which they first come. */
export function figuresOf(given: readonly Projected[]): ProjectedFigures[] {
  return addedUp(
    given.map(({ table, rows, lenient }) => ({
      ...{ table, rows: rows.length },
      lenient: lenient.map(({ column, became }) => ({
        ...{ column, nulled: became === 'null' ? 1 : 0, rounded: became === 'rounded' ? 1 : 0 },
      })),
    })),
  );
}

/** One for each table, in the order in which they first come. */
export function addedUp(all: readonly ProjectedFigures[]): ProjectedFigures[] {
  const tables = new Map<string, { rows: number; lenient: Map<string, LenientFigures> }>();
  for (const { table, rows, lenient } of all) {
    const sums = tables.get(table) ?? { rows: 0, lenient: new Map() };
    tables.set(table, sums);
    sums.rows += rows;
    for (const { column, nulled, rounded } of lenient) {
      const before = sums.lenient.get(column) ?? { nulled: 0, rounded: 0 };
      const counts = { nulled: before.nulled + nulled, rounded: before.rounded + rounded };
      sums.lenient.set(column, { column, ...counts });
    }
  }
  return [...tables].map(([table, { rows, lenient }]) => ({ table, rows, lenient: [...lenient.values()] }));
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
