/** The settings of one collection: where its documents are, how they lie in Oracle, and what is asked of both stores. */
import * as v from 'valibot';
import { whole } from '../parsing/whole.ts';
import { DURABILITIES } from '../stores/durability.ts';
import { collectionSubjects } from '../stores/oracle/schema.ts';
import type { Table } from '../stores/oracle/table.ts';
import { UNSTORABLE } from '../stores/storable.ts';
import { FEED, topicProblems } from './feed.ts';
import { KEYS, selectionProblems } from './keys.ts';
import { OWN_LOAD_PROOF } from './load_proof.ts';
import { OWN_MOVES } from './moves.ts';
import { PROJECTIONS } from './projection.ts';
import { projectionProblems } from './projection_problems.ts';

const NAME_OF_COLLECTION = /^[a-z][a-z0-9-]{0,62}$/;
const text = v.pipe(v.string(), v.nonEmpty('it must not be empty'));

const COLUMN = v.strictObject({
  name: text,
  path: text,
  type: v.variant('kind', [
    v.strictObject({ kind: v.literal('text'), bytes: whole(1, 4000) }),
    v.strictObject({ kind: v.literal('number'), precision: whole(1, 38), scale: whole(0, 38) }),
    v.strictObject({ kind: v.literal('boolean') }),
  ]),
  nullable: v.boolean(),
});

export const COLLECTION = v.strictObject({
  couchbase: v.strictObject({ bucket: text, scope: text, collection: text }),
  /** See `keys.ts`. */
  keys: KEYS,
  oracle: v.strictObject({
    table: text,
    columns: v.optional(v.array(COLUMN), []),
    /** See `projection.ts`. */
    projections: PROJECTIONS,
  }),
  /** Which copies of a mutation Couchbase must have before it acknowledges it. */
  durability: v.optional(v.picklist(DURABILITIES), 'majority'),
  /** What becomes of a mutation while too few replicas are up for that: an error, or the same without durability. */
  durabilityImpossible: v.optional(v.picklist(['refuse', 'accept']), 'refuse'),
  /** What becomes of a write in `expand` that Oracle can never take: it is refused, or Couchbase alone has it, and it is set aside. */
  unstorable: v.optional(v.picklist(UNSTORABLE), 'refuse'),
  /** What tells of writes past the API: see `FEED`. Null for nothing. */
  feed: v.optional(FEED, null),
  /** See `moves.ts`. */
  moves: OWN_MOVES,
  /** See `load_proof.ts`. */
  loadProof: OWN_LOAD_PROOF,
});

type Collection = v.InferOutput<typeof COLLECTION>;

/** The table of a collection. */
export function tableOf({ table, columns, projections }: Collection['oracle']): Table {
  return { name: table, columns, projections };
}

/** What is wrong with their names, mappings and places. */
export function collectionProblems(collections: Readonly<Record<string, unknown>>): string[] {
  const names = Object.keys(collections).filter((name) => !NAME_OF_COLLECTION.test(name));
  const entries = Object.entries(collections).flatMap(([name, value]) => {
    const { success, output } = v.safeParse(COLLECTION, value);
    return success ? [[name, output] as const] : [];
  });
  return [
    ...names.map(
      (name) =>
        `collections.${name}: its name must be small letters, digits and -, a letter first, 63 at most`,
    ),
    ...entries.flatMap(([name, { oracle }]) => problemOf(name, oracle)),
    ...topicProblems(entries.map(([name, { feed, couchbase }]) => [name, feed, keyspaceText(couchbase)])),
    ...entries.flatMap(([name, { oracle }], index) => {
      const other = entries.slice(0, index).find(([, before]) => before.oracle.table === oracle.table);
      return other === undefined
        ? []
        : [
            `collections.${name}: it has the Oracle table ${oracle.table}, and so has ${other[0]}: give each its own`,
          ];
    }),
    ...projectionProblems(entries),
    ...selectionProblems(
      entries.map(([name, { keys, couchbase }]) => [name, { keys, keyspace: keyspaceText(couchbase) }]),
    ),
  ];
}

function keyspaceText({ bucket, scope, collection }: Collection['couchbase']): string {
  return `${bucket}.${scope}.${collection}`;
}

function problemOf(name: string, oracle: Collection['oracle']): string[] {
  try {
    collectionSubjects(tableOf(oracle));
    return [];
  } catch (error) {
    return [`collections.${name}.oracle: ${(error as Error).message}`];
  }
}
