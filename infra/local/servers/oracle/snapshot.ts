/**
 * A PostgreSQL in memory as it is after its first start. To make one takes 4 seconds of processor time, to load one less than a second,
 * and each test file starts a server of its own.
 */
import { createHash, randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PGlite } from '@electric-sql/pglite';
import { PRELUDE } from './engine.ts';

/** `npm ci` empties it. */
const CACHE = fileURLToPath(new URL('../../../../node_modules/.cache/crossfade', import.meta.url));

/** The archive is loaded whole, so it is kept small: by default each of the write-ahead log's files has 16 MB. */
const INITDB = ['--encoding=UTF8', '--wal-segsize=1'];

/** By default 128 MB. Its tables lie in memory already. */
const BUFFERS = ['-c', 'shared_buffers=16MB'];

/** The two databases that new ones are copied from: two thirds of an archive, and nobody creates one. */
const DROPPED = [
  `UPDATE pg_database SET datistemplate = false WHERE datname LIKE 'template_'`,
  'DROP DATABASE template0',
  'DROP DATABASE template1',
];

/** Each database is another one than those that were loaded from the same archive. */
const ANOTHER = `UPDATE "V$DATABASE" SET "DBID" = floor(random() * 4294967295) + 1`;

/** @param folder where the snapshot lies, or is put by whichever process is the first. */
export async function inMemory(folder: string = CACHE): Promise<PGlite> {
  const file = await snapshotIn(folder);
  return (await loaded(file)) ?? (await created(file));
}

export async function snapshotIn(folder: string): Promise<string> {
  return join(folder, `pglite-${await version()}.tar`);
}

/** Null where there is no snapshot, or none that can be used. */
async function loaded(file: string): Promise<PGlite | null> {
  try {
    const database = await PGlite.create({
      loadDataDir: new Blob([await readFile(file)]),
      startParams: [...PGlite.defaultStartParams, ...BUFFERS],
    });
    await database.exec(ANOTHER);
    return database;
  } catch {
    return null;
  }
}

async function created(file: string): Promise<PGlite> {
  const database = await PGlite.create({ initDbStartParams: INITDB });
  await database.exec(PRELUDE);
  for (const statement of [...DROPPED, 'CHECKPOINT']) await database.exec(statement);
  const snapshot = await database.dumpDataDir('none');
  // A cache that cannot be written costs time only.
  await written(file, Buffer.from(await snapshot.arrayBuffer())).catch(() => {});
  return database;
}

/** Whole or not at all: other processes start at the same time. */
async function written(file: string, bytes: Buffer): Promise<void> {
  const part = `${file}.${randomUUID()}`;
  await mkdir(join(file, '..'), { recursive: true });
  await writeFile(part, bytes);
  await rename(part, file);
}

/** Of the package, and of what is done to it here: another version's snapshot is none of ours. */
async function version(): Promise<string> {
  const entry = createRequire(import.meta.url).resolve('@electric-sql/pglite');
  const text = await readFile(join(entry, '../../package.json'), 'utf8');
  const made = createHash('sha256')
    .update([...INITDB, ...DROPPED, PRELUDE].join())
    .digest('hex')
    .slice(0, 8);
  return `${(JSON.parse(text) as { version: string }).version}-${made}`;
}
