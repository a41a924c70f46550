/** How tables differ from ours, by what a real dictionary would say of them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CONTROL, OWNERS } from '../../../functions/stores/oracle/control_tables.ts';
import { describedTables } from '../../../functions/stores/oracle/described.ts';
import { differencesOf, type FoundTable } from '../../../functions/stores/oracle/differences.ts';
import { collectionSubjects } from '../../../functions/stores/oracle/schema.ts';

const CONTROLS = describedTables([CONTROL, OWNERS]);
const [ORDERS] = describedTables(collectionSubjects({ name: 'ORDERS', columns: [], projections: [] }));

/** As Oracle's dictionary would have a table of ours. */
function foundAs(table: (typeof CONTROLS)[number]): FoundTable {
  return {
    columns: table.columns.map(({ name, type, bytes, precision, scale, nullable }) => ({
      ...{ name, type, bytes, precision, scale, nullable, hasDefault: false },
    })),
    constraints: [
      ...table.keys.map(({ name, kind, columns: members }) => ({
        ...{ name, kind: kind === 'PRIMARY KEY' ? 'P' : 'U', condition: null, columns: members },
      })),
      ...table.checks.map(({ condition }, n) => ({
        ...{
          name: `SYS_C${n}`,
          kind: 'C',
          columns: [],
          condition: condition.replace(/^body/, '"BODY"').concat('  '),
        },
      })),
    ],
  };
}

test('every table of ours is described as a whole, and does not differ from itself', () => {
  const created = [CONTROL, OWNERS]
    .flatMap(({ steps }) => steps.flat())
    .filter((text) => /^CREATE TABLE/.test(text));
  assert.equal(CONTROLS.length, created.length);
  for (const table of [...CONTROLS, ORDERS ?? assert.fail()]) {
    assert.ok(table.columns.length >= 2 && table.keys.some(({ kind }) => kind === 'PRIMARY KEY'), table.name);
    const versions = new Map([['CROSSFADE', CONTROL.steps.length]]);
    assert.deepEqual(differencesOf(table, foundAs(table), versions), []);
  }
  assert.deepEqual(
    ORDERS?.checks.map(({ name }) => name),
    ['ORDERS_JSON', 'ORDERS_VERSION', 'ORDERS_KIND'],
  );
});

test('numbers are compared by the digits before and after the point', () => {
  const [column] = describedTables([{ name: 'A', steps: [['CREATE TABLE A (n NUMBER(12, 2))']] }]);
  const differs = (precision: number | null, scale: number | null) =>
    differencesOf(
      column ?? assert.fail(),
      {
        columns: [
          { name: 'N', type: 'NUMBER', bytes: null, precision, scale, nullable: true, hasDefault: false },
        ],
        constraints: [],
      },
      new Map(),
    ).length > 0;
  const cases = [
    [12, 2, false],
    [13, 3, false],
    [20, 2, false],
    [null, null, false],
    [12, 3, true],
    [11, 2, true],
    [38, 0, true],
    // INTEGER.
    [null, 0, true],
  ] as const;
  for (const [precision, scale, expected] of cases)
    assert.equal(differs(precision, scale), expected, `${precision}, ${scale}`);
});
