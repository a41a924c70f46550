/**
 * Tables that are filled from the documents of a collection, as settings write them. `projection/projection.ts` says what they are; each short form stands for a long one,
 * which comes out, and may be written as well.
 */
import * as v from 'valibot';
import { whole } from '../parsing/whole.ts';
import { HOW_PATHS_ARE, stepsFrom } from '../projection/path.ts';
import { MOST_ELEMENTS } from '../projection/project.ts';
import type { Predicate, ProjectedColumn, Projection, Source } from '../projection/projection.ts';
import { MISFIT, MISSING, SCALAR } from './column_policies.ts';
import { KEY_PATTERN } from './keys.ts';
import { COLUMN_TYPE } from './projected_type.ts';

/** Of a collection, of a projection, and of its predicates. */
const MOST = { projections: 100, columns: 500, predicates: 20, indexes: 20 } as const;
const [LONGEST_PATH, LONGEST_SEPARATOR, MILLION] = [1000, 250, 1_000_000];
/** Elements that an array may be allowed to have. */
const MOST_ALLOWED = 100_000;

const text = v.pipe(v.string(), v.nonEmpty('it must not be empty'));
const listOf = <Each extends v.GenericSchema>(each: Each, most: number) =>
  v.pipe(v.array(each), v.maxLength(most, `there must be ${most} or fewer`));

/** Empty for the document itself, or the element. */
const PATH = v.pipe(
  v.string(),
  v.maxLength(LONGEST_PATH, `it must have ${LONGEST_PATH} characters or fewer`),
  v.check((path) => stepsFrom(path) !== null, `it cannot be read: ${HOW_PATHS_ARE}`),
);

const PREDICATES = listOf(
  v.variant('kind', [
    v.strictObject({ kind: v.literal('key'), pattern: KEY_PATTERN }),
    v.strictObject({ kind: v.literal('equals'), path: PATH, value: SCALAR }),
    v.strictObject({ kind: v.literal('present'), path: PATH }),
  ]),
  MOST.predicates,
);

/** All that a document must meet: its key, what is at each path, and where there is something other than null. */
const CONDITIONS = v.pipe(
  v.strictObject({
    key: v.optional(KEY_PATTERN),
    equals: v.optional(v.record(PATH, SCALAR), {}),
    present: v.optional(v.array(PATH), []),
  }),
  v.transform(({ key, equals, present }): Predicate[] => [
    ...(key === undefined ? [] : [{ kind: 'key', pattern: key } as const]),
    ...Object.entries(equals).map(([path, value]) => ({ kind: 'equals', path, value }) as const),
    ...present.map((path) => ({ kind: 'present', path }) as const),
  ]),
);

const WHERE = v.lazy((input): typeof PREDICATES | typeof CONDITIONS =>
  Array.isArray(input) ? PREDICATES : CONDITIONS,
);

const PART = {
  separator: v.pipe(
    text,
    v.maxLength(LONGEST_SEPARATOR, `it must have ${LONGEST_SEPARATOR} characters or fewer`),
  ),
  part: whole(-LONGEST_SEPARATOR, LONGEST_SEPARATOR),
};

const SOURCE = v.variant('kind', [
  v.strictObject({ kind: v.literal('document'), path: PATH }),
  v.strictObject({ kind: v.literal('element'), path: PATH }),
  v.strictObject({ kind: v.literal('key'), ...PART }),
  v.strictObject({ kind: v.literal('constant'), value: SCALAR }),
]);

/** Short for `source`: one of them. */
const SHORT = {
  path: v.optional(PATH),
  element: v.optional(PATH),
  key: v.optional(v.strictObject(PART)),
  constant: v.optional(SCALAR),
};
const SOURCES = v.strictObject({ ...SHORT, source: v.optional(SOURCE) });
type Sources = v.InferOutput<typeof SOURCES>;

const COLUMN = v.pipe(
  v.strictObject({
    name: text,
    ...SOURCES.entries,
    type: COLUMN_TYPE,
    missing: v.optional(MISSING, 'null'),
    misfit: v.optional(MISFIT, 'refuse'),
    /** So many lenient values of a million, and no more, are borne by gates. */
    tolerate: v.optional(whole(0, MILLION)),
  }),
  v.check(
    (column) => sourcesOf(column).length === 1,
    'it must say where its value comes from, in one way: path (of the document), element (a path below the element of each), key (a part of it) or constant',
  ),
  v.transform(({ name, type, missing, misfit, tolerate, ...sources }): ProjectedColumn => {
    const [source] = sourcesOf(sources) as [Source];
    return { name, source, type, missing, misfit, ...(tolerate === undefined ? {} : { tolerate }) };
  }),
);

function sourcesOf({ path, element, key, constant, source }: Sources): Source[] {
  return [
    ...(path === undefined ? [] : [{ kind: 'document', path } as const]),
    ...(element === undefined ? [] : [{ kind: 'element', path: element } as const]),
    ...(key === undefined ? [] : [{ kind: 'key', ...key } as const]),
    ...(constant === undefined ? [] : [{ kind: 'constant', value: constant } as const]),
    ...(source === undefined ? [] : [source]),
  ];
}

const NAMES = v.pipe(v.array(text), v.minLength(1, 'there must be 1 or more'));

const PROJECTION = v.pipe(
  v.strictObject({
    table: text,
    where: v.optional(WHERE, []),
    each: v.optional(v.nullable(PATH), null),
    most: v.optional(whole(1, MOST_ALLOWED), MOST_ELEMENTS),
    columns: listOf(COLUMN, MOST.columns),
    identifiedBy: v.optional(v.nullable(NAMES), null),
    foreignKey: v.optional(v.boolean(), false),
    indexes: v.optional(listOf(NAMES, MOST.indexes), []),
  }),
  v.transform((projection): Projection => projection),
);

export const PROJECTIONS = v.optional(listOf(PROJECTION, MOST.projections), []);

/** What decides about the rows of a projection, beside which runs of before count: not its indexes, and not how much gates bear. */
export function mappedBy({ indexes: _, foreignKey: _key, columns, ...rows }: Projection): object {
  return { ...rows, columns: columns.map(({ tolerate: _none, ...column }) => column) };
}
