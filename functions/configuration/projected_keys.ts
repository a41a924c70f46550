/** What is wrong with the primary key of a projection, and with its indexes. */

import type { ProjectedColumn, Projection } from '../projection/projection.ts';
import type { ColumnType } from '../projection/types/column_type.ts';
import { LONGEST_KEY } from '../stores/storable.ts';
import type { Problem } from './projected_names.ts';

/**
 * Bytes of the columns of a key, one more for each of them, with blocks of 8 KiB (ORA-01450): a key has 6,398, 9 of them its own. An index that is built
 * online lies in a table of its own meanwhile, whose keys have about half of that.
 */
const [LONGEST_KEYED, LONGEST_INDEXED] = [6389, 3150];
/** ORA-01793. */
const MOST_COLUMNS = 32;
/** Bytes of a character of UTF-8, and of a column of text. */
const [WIDEST, LONGEST_TEXT] = [4, 4000];

export function keyProblems(projection: Projection): Problem[] {
  const { each, identifiedBy, indexes } = projection;
  const own = ['DOC_KEY', ...(each === null ? [] : ['PLACE'])];
  const key = ['DOC_KEY', ...(identifiedBy ?? own.slice(1))];
  return [
    ...(identifiedBy === null ? [] : identityProblems(projection, identifiedBy)),
    ...indexes.flatMap((names, n) => {
      const at = `.indexes.${n}`;
      const before = indexes.slice(0, n);
      const isThere = [key, ...before].some((other) => other.join() === names.join());
      return [
        ...(isThere ? [told(at, 'there is an index on these columns already: leave it out')] : []),
        ...listProblems(projection, names, own, at),
        ...sizeProblems(projection, names, at, LONGEST_INDEXED),
      ];
    }),
  ];
}

function identityProblems(projection: Projection, names: readonly string[]): Problem[] {
  const at = '.identifiedBy';
  const known = projection.columns.filter(({ name }) => names.includes(name));
  return [
    ...(projection.each === null
      ? [told(at, 'a document has one row where there is no each, and its key is DOC_KEY: leave it out')]
      : []),
    ...listProblems(projection, names, [], at),
    ...sizeProblems(projection, ['DOC_KEY', ...names], at, LONGEST_KEYED),
    ...known.flatMap((column) => ofKey(column, at)),
  ];
}

function ofKey({ name, type, missing, misfit }: ProjectedColumn, at: string): Problem[] {
  return [
    ...(missing.kind === 'refuse' && misfit.kind === 'refuse'
      ? []
      : [
          told(
            at,
            `${name} may lack its value, or have another one, and it is part of the primary key: let its missing and misfit be 'refuse'`,
          ),
        ]),
    ...(type.kind === 'timestamp' && type.zone
      ? [
          told(
            at,
            `${name} has a time zone, and Oracle takes none into a primary key: take a TIMESTAMP without it`,
          ),
        ]
      : []),
  ];
}

/** @param own columns that may be named beside the projection's. */
function listProblems(
  { columns }: Projection,
  names: readonly string[],
  own: readonly string[],
  at: string,
): Problem[] {
  const typeOf = new Map(columns.map(({ name, type }) => [name, type]));
  return names.flatMap((name, n) => {
    const type = typeOf.get(name);
    if (names.indexOf(name) < n) return [told(at, `${name} is there twice: leave one out`)];
    if (type === undefined)
      return own.includes(name) ? [] : [told(at, `${name} is no column of it: name one of its columns`)];
    return type.kind === 'clob' || type.kind === 'json'
      ? [
          told(
            at,
            `${name} is a ${type.kind === 'clob' ? 'CLOB' : 'JSON'}, which no index holds: leave it out`,
          ),
        ]
      : [];
  });
}

/** @param names of the whole key. */
function sizeProblems(
  { columns }: Projection,
  names: readonly string[],
  at: string,
  longest: number,
): Problem[] {
  const typeOf = new Map(columns.map(({ name, type }) => [name, type]));
  const bytes = names.reduce((sum, name) => sum + bytesOf(name, typeOf.get(name)) + 1, 0);
  return [
    ...(names.length > MOST_COLUMNS
      ? [
          told(
            at,
            `its key must have ${MOST_COLUMNS} columns or fewer, and has ${names.length}: leave some out`,
          ),
        ]
      : []),
    ...(bytes > longest
      ? [told(at, `its key may have ${bytes} bytes, and Oracle takes ${longest}: make texts shorter`)]
      : []),
  ];
}

function told(at: string, problem: string): Problem {
  return [at, `PROJECTION_KEY: ${problem}`];
}

function bytesOf(name: string, type: ColumnType | undefined): number {
  if (name === 'DOC_KEY') return LONGEST_KEY;
  if (type?.kind === 'raw') return type.length;
  if (type?.kind === 'text')
    return Math.min(type.length * (type.unit === 'bytes' ? 1 : WIDEST), LONGEST_TEXT);
  // No number or time has more.
  return 22;
}
