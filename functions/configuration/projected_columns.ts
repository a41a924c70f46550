/** What is wrong with the columns of a projection. */
import type { ProjectedColumn, Projection } from '../projection/projection.ts';
import { jsonOfSetting, valueFor } from '../projection/types/value.ts';
import { nameProblems, type Problem } from './projected_names.ts';

/** Columns that Crossfade itself fills. */
export const OWN_COLUMNS: readonly string[] = ['DOC_KEY', 'PLACE'];
/** Types that have something to round. */
const ROUNDED = new Set(['number', 'double', 'date', 'timestamp']);

export function columnProblems({ each, columns }: Projection): Problem[] {
  return columns.flatMap((column, n) => {
    const at = `.columns.${n}`;
    const { name } = column;
    const first = columns.findIndex((other) => other.name === name);
    const isOwn = OWN_COLUMNS.includes(name);
    return [
      ...nameProblems(`${at}.name`, name, isOwn ? 'Crossfade fills a column of this name itself' : null),
      ...(first < n
        ? [
            [
              `${at}.name`,
              `PROJECTION_NAME: columns.${first} is ${name} as well: give each its own name`,
            ] as const,
          ]
        : []),
      ...sourceProblems(column, each !== null).map((problem) => [at, problem] as const),
      ...policyProblems(column).map((problem) => [at, problem] as const),
      ...valueProblems(column).map((problem) => [at, problem] as const),
    ];
  });
}

function sourceProblems({ source, type }: ProjectedColumn, hasElements: boolean): string[] {
  if (source.kind === 'element' && !hasElements)
    return [
      'PROJECTION_SOURCE: there is no element without each: say each, the path of an array, or take path, from the document',
    ];
  const isLong = type.kind === 'clob' || type.kind === 'json';
  if (source.kind === 'document' && hasElements && isLong)
    return [
      'PROJECTION_SOURCE: each row of the document would hold the whole of it again: take it into a projection without each, or a VARCHAR2',
    ];
  return [];
}

function policyProblems({ type, misfit, tolerate }: ProjectedColumn): string[] {
  return [
    ...(misfit.kind === 'round' && !ROUNDED.has(type.kind)
      ? [
          "PROJECTION_POLICY: nothing of its type can be rounded, and nothing is ever cut off: let misfit be 'refuse' or 'null'",
        ]
      : []),
    ...(misfit.kind === 'round' && type.kind === 'double' && misfit.rule !== 'half-even'
      ? [
          "PROJECTION_POLICY: a BINARY_DOUBLE is always the nearest one: let misfit be 'half-even', 'refuse' or 'null'",
        ]
      : []),
    ...(misfit.kind === 'refuse' && tolerate !== undefined
      ? [
          'PROJECTION_POLICY: tolerate is about lenient values, and misfit refuses them: leave one of them out',
        ]
      : []),
  ];
}

/** Values that the settings say must fit as they are. */
function valueProblems(column: ProjectedColumn): string[] {
  const { source, missing } = column;
  return [
    ...(source.kind === 'constant' ? [{ what: 'constant', value: source.value }] : []),
    ...(missing.kind === 'default' ? [{ what: 'default', value: missing.value }] : []),
  ].flatMap(({ what, value }) => {
    const strict = { ...column, missing: { kind: 'refuse' }, misfit: { kind: 'refuse' } } as const;
    const fits = valueFor(strict, jsonOfSetting(value));
    return 'problem' in fits
      ? [
          `PROJECTION_VALUE: its ${what} does not fit its type: ${fits.problem.replace(/,$/, '')}. Mend one of them`,
        ]
      : [];
  });
}
