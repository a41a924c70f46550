/** Projections for tests, of what is said of them. */
import { project } from '../../functions/projection/project.ts';
import type { ProjectedColumn, Projection, Source } from '../../functions/projection/projection.ts';
import { document } from '../stores/contract/subject.ts';

export const NUMBER = { kind: 'number', precision: null, scale: null } as const;
const text = (length: number) => ({ kind: 'text', length, unit: 'characters' }) as const;
const source = (of: string): Source =>
  of.startsWith('@') ? { kind: 'element', path: of.slice(1) } : { kind: 'document', path: of };
/** @param of a path of the document, or behind @ one below the element. */
export const column = (
  name: string,
  of: string | Source,
  given: Partial<ProjectedColumn> = {},
): ProjectedColumn => ({
  ...{ name, source: typeof of === 'string' ? source(of) : of, type: text(10) },
  ...{ missing: { kind: 'null' }, misfit: { kind: 'refuse' }, ...given },
});
export const projection = (given: Partial<Projection>): Projection => ({
  ...{ table: 'T', where: [], each: null, columns: [], identifiedBy: null, foreignKey: false, indexes: [] },
  ...given,
});
export const rowsOf = (of: Partial<Projection>, body: string, key = 'k') =>
  project([projection(of)], key, document(body))[0]?.rows;
