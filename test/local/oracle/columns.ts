/** Types of columns, as tables of projections have them; declared in the test file of the server. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import oracledb from 'oracledb';
import type { ReleaseName } from '../../../infra/local/servers/oracle/releases.ts';
import type { Running } from '../../../infra/local/servers/oracle/start.ts';
import { relations } from './relations.ts';

const DATE = 'YYYY-MM-DD HH24:MI:SS';
const committed = { autoCommit: true };
const { STRING, DB_TYPE_BINARY_DOUBLE, DB_TYPE_CLOB } = oracledb;
const LOBS = {
  fetchTypeHandler: ({ dbType }: { dbType?: unknown }) =>
    dbType === DB_TYPE_CLOB ? { type: STRING } : undefined,
} as oracledb.ExecuteOptions;

/** A type, what is bound around a value, and how it is read; then values as they are bound, and as they come back. */
type Kept = readonly [
  type: string,
  bind: (name: string) => string,
  read: (column: string) => string,
  values: readonly (readonly [string | number, string | number])[],
];
const plain = (name: string) => `:${name}`;
const same = (column: string) => column;
const zoned = (fraction: number) => `${DATE}${fraction === 0 ? '' : `.FF${fraction}`} TZH:TZM`;
const as = (of: string, model: string) => ({
  bind: (name: string) => `${of}(:${name}, '${model}')`,
  read: (column: string) => `TO_CHAR(${column}, '${model}')`,
});
const dated = as('TO_DATE', DATE);
const stamped = as('TO_TIMESTAMP', `${DATE}.FF3`);
const seconds = as('TO_TIMESTAMP_TZ', zoned(0));
const nanos = as('TO_TIMESTAMP_TZ', zoned(9));

const TYPES: readonly Kept[] = [
  [
    'NUMBER',
    plain,
    (c) => `TO_CHAR(${c}, 'TM9')`,
    [
      ['-0.05', '-.05'],
      ['12345678901234567890123456789012345678', '12345678901234567890123456789012345678'],
      ['1e70', '1E+70'],
      ['-1.25e-80', '-1.25E-80'],
      ['1e-130', '1E-130'],
      [`${'9'.repeat(38)}e88`, `9.${'9'.repeat(37)}E+125`],
    ],
  ],
  ['NUMBER(5, -2)', plain, (c) => `TO_CHAR(${c}, 'TM9')`, [['12300', '12300']]],
  [
    'BINARY_DOUBLE',
    plain,
    same,
    [
      [0.1, 0.1],
      [-1.5e300, -1.5e300],
      [0, 0],
    ],
  ],
  [
    'VARCHAR2(3 CHAR)',
    plain,
    same,
    [
      ['ééé', 'ééé'],
      ['\0\u0001x', '\0\u0001x'],
    ],
  ],
  ['CLOB', plain, same, [['é'.repeat(40_000), 'é'.repeat(40_000)]]],
  [
    'DATE',
    dated.bind,
    dated.read,
    [
      ['0001-01-01 00:00:00', '0001-01-01 00:00:00'],
      ['2024-02-29 23:59:59', '2024-02-29 23:59:59'],
    ],
  ],
  ['TIMESTAMP(3)', stamped.bind, stamped.read, [['9999-12-31 23:59:59.999', '9999-12-31 23:59:59.999']]],
  [
    'TIMESTAMP(0) WITH TIME ZONE',
    seconds.bind,
    seconds.read,
    [['2024-02-29 00:30:00 +14:00', '2024-02-29 00:30:00 +14:00']],
  ],
  [
    'TIMESTAMP(9) WITH TIME ZONE',
    nanos.bind,
    nanos.read,
    [['2024-12-31 23:59:59.123456789 -05:30', '2024-12-31 23:59:59.123456789 -05:30']],
  ],
  ['RAW(4)', (name) => `HEXTORAW(:${name})`, (c) => `RAWTOHEX(${c})`, [['00ff', '00FF']]],
];
const NATIVE: readonly Kept[] = [
  [
    'BOOLEAN',
    (name) => `TO_BOOLEAN(:${name})`,
    (c) => `CASE WHEN ${c} THEN '1' WHEN NOT ${c} THEN '0' END`,
    [
      ['1', '1'],
      ['0', '0'],
    ],
  ],
  [
    'JSON',
    plain,
    (c) => `JSON_SERIALIZE(${c} RETURNING CLOB)`,
    [
      ['{"a":[1.50,"\\\\"]}', '{"a": [1.50, "\\\\"]}'],
      ['7', '7'],
    ],
  ],
];

export function columns(running: () => Running): void {
  kept(running);
  refused(running);
  relations(running);
}

async function opened(running: () => Running): Promise<oracledb.Connection> {
  return oracledb.getConnection({ user: 'app', password: 'secret', connectString: running().connectString });
}

/** In a session of that release. */
async function inRelease(
  running: () => Running,
  name: ReleaseName,
  act: (session: oracledb.Connection) => Promise<void>,
): Promise<void> {
  await running().release(name);
  const session = await opened(running);
  try {
    await act(session);
  } finally {
    await session.close();
    await running().release('19c');
  }
}

async function keptIn(session: oracledb.Connection, table: string, types: readonly Kept[]): Promise<void> {
  const listed = types.map(([type], n) => `c${n} ${type}`);
  await session.execute(`CREATE TABLE ${table} (k NUMBER PRIMARY KEY, ${listed.join(', ')})`);
  for (const [n, [type, bind, read, values]] of types.entries())
    for (const [v, [written, found]] of values.entries()) {
      const k = n * 10 + v;
      const c =
        typeof written === 'number'
          ? { type: DB_TYPE_BINARY_DOUBLE, val: written }
          : { type: STRING, maxSize: 100_000, val: written };
      await session.execute(`INSERT INTO ${table} (k, c${n}) VALUES (:k, ${bind('c')})`, { k, c }, committed);
      const { rows } = await session.execute(
        `SELECT ${read(`c${n}`)} FROM ${table} WHERE k = :k`,
        { k },
        LOBS,
      );
      assert.deepEqual(rows, [[found]], type);
    }
}

function kept(running: () => Running): void {
  test('types of projected columns give back what was bound, by the expressions that they are read by', async () => {
    await inRelease(running, '19c', (session) => keptIn(session, 'projected_kinds', TYPES));
    await inRelease(running, '23ai', (session) => keptIn(session, 'native_kinds', NATIVE));
    await inRelease(running, '19c', async (session) => {
      const { rows = [] } = await session.execute<unknown[]>(
        'SELECT data_type, data_length, data_precision, data_scale, char_used, char_length FROM USER_TAB_COLUMNS ' +
          "WHERE table_name IN ('PROJECTED_KINDS', 'NATIVE_KINDS') AND column_name <> 'K'",
      );
      const told = new Map(rows.map(([type, ...sizes]) => [`${type}/${sizes.join('/')}`, true]));
      for (const wanted of [
        ...[
          'NUMBER/////',
          'NUMBER//5/-2//',
          'BINARY_DOUBLE/////',
          'VARCHAR2/12///C/3',
          'CLOB/////',
          'DATE/////',
          'RAW/4////4',
        ],
        ...[
          'TIMESTAMP(3)///3//',
          'TIMESTAMP(0) WITH TIME ZONE///0//',
          'TIMESTAMP(9) WITH TIME ZONE///9//',
          'BOOLEAN/////',
          'JSON/////',
        ],
      ])
        assert.ok(told.has(wanted), `${wanted}: ${[...told.keys()].join(' ')}`);
    });
  });
}

function refused(running: () => Running): void {
  test('values that a projected column cannot hold are refused with Oracle’s numbers, and types that are not known', async () => {
    await inRelease(running, '23ai', async (session) => {
      await session.execute(
        'CREATE TABLE narrow_kinds (n NUMBER(3), v VARCHAR2(3 CHAR), w VARCHAR2(2000 CHAR), d DATE, r RAW(2), j JSON)',
      );
      const fails = (column: string, expression: string, value: string, errorNum: number) =>
        assert.rejects(
          session.execute(
            `INSERT INTO narrow_kinds (${column}) VALUES (${expression})`,
            { v: value },
            committed,
          ),
          { errorNum },
          `${column} ${value.length}`,
        );
      await fails('n', ':v', '1000', 1438);
      await fails('n', ':v', 'x', 1722);
      await fails('v', ':v', 'éééé', 12899);
      await fails('w', ':v', '\u{1f600}'.repeat(1001), 12899);
      await fails('d', `TO_DATE(:v, '${DATE}')`, '2023-02-30 00:00:00', 1843);
      await fails('d', `TO_DATE(:v, '${DATE}')`, 'today', 1861);
      await fails('d', "TO_DATE(:v, 'DD.MM.YYYY')", '01.02.2024', 1821);
      await fails('r', 'HEXTORAW(:v)', 'xy', 1465);
      await fails('r', 'HEXTORAW(:v)', '010203', 12899);
      await fails('j', ':v', '{', 40441);
      await session.execute('INSERT INTO narrow_kinds (n) VALUES (1)');
      await assert.rejects(session.execute("SELECT TO_CHAR(n, '999') FROM narrow_kinds"), { errorNum: 1481 });
      await assert.rejects(session.execute('CREATE TABLE nanos (t TIMESTAMP(9))'), { errorNum: 3001 });
    });
  });
}
