/** One stack at a time keeps its data in a folder: two would write over one another's documents, phases and messages. */
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BadFile } from '../given_file.ts';

const NAME = 'in-use';

/**
 * Takes the folder for a process. What one that has ended without a word has left counts for nothing. Throws `BadFile` where another one has it.
 * @param pid of the process. @returns gives it back.
 */
export async function claimFolder(folder: string, pid: number): Promise<() => Promise<void>> {
  const file = join(folder, NAME);
  const holder = Number(await readFile(file, 'utf8').catch(() => ''));
  if (holder !== pid && isAlive(holder))
    throw new BadFile(
      `DATA_IN_USE: ${folder} is used by the process ${holder}, which has not ended: stop it, or give --data another folder. Where that process is something else, delete ${file}`,
    );
  await writeFile(file, String(pid));
  return () => rm(file, { force: true });
}

function isAlive(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Of somebody else.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
