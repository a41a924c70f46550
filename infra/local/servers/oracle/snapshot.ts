/**
 * A PostgreSQL in memory as it is after its first start. To make one takes 2 to 5 seconds of processor time, to load one a fraction of
 * that, and each test file starts a server of its own.
 */
import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PGlite } from '@electric-sql/pglite';

/** `npm ci` empties it. */
const CACHE = fileURLToPath(new URL('../../../../node_modules/.cache/crossfade', import.meta.url));

/** @param folder where the snapshot lies, or is put by whichever process is the first. */
export async function inMemory(folder: string = CACHE): Promise<PGlite> {
  const file = join(folder, `pglite-${await version()}.tar`);
  return (await loaded(file)) ?? (await created(file));
}

/** Null where there is no snapshot, or none that can be used. */
async function loaded(file: string): Promise<PGlite | null> {
  try {
    return await PGlite.create({ loadDataDir: new Blob([await readFile(file)]) });
  } catch {
    return null;
  }
}

async function created(file: string): Promise<PGlite> {
  const database = await PGlite.create();
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

/** Of the package: another version's snapshot is none of ours. */
async function version(): Promise<string> {
  const entry = createRequire(import.meta.url).resolve('@electric-sql/pglite');
  const text = await readFile(join(entry, '../../package.json'), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}
