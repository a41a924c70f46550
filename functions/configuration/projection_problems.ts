/** What does not fit together of projections that are sound by themselves, and of the tables of a configuration. Each problem has a code, says where, and what to do. */
import { keyPattern, sharedKey } from '../parsing/key_pattern.ts';
import { quoted } from '../parsing/quoted.ts';
import type { Projection } from '../projection/projection.ts';
import { liveViewName } from '../stores/oracle/live_views.ts';
import { OURS } from '../stores/oracle/names.ts';
import { namesOf } from '../stores/oracle/projection_tables.ts';
import { tableSubjects } from '../stores/oracle/schema.ts';
import type { Keys } from '../stores/selection.ts';
import { LONGEST_KEY } from '../stores/storable.ts';
import { columnProblems } from './projected_columns.ts';
import { keyProblems } from './projected_keys.ts';
import { nameProblems, type Problem } from './projected_names.ts';

/** A collection that is sound by itself. */
export interface Projecting {
  readonly keys: Keys;
  readonly oracle: { readonly table: string; readonly projections: readonly Projection[] };
}

export function projectionProblems(
  collections: readonly (readonly [name: string, collection: Projecting])[],
): string[] {
  const owners = new Map(
    collections.map(([name, { oracle }]) => [oracle.table, `collections.${name}.oracle.table`]),
  );
  const others = new Map(
    collections.flatMap(([, { oracle }]) => ownNamesOf(oracle.table).map((own) => [own, oracle.table])),
  );
  const tables = collections.flatMap(([, { oracle }]) => [oracle, ...oracle.projections]);
  const names = new Set(tables.map(({ table }) => table));
  return collections.flatMap(([name, { keys, oracle }]) =>
    oracle.projections.flatMap((projection, n) => {
      const where = `collections.${name}.oracle.projections.${n}`;
      const told = [...problemsOf(projection, keys, owners), ...viewProblems(projection, names)].map(
        ([at, problem]) => `${where}${at}: ${problem}`,
      );
      if (owners.has(projection.table)) return told;
      owners.set(projection.table, `${where}.table`);
      return [...told, ...sameNames(projection, others).map((problem) => `${where}: ${problem}`)];
    }),
  );
}

/** Of its constraints and indexes. */
function ownNamesOf(table: string): string[] {
  const statements = tableSubjects(table).flatMap(({ steps }) => steps.flat());
  return statements.flatMap((text) =>
    [...text.matchAll(/(?:CONSTRAINT|INDEX) (\S+)/g)].map(([, name]) => name ?? ''),
  );
}

/** Constraints and indexes are named after their table and columns. @param others names, with their tables; those of the projection are added. */
function sameNames(projection: Projection, others: Map<string, string>): string[] {
  // An index that is there twice is told as such.
  const indexes = [...new Map(projection.indexes.map((columns) => [columns.join(), columns])).values()];
  return namesOf({ ...projection, indexes }).flatMap((name) => {
    const table = others.get(name);
    others.set(name, projection.table);
    return table === undefined
      ? []
      : [
          `PROJECTION_NAME: a constraint or an index of it would be ${name}, as one of ${table} is: rename its table or a column`,
        ];
  });
}

function problemsOf(projection: Projection, keys: Keys, owners: ReadonlyMap<string, string>): Problem[] {
  const { table } = projection;
  const taken = owners.get(table);
  const isOurs = table.startsWith(OURS);
  return [
    ...nameProblems('.table', table, isOurs ? `names that begin with ${OURS} are Crossfade’s own` : null),
    ...(taken === undefined
      ? []
      : [
          [
            '.table',
            `PROJECTION_TABLE_TAKEN: ${taken} is ${table} as well: give each its own table`,
          ] as const,
        ]),
    ...neverTaking(projection, keys),
    ...columnProblems(projection),
    ...keyProblems(projection),
  ];
}

/** @param tables all that the configuration names. */
function viewProblems({ table }: Projection, tables: ReadonlySet<string>): Problem[] {
  const view = liveViewName(table);
  if (!tables.has(view)) return [];
  return [
    [
      '.table',
      `PROJECTION_NAME: its view, as npx crossfade schema --views prints it, would be ${view}, as a table is: rename one of them`,
    ],
  ];
}

/** Patterns of keys that none of the collection's documents has. */
function neverTaking({ where }: Projection, { include }: Keys): Problem[] {
  return where.flatMap((predicate, n) => {
    if (predicate.kind !== 'key') return [];
    const mine = keyPattern(predicate.pattern);
    if (include.some((theirs) => sharedKey(mine, keyPattern(theirs), LONGEST_KEY) !== null)) return [];
    const { pattern } = predicate;
    return [
      [
        `.where.${n}`,
        `PROJECTION_TAKES_NOTHING: no key of the collection (keys.include) matches ${quoted(pattern)}: mend one of them`,
      ] as const,
    ];
  });
}
