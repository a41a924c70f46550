/** What the real driver reads of how hard the database works, with and without the rights. */
import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { READINGS, type ReadingName, type Readings } from '../../functions/stores/load.ts';
import { readLoad } from '../../functions/stores/oracle/readings.ts';
import type { ViewName, ViewRow } from '../../infra/local/servers/oracle/known_views.ts';
import type { Running } from '../../infra/local/servers/oracle/start.ts';
import { type TestDatabase, testDatabase } from './oracle/database.ts';

const skip = process.env.ORACLE_CONNECT_STRING !== undefined && 'a database of your own takes no orders';
const CALL = 300;

let database: TestDatabase;
let server: Running;
before(async () => {
  database = await testDatabase({ timeout: 2000, size: 2 });
  server = database.server as Running;
});
after(() => database.stop());
afterEach(() => server?.calm());

const read = (names: readonly ReadingName[] = READINGS): Promise<Readings> =>
  readLoad(database.connection, names, CALL);
const value = (number: number) => ({ kind: 'value', value: number });

async function shows(name: ReadingName, views: Partial<Record<ViewName, ViewRow[]>>, expected: unknown) {
  for (const [view, rows] of Object.entries(views)) await server.show(view as ViewName, rows);
  assert.deepEqual(await read([name]), { [name]: expected });
}

test('a user without grants reads nothing, and nothing fails', { skip }, async () => {
  assert.deepEqual(await read(), Object.fromEntries(READINGS.map((name) => [name, { kind: 'notGranted' }])));
});

test('a right that is missing costs its own reading alone, whichever of the views it is', {
  skip,
}, async () => {
  await server.show('V$RECOVERY_FILE_DEST', [{ SPACE_LIMIT: 100, SPACE_USED: 40, SPACE_RECLAIMABLE: 0 }]);
  await server.show('V$UNDOSTAT', [{ BEGIN_TIME: '2026-11-27 10:00:00', UNDOTSN: 2, ACTIVEBLKS: 5 }]);
  await server.show('V$TABLESPACE', [{ 'TS#': 2, NAME: 'UNDO' }]);
  const { recoveryArea, undo } = await read(['recoveryArea', 'undo']);
  assert.deepEqual([recoveryArea, undo], [value(40), { kind: 'notGranted' }]);
  for (const [number, text] of [
    [942, 'table or view does not exist'],
    [1031, 'insufficient privileges'],
    [41_900, 'missing READ privilege on "SYS"."V_$RECOVERY_FILE_DEST"'],
  ] as const) {
    await server.fault({
      ...{ operation: 'execute', statement: 'V$RECOVERY_FILE_DEST', times: 1 },
      action: { kind: 'error', number, text },
    });
    assert.deepEqual(await read(['recoveryArea']), { recoveryArea: { kind: 'notGranted' } });
  }
});

test('of a recovery area counts what Oracle cannot delete by itself; where there is none it is said', {
  skip,
}, async () => {
  const area = (SPACE_USED: number, SPACE_RECLAIMABLE: number, SPACE_LIMIT = 2000) => ({
    V$RECOVERY_FILE_DEST: [{ SPACE_LIMIT, SPACE_USED, SPACE_RECLAIMABLE }],
  });
  await shows('recoveryArea', area(1850, 20), value(91.5));
  await shows('recoveryArea', area(0, 0, 0), { kind: 'none' });
  await shows('recoveryArea', { V$RECOVERY_FILE_DEST: [] }, { kind: 'none' });
});

test('the lag is that of the slowest standby that gets redo; a view that is empty on a primary does not hide it', {
  skip,
}, async () => {
  const behind = (seconds: number) => Math.floor(Date.now() / 1000) - seconds;
  await server.show('V$DATAGUARD_STATS', []);
  await server.show('V$ARCHIVE_DEST', [
    { TARGET: 'PRIMARY', STATUS: 'VALID', APPLIED_SCN: 0 },
    { TARGET: 'STANDBY', STATUS: 'VALID', APPLIED_SCN: behind(10) },
    { TARGET: 'STANDBY', STATUS: 'VALID', APPLIED_SCN: behind(700) },
    { TARGET: 'STANDBY', STATUS: 'DEFERRED', APPLIED_SCN: behind(9000) },
    { TARGET: 'PRIMARY', STATUS: 'INACTIVE' },
  ]);
  const { standbyLag: lag } = await read(['standbyLag']);
  assert.ok(lag?.kind === 'value' && lag.value >= 699 && lag.value < 720, JSON.stringify(lag));
  await server.fault({
    ...{ operation: 'execute', statement: 'V$ARCHIVE_DEST', times: 1 },
    action: { kind: 'error', number: 8181, text: 'specified number is not a valid system change number' },
  });
  assert.deepEqual(await read(['standbyLag']), { standbyLag: value(432_000) });
  await shows('standbyLag', { V$ARCHIVE_DEST: [{ TARGET: 'PRIMARY', STATUS: 'VALID' }] }, { kind: 'none' });
});

test('of undo and TEMP counts what is in use now, beside what their files may grow to', {
  skip,
}, async () => {
  const stat = (BEGIN_TIME: string, ACTIVEBLKS: number) => ({ BEGIN_TIME, UNDOTSN: 2, ACTIVEBLKS });
  await shows(
    'undo',
    {
      V$UNDOSTAT: [stat('2026-11-27 10:00:00', 900), stat('2026-11-27 10:10:00', 300)],
      V$TABLESPACE: [
        { 'TS#': 2, NAME: 'UNDO' },
        { 'TS#': 3, NAME: 'USERS' },
      ],
      DBA_DATA_FILES: [
        { TABLESPACE_NAME: 'UNDO', BLOCKS: 100, MAXBLOCKS: 300 },
        { TABLESPACE_NAME: 'UNDO', BLOCKS: 200, MAXBLOCKS: 0 },
        { TABLESPACE_NAME: 'USERS', BLOCKS: 9000, MAXBLOCKS: 0 },
      ],
    },
    value(60),
  );
  await shows(
    'temp',
    {
      DBA_TEMP_FREE_SPACE: [
        { TABLESPACE_NAME: 'TEMP', TABLESPACE_SIZE: 1000, FREE_SPACE: 400 },
        { TABLESPACE_NAME: 'OTHERS', TABLESPACE_SIZE: 1000, FREE_SPACE: 0 },
      ],
      DBA_TEMP_FILES: [{ TABLESPACE_NAME: 'TEMP', BYTES: 1000, MAXBYTES: 2000 }],
    },
    value(30),
  );
});

test('of sessions and processes the fuller one counts, and one without a limit does not', {
  skip,
}, async () => {
  const limit = (RESOURCE_NAME: string, CURRENT_UTILIZATION: number, LIMIT_VALUE: string) => ({
    ...{ RESOURCE_NAME, CURRENT_UTILIZATION, LIMIT_VALUE },
  });
  const others = limit('enqueue_locks', 99, '       100');
  const rows = (sessions: string) => [
    others,
    limit('processes', 30, '       300'),
    limit('sessions', 90, sessions),
  ];
  await shows('sessions', { V$RESOURCE_LIMIT: rows('       472') }, value(19.1));
  await shows('sessions', { V$RESOURCE_LIMIT: rows(' UNLIMITED') }, value(10));
  await shows('sessions', { V$RESOURCE_LIMIT: [others] }, { kind: 'none' });
});

test('of tablespaces those of the tables count', { skip }, async () => {
  const rows = [
    { TABLESPACE_NAME: 'USERS', USED_PERCENT: 42.06 },
    { TABLESPACE_NAME: 'SYSTEM', USED_PERCENT: 99 },
  ];
  await shows('tablespace', { DBA_TABLESPACE_USAGE_METRICS: rows }, value(42.1));
});

test('a view that fails is not known; one that hangs ends the look within one call', { skip }, async () => {
  const fault = { operation: 'execute', statement: 'V$RECOVERY_FILE_DEST', times: 1 } as const;
  await server.fault({ ...fault, action: { kind: 'error', number: 235, text: 'control file read' } });
  const failed = await read(['recoveryArea', 'sessions']);
  assert.deepEqual(failed, {
    ...{ recoveryArea: { kind: 'unknown', why: 'ORA-00235', slow: false } },
    ...{ sessions: { kind: 'none' } },
  });
  await server.fault({ ...fault, action: { kind: 'silence', applied: false } });
  const began = performance.now();
  const hung = await read(['recoveryArea', 'sessions']);
  assert.ok(performance.now() - began < 2000);
  assert.deepEqual(hung, { recoveryArea: { kind: 'unknown', why: 'no answer in 300 ms', slow: true } });
  // The same pool serves on.
  assert.deepEqual(await read(['sessions']), { sessions: { kind: 'none' } });
});
