/** Five types in one collection, with all that is odd in an old bucket, against the tables that they are to fill. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as v from 'valibot';
import { PROJECTIONS } from '../../functions/configuration/projection.ts';
import { project } from '../../functions/projection/project.ts';
import type { Projected } from '../../functions/projection/projection.ts';
import type { Place } from '../../infra/demo/places.ts';
import { reckoned } from '../../infra/demo/question.ts';
import { seeded } from '../../infra/demo/seeded.ts';
import { FEW, travelOf } from '../../infra/demo/travel.ts';
import { TRAVEL_TABLES } from '../../infra/demo/travel_tables.ts';
import { document } from '../stores/contract/subject.ts';
import { CHANGED, ODD } from './travel_odd.ts';

const TABLES = v.parse(PROJECTIONS, TRAVEL_TABLES);

function rowsOf({ key, body }: Place): readonly Projected[] {
  return project(TABLES, key, document(body));
}

function counts(projected: readonly Projected[]): Record<string, number> {
  return Object.fromEntries(
    projected.flatMap(({ table, rows }) => (rows.length === 0 ? [] : [[table, rows.length]])),
  );
}

test('each odd document gives the rows that it should, or is refused by the path', () => {
  for (const { what, document: odd, gives, lenient = [] } of ODD) {
    if (gives instanceof RegExp) {
      assert.throws(() => rowsOf(odd), { name: 'Unprojectable', message: gives }, what);
      continue;
    }
    const projected = rowsOf(odd);
    assert.deepEqual(counts(projected), gives, what);
    assert.deepEqual(
      projected.flatMap((each) => each.lenient.map(({ column }) => column)),
      lenient,
      what,
    );
  }
});

test('a document that becomes of another type has rows in the tables of that type alone', () => {
  const [before, after] = CHANGED;
  assert.deepEqual(counts(rowsOf(before)), { HOTELS: 1, REVIEWS: 3 });
  assert.deepEqual(counts(rowsOf(after)), { LANDMARKS: 1 });
  assert.deepEqual(
    project(TABLES, before.key, null).flatMap(({ rows }) => rows),
    [],
  );
});

test('what the demo moves fits into its tables, and answers the question of the demo', () => {
  const all = travelOf(seeded(1));
  assert.deepEqual(all, travelOf(seeded(1)));
  assert.equal(
    all.length,
    Object.values(FEW).reduce((sum, count) => sum + count, 0),
  );
  const projected = all.flatMap(rowsOf);
  const of = (table: string) => projected.flatMap((each) => (each.table === table ? each.rows : []));
  for (const { table } of TABLES) assert.ok(of(table).length > 0, table);
  assert.deepEqual([of('AIRPORTS').length, of('ROUTES').length], [FEW.airports, FEW.routes]);
  for (const seed of [2, 3]) assert.doesNotThrow(() => travelOf(seeded(seed)).flatMap(rowsOf), `${seed}`);
  const answer = reckoned(all);
  assert.equal(answer.length, 5);
  assert.ok(answer.some(({ cheapest }) => cheapest !== null && cheapest >= 40));
});
