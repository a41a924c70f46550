import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { filledTables } from '../../functions/operations/filled_tables.ts';
import { leniencies } from '../../functions/operations/leniencies.ts';
import { preflight } from '../../functions/operations/preflight.ts';
import { foundIn, foundText, NOTHING_FOUND } from '../../functions/records/preflight.ts';
import { preflightLines } from '../../infra/console/told/preflight.ts';
import { LOAD, PreflightWorld, poison } from './preflight_world.ts';

const ASKED = { name: 'preflight', collection: 'orders', after: null, upTo: null } as const;
const PORTS = {
  keys: async () => [],
  sizes: async () => [],
  read: async () => [],
  require: () => {},
  load: async () => LOAD,
  timely: () => true,
  walks: { find: async () => null, write: async () => true },
  attempts: { begin: async () => null, touch: async () => {}, leave: async () => {} },
  ...{ stamp: '.m', now: () => 0 },
};
const linesOf = (found: Parameters<typeof preflightLines>[0]) => preflightLines(found, 'orders');

test('preflight tells where Couchbase makes no durable writes, and what is wrong with it', async () => {
  const looked = (problem: string | null) =>
    preflight(ASKED, { ...PORTS, durabilityProblem: async () => problem });
  const found = await looked('too few replicas');
  assert.equal(found.durabilityProblem, 'too few replicas');
  assert.ok(linesOf(found).includes('Couchbase takes no durable writes: too few replicas'));
  assert.doesNotMatch(linesOf(await looked(null)).join(), /durable/);
});

test('preflight tells what is not watched of the load of Oracle, and which grants that needs; it reads it once', async () => {
  const ports = { ...PORTS, durabilityProblem: async () => null };
  const found = await preflight(ASKED, { ...ports, load: async () => ({ ...LOAD, user: 'CROSSFADE_APP' }) });
  const lines = linesOf(found);
  assert.deepEqual(lines.slice(-7), [
    'bulk work     Oracle tells: sessions or processes 3 %',
    '              not watched: fast recovery area, undo in use. The user of the functions lacks the right: a DBA can grant it',
    '              GRANT SELECT ON SYS.V_$RECOVERY_FILE_DEST TO CROSSFADE_APP; -- fast recovery area',
    '              GRANT SELECT ON SYS.V_$UNDOSTAT TO CROSSFADE_APP; -- undo in use',
    '              GRANT SELECT ON SYS.V_$TABLESPACE TO CROSSFADE_APP; -- undo in use',
    '              GRANT SELECT ON SYS.DBA_DATA_FILES TO CROSSFADE_APP; -- undo in use',
    '              -- and the same to the user of deployment.secrets.oracleWork, if there is one: it is the workers of runs who look',
  ]);
  const next = await preflight({ ...ASKED, after: 'k' }, { ...ports, load: () => assert.fail('again') });
  assert.equal(next.load, undefined);
  // Functions of the version before do not tell the user.
  assert.match(linesOf(await preflight(ASKED, ports)).join(), / TO USER; --/);
  const { load: _, ...before } = found;
  assert.doesNotMatch(linesOf(before).join(), /bulk work/);
});

test('what was found fits its column whatever causes and examples are named in, and no document is lost of a count', () => {
  const name = fc.string({ unit: 'binary', maxLength: 150 });
  const causes = fc.uniqueArray(name, { minLength: 1, maxLength: 21 });
  const keys = fc.array(fc.string({ unit: 'binary', maxLength: 80 }), { maxLength: 8 });
  fc.assert(
    fc.property(causes, keys, (named, examples) => {
      const found = {
        ...{ ...NOTHING_FOUND, causes: Object.fromEntries(named.map((cause, n) => [`x${cause}`, n + 1])) },
        samples: examples.map((key) => ({ key, why: 'w', fault: 'refused' as const })),
      };
      const text = foundText(found, 4000);
      assert.ok(Buffer.byteLength(text) <= 4000);
      const sum = (of: object) => Object.values(of).reduce((all, count) => all + count, 0);
      assert.equal(sum(foundIn(text).causes), sum(found.causes));
    }),
  );
  const long = Object.fromEntries(Array.from({ length: 20 }, (_, n) => [`${'名'.repeat(149)}${n}`, 1]));
  assert.ok(Buffer.byteLength(foundText({ ...NOTHING_FOUND, causes: long }, 4000)) <= 4000);
});

test('how documents fill tables adds up over pages, those that are refused included, and is told by name', async () => {
  const none = { missing: 0, nulled: 0, rounded: 0, refused: 0 };
  const world = new PreflightWorld().fill(1200);
  world.documents.set('k000003', 'no JSON');
  world.batches = 1;
  world.projections = [{ table: 'T', columns: [{ name: 'A', from: 'a', tolerate: 5 }] }];
  world.filling = (key) =>
    key === 'k000003'
      ? [{ taken: 1, rows: 0, refused: 1, columns: [{ ...none, refused: 1 }] }]
      : [{ taken: 1, rows: 2, refused: 0, columns: [{ ...none, rounded: 1 }] }];
  world.require = (key) => {
    if (key === 'k000003') throw poison(key, 'there is nothing at a, for the column A of T');
  };
  const { refused, projections } = await world.all();
  assert.equal(refused, 1);
  assert.deepEqual(projections, [
    {
      ...{ table: 'T', counted: 1200, taken: 1200, rows: 2398, refused: 1 },
      columns: [{ name: 'A', from: 'a', missing: 0, nulled: 0, rounded: 1199, refused: 1 }],
    },
  ]);
});

test('counts that were not kept, or that the settings do not name, are told of no column', () => {
  const column = { missing: 1, nulled: 0, rounded: 0, refused: 0 };
  const filled = { taken: 1, rows: 1, refused: 0, columns: [] };
  const named = [{ table: 'T', columns: [{ name: 'A', from: 'a', tolerate: 0 }] }];
  const table = { table: 'T', counted: 1, taken: 1, rows: 1, refused: 0, columns: [] };
  assert.deepEqual(filledTables({ counted: 1, tables: [filled] }, named), [table]);
  assert.deepEqual(filledTables({ counted: 1, tables: [{ ...filled, columns: [column, column] }] }, named), [
    table,
  ]);
  assert.deepEqual(filledTables({ counted: 1, tables: [] }, named), []);
});

test('how lenient a column is follows from what is kept, where it bears a number of such values alone', () => {
  const column = { missing: 5, nulled: 2, rounded: 1, refused: 7 };
  const filled = { taken: 1, rows: 9, refused: 0 };
  const named = (tolerate: number | undefined) => [
    { table: 'T', columns: [{ name: 'A', from: 'a', tolerate }] },
    { table: 'U', columns: [{ name: 'A', from: 'a', tolerate: 4 }] },
  ];
  const kept = {
    counted: 1,
    tables: [
      { ...filled, columns: [column] },
      { ...filled, columns: [] },
    ],
  };
  assert.deepEqual(leniencies(kept, named(0)), [
    { table: 'T', column: 'A', rows: 9, lenient: 3, tolerate: 0 },
    { table: 'U', column: 'A', rows: 9, lenient: null, tolerate: 4 },
  ]);
  // Of the other table nobody has kept the columns.
  const unknown = { table: 'U', column: 'A', rows: 9, lenient: null, tolerate: 4 };
  assert.deepEqual(leniencies(kept, named(undefined)), [unknown]);
  assert.deepEqual(leniencies({ counted: 1, tables: [] }, named(0)), []);
});
