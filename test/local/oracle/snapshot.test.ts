import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { inMemory } from '../../../infra/local/servers/oracle/snapshot.ts';

const PACKAGE = new URL('../../../node_modules/@electric-sql/pglite/package.json', import.meta.url);

test('a broken snapshot is replaced, and a database that is loaded has nothing of another one', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'crossfade-'));
  const tables = async () => {
    const database = await inMemory(folder);
    const { rows } = await database.query(`SELECT tablename FROM pg_tables WHERE schemaname = 'public'`);
    await database.exec('CREATE TABLE kept (k int)');
    await database.close();
    return rows;
  };
  try {
    const { version } = JSON.parse(await readFile(PACKAGE, 'utf8'));
    const file = `pglite-${version}.tar`;
    await writeFile(join(folder, file), 'no archive');
    assert.deepEqual([await tables(), await tables()], [[], []]);
    assert.deepEqual(await readdir(folder), [file]);
    assert.ok((await readFile(join(folder, file))).length > 1_000_000);
  } finally {
    await rm(folder, { recursive: true });
  }
});
