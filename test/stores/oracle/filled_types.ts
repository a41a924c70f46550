/** Values of all types in tables of projections, written and read through the driver; declared in a test file that has a server. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as v from 'valibot';
import { PROJECTIONS } from '../../../functions/configuration/projection.ts';
import { project } from '../../../functions/projection/project.ts';
import type { Projection } from '../../../functions/projection/projection.ts';
import { Batches } from '../../../functions/stores/oracle/batch.ts';
import { preparationOf } from '../../../functions/stores/oracle/pool_attributes.ts';
import { projectedRowsOf } from '../../../functions/stores/oracle/projected.ts';
import { collectionSubjects } from '../../../functions/stores/oracle/schema.ts';
import { upgrade } from '../../../functions/stores/oracle/upgrade.ts';
import type { Place } from '../../../infra/demo/places.ts';
import { answerOf, reckoned, SQL } from '../../../infra/demo/question.ts';
import { seeded } from '../../../infra/demo/seeded.ts';
import { travelOf } from '../../../infra/demo/travel.ts';
import { TRAVEL_TABLES } from '../../../infra/demo/travel_tables.ts';
import { ODD } from '../../projection/travel_odd.ts';
import { document } from '../contract/subject.ts';
import type { TestDatabase } from './database.ts';

const formats = ['iso', 'seconds', 'milliseconds'];
const digits = '1234567890'.repeat(4).slice(0, 38);

/** Types, as settings write them, each with values that are the last which fit it, as JSON. */
const EDGES: readonly (readonly [type: unknown, values: readonly string[]])[] = [
  [
    'NUMBER',
    [
      `${'9'.repeat(38)}e88`,
      `${'9'.repeat(38)}e-130`,
      digits,
      `-${digits}e88`,
      `-${digits}e-167`,
      '1e-130',
      '0',
      '"1e125"',
      '-0.5',
    ],
  ],
  ['NUMBER(38, 38)', [`0.${digits}`, '-1e-38']],
  ['BINARY_DOUBLE', ['0.1', '-1.7976931348623157e308', '2.2250738585072014e-308', '1e21', '5e-1']],
  ['VARCHAR2(4 BYTE)', ['"😀"', '"\\u0000\\u001f"', '" a  "', '"\'\\""']],
  ['VARCHAR2(4000 CHAR)', [JSON.stringify('😀'.repeat(1000)), JSON.stringify('é'.repeat(2000))]],
  ['CLOB', [JSON.stringify('😀é\n'.repeat(20_000)), '" "']],
  [{ kind: 'boolean' }, ['true', 'false']],
  [
    { kind: 'date', formats },
    ['"0001-01-01"', '"9999-12-31T23:59:59Z"', '"1582-10-04"', '"1582-10-15"', '-1'],
  ],
  [
    { kind: 'timestamp', fraction: 6, formats },
    ['0.000001', '"9999-12-31T23:59:59.999999Z"', '1700000000123'],
  ],
  [
    { kind: 'timestamp', zone: true, fraction: 9, formats },
    ['"2024-02-29T23:59:59.123456789+14:00"', '"0001-01-02T00:00:00-12:59"', '0'],
  ],
  [{ kind: 'timestamp', zone: true, fraction: 0, formats }, ['"2024-02-29T23:59:59-00:30"']],
  ['RAW(3)', ['"00ffA0"', '"00"']],
  [{ kind: 'json' }, ['{"b":[1.50,{}],"a":"é\\ud800"}', '[]', '"text"', 'true', '1e400']],
];

export function filledTypes(running: () => TestDatabase): void {
  test('each session is told what format models leave open: the decimal point, and the calendar', () => {
    const told = preparationOf({ connectString: 'orders', user: 'app', password: 'secret' });
    assert.match(told, /NLS_NUMERIC_CHARACTERS = '\.,'/);
    assert.match(told, /NLS_CALENDAR = 'GREGORIAN'/);
  });

  test('the last values that fit each type come back as they were bound', async () => {
    const projections = v.parse(PROJECTIONS, [
      {
        table: `${running().table.name}_EDGES`,
        columns: EDGES.map(([type], n) => ({ name: `C${n}`, path: `c${n}`, type })),
      },
    ]);
    const places = EDGES.flatMap(([, values], n) =>
      values.map((value, at) => ({ key: `edge ${n} ${at}`, body: `{"c${n}":${value}}` })),
    );
    await exact(running(), 'EDGES_OF', projections, places);
    for (const { body } of places) {
      const values = project(projections, '', document(body)).flatMap(({ rows }) => rows[0]?.values ?? []);
      assert.equal(values.filter((value) => value !== null).length, 1, body.slice(0, 80));
    }
  });

  test('documents of five types fill their tables, and a join answers what they say', async () => {
    const { connection, store, table } = running();
    const named = (text: string) =>
      text.replaceAll(/\b(AIRLINES|AIRPORTS|ROUTES|FLIGHTS|HOTELS|REVIEWS|LANDMARKS)\b/g, `${table.name}_$1`);
    const projections = v
      .parse(PROJECTIONS, TRAVEL_TABLES)
      .map((projection) => ({ ...projection, table: named(projection.table) }));
    const places = travelOf(seeded(1));
    await exact(running(), 'TRAVEL', projections, places);
    const { rows = [] } = await connection.use(store.target('all', 'ask'), false, (session) =>
      session.execute<(string | null)[]>(named(SQL)),
    );
    assert.deepEqual(answerOf(rows), reckoned(places));
    const odd = ODD.filter(({ gives }) => !(gives instanceof RegExp)).map((each) => each.document);
    await exact(running(), 'TRAVEL', projections, odd, 2n);
  });
}

/** Writes the documents, in one batch; what the tables hold then is what the documents give. */
async function exact(
  { connection, table: { name } }: TestDatabase,
  suffix: string,
  projections: readonly Projection[],
  places: readonly Place[],
  version = 1n,
): Promise<void> {
  const table = { name: `${name}_${suffix}`, columns: [], projections };
  await upgrade(connection, collectionSubjects(table), null, () => {});
  const contents = new Map(places.map(({ key, body }) => [key, document(body)]));
  await new Batches(connection, table).apply(
    [...contents].map(([key, content]) => ({ key, content, version })),
  );
  const keys = [...contents.keys()];
  const given = new Map([...contents].map(([key, content]) => [key, project(projections, key, content)]));
  for (const [at, projection] of projections.entries()) {
    const found = await projectedRowsOf(connection, projection, keys);
    for (const key of keys)
      assert.deepEqual(found.get(key) ?? [], given.get(key)?.[at]?.rows, `${projection.table} ${key}`);
  }
}
