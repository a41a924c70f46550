/**
 * Tables that SQL can use, filled from documents: a projection gives each document that it takes one row, or a row for each element of
 * an array. The row of the document itself, with its body, stays what counts; projections are written in the same transaction and
 * hold copies of its parts.
 */
import type { ColumnType } from './types/column_type.ts';
import type { Bound, Misfit, Missing } from './types/policy.ts';

export type { Bound, Misfit, Missing };

export interface Projection {
  /** Name of its table, in capitals. It has the column DOC_KEY, then PLACE where there is a row for each element, then `columns`. */
  readonly table: string;
  /** Which documents it takes: those that meet all of them; every document, where there are none. */
  readonly where: readonly Predicate[];
  /** Path of the array with a row for each element; null for one row a document. An array that is not there, or null, gives no row. */
  readonly each: string | null;
  /** Elements that the array may have: a document with more is refused. 10,000 where it is left out. */
  readonly most?: number | undefined;
  readonly columns: readonly ProjectedColumn[];
  /**
   * Columns that tell the elements of one document apart, which are then its primary key behind DOC_KEY; null for PLACE, the place in the
   * array, from 0. Without `each` it is null, and the key is DOC_KEY alone.
   */
  readonly identifiedBy: readonly string[] | null;
  /** Whether Oracle holds a foreign key from DOC_KEY to the table of the documents. */
  readonly foreignKey: boolean;
  /** Columns of each further index, DOC_KEY and PLACE among those that may be named. */
  readonly indexes: readonly (readonly string[])[];
}

/** `equals` is met by a scalar of the same type only: the text "1" is not the number 1. */
export type Predicate =
  | { readonly kind: 'key'; readonly pattern: string }
  | { readonly kind: 'equals'; readonly path: string; readonly value: string | number | boolean }
  /** Something other than null. */
  | { readonly kind: 'present'; readonly path: string };

/** Where the value of a column comes from. Places from the end are negative: -1 is the last one. */
export type Source =
  | { readonly kind: 'document'; readonly path: string }
  /** A path below the element; empty for the element itself. */
  | { readonly kind: 'element'; readonly path: string }
  /** The part of the key at a place, from 0, between separators. */
  | { readonly kind: 'key'; readonly separator: string; readonly part: number }
  | { readonly kind: 'constant'; readonly value: string | number | boolean };

export interface ProjectedColumn {
  readonly name: string;
  readonly source: Source;
  readonly type: ColumnType;
  /** Where there is nothing, or null: the document is refused, the column is NULL, or it has a value of its own (`default`). */
  readonly missing: Missing;
  /** Where the value does not fit the type. Nothing is ever cut off. */
  readonly misfit: Misfit;
  /** So many lenient values of a million are borne by gates; any number where it is left out. */
  readonly tolerate?: number | undefined;
}

/** What a document gives to one projection. */
export interface Projected {
  readonly table: string;
  /** Whether the document is live, and meets the projection's predicates. It may give no row all the same: its array may be empty. */
  readonly taken: boolean;
  /** Rows in the order of the array. @property values in the order of the projection's columns. */
  readonly rows: readonly { readonly place: number; readonly values: readonly Bound[] }[];
  readonly lenient: readonly Lenient[];
  /** Of each column, in how many rows its source had nothing: no value, null, or an empty text. */
  readonly missing: readonly number[];
}

/** A value that a policy has made NULL or rounded. */
export interface Lenient {
  readonly table: string;
  readonly column: string;
  /** With the place of the element: `lines[3].price`. */
  readonly path: string;
  readonly became: 'null' | 'rounded';
}

/** Where a document does not fit: what the table, the column and the path are called in the settings, the path with the element's place. */
export interface Misplaced {
  readonly table: string;
  /** Null where it is no column: the array itself, or elements beside one another. */
  readonly column: string | null;
  readonly path: string;
}

/** A document that a projection cannot take. Its message names table, column, path, the value's kind and its length; never its content. */
export class Unprojectable extends Error {
  override readonly name = 'Unprojectable';
  readonly at: Misplaced;

  /** @param problem without a value of the document: "there is a text of 12 characters". */
  constructor(at: Misplaced, problem: string) {
    const { table, column, path } = at;
    const of = column === null ? `the table ${table}` : `the column ${column} of ${table}`;
    super(`${problem} at ${path === '' ? 'the top' : path}, for ${of}. Mend the document, or the projection`);
    this.at = at;
  }
}
