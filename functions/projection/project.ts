/**
 * The rows that a document gives to projections. They follow from its key and its content alone, so whoever writes them and whoever verifies them later
 * comes to the same ones. The time that it takes is linear in the document, times the columns.
 */
import type { Json } from '../protocol/json.ts';
import { payloadOf } from '../protocol/payload.ts';
import type { Content } from '../protocol/state.ts';
import { jsonOf } from './document.ts';
import { foundAt, pathInElement, type Step, stepsFrom } from './path.ts';
import {
  type Bound,
  type Lenient,
  type Projected,
  type ProjectedColumn,
  type Projection,
  Unprojectable,
} from './projection.ts';
import { takes } from './takes.ts';
import { kindOf } from './types/kind_of.ts';
import { jsonOfSetting, type Value, valueFor } from './types/value.ts';

/** Elements of an array that has no bound of its own. */
export const MOST_ELEMENTS = 10_000;
/** Rows of a document that are kept with its payload: those of 10,000 small elements take 50 times the memory of their body, and a batch may hold many such documents. */
const MOST_KEPT = 100;

/**
 * What the document gives to each projection, in their order; a document that is deleted or expired gives no rows. It is worked out once for a payload,
 * unless it is many rows. Throws `Unprojectable`.
 */
export function project(
  projections: readonly Projection[],
  key: string,
  content: Content,
): readonly Projected[] {
  if (content === null) return projections.map(nothingFor);
  if (projections.length === 0) return [];
  const payload = payloadOf(content);
  const known = payload.once(projections, () => new Map<string, readonly Projected[]>());
  const before = known.get(key);
  if (before !== undefined) return before;
  const json = jsonOf(payload) ?? undefined;
  const projected = projections.map((projection) => ofJson(projection, key, json));
  if (projected.reduce((sum, { rows }) => sum + rows.length, 0) <= MOST_KEPT) known.set(key, projected);
  return projected;
}

/** The same of one projection, which nobody keeps: for a look that needs it once. */
export function projectOnce(projection: Projection, key: string, content: Content): Projected {
  if (content === null) return nothingFor(projection);
  return ofJson(projection, key, jsonOf(payloadOf(content)) ?? undefined);
}

function ofJson(projection: Projection, key: string, json: Json | undefined): Projected {
  return takes(projection.where, key, json) ? rowsOf(projection, key, json) : nothingFor(projection);
}

function nothingFor({ table, columns }: Projection): Projected {
  return { table, taken: false, rows: [], lenient: [], missing: columns.map(() => 0) };
}

function rowsOf(projection: Projection, key: string, json: Json | undefined): Projected {
  const { table, each, columns } = projection;
  const elements = each === null ? [undefined] : elementsAt(projection, each, json);
  const cells = columns.map((column) => new Cells(table, each ?? '', column, key, json));
  const rows = elements.map((element, place) => ({
    place,
    values: cells.map((of) => of.at(element, place)),
  }));
  requireApart(projection, rows);
  const lenient = cells.flatMap((of) => of.lenient);
  return { table, taken: true, rows, lenient, missing: cells.map((of) => of.missing) };
}

/** None where there is no array, or null. */
function elementsAt({ table, most }: Projection, each: string, json: Json | undefined): readonly Json[] {
  const at = { table, column: null, path: each };
  const found = foundAt(json, stepsFrom(each) ?? []);
  if (found === undefined || found === 'null') return [];
  if (typeof found === 'string' || found.close !== ']')
    throw new Unprojectable(at, `there is ${kindOf(found)}, and no array`);
  const bound = most ?? MOST_ELEMENTS;
  if (found.values.length > bound)
    throw new Unprojectable(at, `there is ${kindOf(found)}, above the ${bound} that may be there`);
  return found.values;
}

/** The values of one column, row by row. */
class Cells {
  readonly lenient: Lenient[] = [];
  missing = 0;
  readonly #table: string;
  readonly #each: string;
  readonly #column: ProjectedColumn;
  /** Below the element; null where the value is the same in each row. */
  readonly #steps: readonly Step[] | null;
  readonly #same: Json | undefined;
  /** Of what is the same in each row: worked out for the first one. */
  #known: Value | null = null;

  constructor(table: string, each: string, column: ProjectedColumn, key: string, json: Json | undefined) {
    const { source } = column;
    this.#table = table;
    this.#each = each;
    this.#column = column;
    this.#steps = source.kind === 'element' ? (stepsFrom(source.path) ?? []) : null;
    this.#same = sameIn(source, key, json);
  }

  /** Throws `Unprojectable`. */
  at(element: Json | undefined, place: number): Bound {
    const json = this.#steps === null ? this.#same : foundAt(element, this.#steps);
    const value = this.#valueOf(json);
    const where = () => ({ table: this.#table, column: this.#column.name, path: this.#pathAt(place) });
    if ('problem' in value) throw new Unprojectable(where(), value.problem);
    if (value.became !== null) this.lenient.push({ ...where(), became: value.became });
    else if (json === undefined || json === 'null' || value.bound === null) this.missing++;
    return value.bound;
  }

  #valueOf(json: Json | undefined): Value {
    if (this.#steps !== null) return valueFor(this.#column, json);
    this.#known ??= valueFor(this.#column, json);
    return this.#known;
  }

  #pathAt(place: number): string {
    const { source } = this.#column;
    switch (source.kind) {
      case 'document':
        return source.path;
      case 'element':
        return pathInElement(this.#each, place, source.path);
      case 'key':
        return `part ${source.part} of the key`;
      case 'constant':
        return 'the constant';
    }
  }
}

/** What is the same for each element: undefined where there is nothing. */
function sameIn(source: ProjectedColumn['source'], key: string, json: Json | undefined): Json | undefined {
  switch (source.kind) {
    case 'document':
      return foundAt(json, stepsFrom(source.path) ?? []);
    case 'element':
      return undefined;
    case 'key': {
      const part = key.split(source.separator).at(source.part);
      return part === undefined ? undefined : JSON.stringify(part);
    }
    case 'constant':
      return jsonOfSetting(source.value);
  }
}

/** Throws `Unprojectable` where two elements have the same key in their table. */
function requireApart({ table, each, columns, identifiedBy }: Projection, rows: Projected['rows']): void {
  if (each === null || identifiedBy === null) return;
  const indexes = identifiedBy.map((name) => columns.findIndex((column) => column.name === name));
  const places = new Map<string, number>();
  for (const { place, values } of rows) {
    const id = JSON.stringify(indexes.map((index) => values[index]));
    const before = places.get(id);
    if (before !== undefined)
      throw new Unprojectable(
        { table, column: null, path: pathInElement(each, place, '') },
        `there is the same ${identifiedBy.join(', ')} as at ${pathInElement(each, before, '')}`,
      );
    places.set(id, place);
  }
}
