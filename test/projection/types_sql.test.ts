/** Types of columns in SQL: declared, bound and read, with what the driver is told. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { ColumnType } from '../../functions/projection/types/column_type.ts';
import { spelt } from '../../functions/projection/types/digits.ts';
import type { Misfit } from '../../functions/projection/types/policy.ts';
import { readBack } from '../../functions/projection/types/read_back.ts';
import { bindOf, bindText, ddlOf, readText } from '../../functions/projection/types/sql.ts';
import { valueFor } from '../../functions/projection/types/value.ts';
import { readJson } from '../../functions/protocol/json.ts';

const bytes = (length: number): ColumnType => ({ kind: 'text', length, unit: 'bytes' });
const characters = (length: number): ColumnType => ({ kind: 'text', length, unit: 'characters' });
const CLOB: ColumnType = { kind: 'clob' };
const BOOLEAN: ColumnType = { kind: 'boolean', native: false };
const JSON_TEXT: ColumnType = { kind: 'json', native: false };
const NATIVE_JSON: ColumnType = { kind: 'json', native: true };
const RAW: ColumnType = { kind: 'raw', length: 16, encoding: 'hex' };

test('each type has its SQL, which no setting of a session changes', () => {
  const timestamp = (fraction: number, zone: boolean): ColumnType => ({
    kind: 'timestamp',
    formats: ['iso'],
    fraction,
    zone,
  });
  const DAY = 'YYYY-MM-DD HH24:MI:SS';
  for (const [type, ddl, bind, read, maxSize] of [
    [{ kind: 'number', precision: null, scale: null }, 'NUMBER', ':c', "TO_CHAR(t.X, 'TM9')", 65],
    [{ kind: 'number', precision: 10, scale: 2 }, 'NUMBER(10, 2)', ':c', "TO_CHAR(t.X, 'TM9')", 65],
    [{ kind: 'number', precision: null, scale: 2 }, 'NUMBER(38, 2)', ':c', "TO_CHAR(t.X, 'TM9')", 65],
    [{ kind: 'double' }, 'BINARY_DOUBLE', ':c', 't.X', null],
    [bytes(20), 'VARCHAR2(20 BYTE)', ':c', 't.X', 20],
    [characters(20), 'VARCHAR2(20 CHAR)', ':c', 't.X', 80],
    [characters(2000), 'VARCHAR2(2000 CHAR)', ':c', 't.X', 4000],
    [CLOB, 'CLOB', ':c', 't.X', null],
    [BOOLEAN, 'NUMBER(1)', ':c', 'TO_CHAR(t.X)', 1],
    [
      { kind: 'boolean', native: true },
      'BOOLEAN',
      'TO_BOOLEAN(:c)',
      "CASE WHEN t.X THEN '1' WHEN NOT t.X THEN '0' END",
      1,
    ],
    [{ kind: 'date', formats: ['iso'] }, 'DATE', `TO_DATE(:c, '${DAY}')`, `TO_CHAR(t.X, '${DAY}')`, 36],
    [timestamp(0, false), 'TIMESTAMP(0)', `TO_TIMESTAMP(:c, '${DAY}')`, `TO_CHAR(t.X, '${DAY}')`, 36],
    [timestamp(3, false), 'TIMESTAMP(3)', `TO_TIMESTAMP(:c, '${DAY}.FF3')`, `TO_CHAR(t.X, '${DAY}.FF3')`, 36],
    [
      timestamp(9, true),
      'TIMESTAMP(9) WITH TIME ZONE',
      `TO_TIMESTAMP_TZ(:c, '${DAY}.FF9 TZH:TZM')`,
      `TO_CHAR(t.X, '${DAY}.FF9 TZH:TZM')`,
      36,
    ],
    [RAW, 'RAW(16)', 'HEXTORAW(:c)', 'RAWTOHEX(t.X)', 32],
    [JSON_TEXT, 'CLOB', ':c', 't.X', null],
    [NATIVE_JSON, 'JSON', ':c', 'JSON_SERIALIZE(t.X RETURNING CLOB)', null],
  ] as const satisfies readonly (readonly [ColumnType, string, string, string, number | null])[]) {
    assert.deepEqual([ddlOf(type), bindText(type, 'c'), readText(type, 't.X')], [ddl, bind, read]);
    assert.deepEqual(bindOf(type), { as: type.kind === 'double' ? 'double' : 'text', maxSize });
  }
});

test('up to 64 characters are written without an exponent, the sign not counted', () => {
  for (const [digits, power, spelling] of [
    ['1'.repeat(64), 0, '1'.repeat(64)],
    [`${'1'.repeat(64)}2`, 0, `1.${'1'.repeat(63)}2E64`],
    ['12', 62, `12${'0'.repeat(62)}`],
    ['12', 63, '1.2E64'],
    ['12', -62, `0.${'0'.repeat(60)}12`],
    ['12', -63, '1.2E-62'],
    [`${'1'.repeat(62)}2`, -1, `${'1'.repeat(62)}.2`],
  ] as const)
    for (const negative of [false, true])
      assert.equal(spelt({ negative, digits, power }), `${negative ? '-' : ''}${spelling}`);
});

const ALL: readonly ColumnType[] = [
  { kind: 'number', precision: null, scale: null },
  { kind: 'number', precision: 5, scale: 2 },
  { kind: 'double' },
  bytes(9),
  characters(9),
  CLOB,
  BOOLEAN,
  { kind: 'date', formats: ['iso', 'seconds', 'milliseconds'] },
  { kind: 'timestamp', zone: true, fraction: 2, formats: ['milliseconds', 'iso'] },
  RAW,
  { kind: 'raw', length: 4, encoding: 'base64' },
  JSON_TEXT,
  NATIVE_JSON,
];

test('whatever a document holds, a column gets it, or what its policies say, or a problem; and what is bound reads as it is', () => {
  const texts = fc.oneof(
    fc.stringMatching(/^-?[0-9]{1,3}(\.[0-9]{1,5})?(e-?[0-9]{1,3})?$/),
    fc.stringMatching(
      /^[0-9]{4}-[01][0-9]-[0-3][0-9]([T ][0-2][0-9]:[0-5][0-9](:[0-6][0-9](\.[0-9]{1,4})?)?(Z|[+-][01][0-9]:?[0-5][0-9])?)?$/,
    ),
    fc.stringMatching(/^[0-9a-fA-F]{0,8}$/),
  );
  const values = fc.oneof(
    texts,
    fc.jsonValue({ maxDepth: 2 }),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
  );
  const misfits = fc.constantFrom<Misfit>(
    { kind: 'refuse' },
    { kind: 'null' },
    { kind: 'round', rule: 'half-even' },
    { kind: 'round', rule: 'down' },
  );
  fc.assert(
    fc.property(values, misfits, fc.constantFrom(...ALL), (value, misfit, type) => {
      const json = readJson(JSON.stringify(value)) ?? undefined;
      const held = valueFor({ type, missing: { kind: 'null' }, misfit }, json);
      if ('problem' in held) {
        assert.notEqual(misfit.kind, 'null');
        return;
      }
      assert.ok(held.became === null || held.became === (misfit.kind === 'null' ? 'null' : 'rounded'));
      if (held.became === 'null') assert.equal(held.bound, null);
      const read = type.kind === 'double' && held.bound !== null ? Number(held.bound) : held.bound;
      assert.equal(readBack(type, read), held.bound);
      const { maxSize } = bindOf(type);
      assert.ok(maxSize === null || Buffer.byteLength(held.bound ?? '') <= maxSize);
    }),
    { numRuns: 1500, seed: 32 },
  );
});
