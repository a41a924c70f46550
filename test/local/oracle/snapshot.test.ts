import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { test } from 'node:test';
import { inMemory, snapshotIn } from '../../../infra/local/servers/oracle/snapshot.ts';

const TABLES = `SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename`;

test('a broken snapshot is replaced, and a database that is loaded has nothing of another one', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'crossfade-'));
  const opened = async () => {
    const database = await inMemory(folder);
    const [{ rows: tables }, { rows: ids }] = [
      await database.query<{ tablename: string }>(TABLES),
      await database.query<{ DBID: number }>('SELECT "DBID" FROM "V$DATABASE"'),
    ];
    await database.exec('CREATE TABLE kept (k int)');
    await database.close();
    return {
      tables: tables.map(({ tablename }) => tablename).join(),
      id: ids.map(({ DBID }) => DBID).join(),
    };
  };
  try {
    const file = await snapshotIn(folder);
    await writeFile(file, 'no archive');
    const [first, second, third] = [await opened(), await opened(), await opened()];
    assert.deepEqual(await readdir(folder), [basename(file)]);
    assert.ok((await readFile(file)).length > 1_000_000);
    for (const { tables } of [first, second, third])
      assert.equal(tables, 'DUAL,NLS_DATABASE_PARAMETERS,V$DATABASE');
    assert.equal(new Set([first.id, second.id, third.id]).size, 3);
  } finally {
    await rm(folder, { recursive: true });
  }
});
