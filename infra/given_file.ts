/** Files that a command is given: what is the matter with one that cannot be read, loaded or written, and what to do. */
import { constants } from 'node:fs';
import { access, mkdir } from 'node:fs/promises';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

/** A file that an option names is of no use. Nothing was done. */
export class BadFile extends Error {
  override readonly name = 'BadFile';
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file or folder',
  EACCES: 'you may not',
  EEXIST: 'it is no folder',
  EISDIR: 'it is a folder',
  ENOTDIR: 'a part of its path is no folder',
};

/**
 * Does something with a file. Throws `BadFile` where the system refuses it.
 * @param code of the message. @param verb what cannot be done then, as `read`. @param next what to do about it, as a clause.
 */
export async function withFile<Result>(
  { code, file, verb, next }: Record<'code' | 'file' | 'verb' | 'next', string>,
  act: () => Promise<Result>,
): Promise<Result> {
  try {
    return await act();
  } catch (error) {
    const { code: refused } = error as NodeJS.ErrnoException;
    const reason = REASONS[refused ?? ''];
    if (reason === undefined) throw error;
    throw new BadFile(`${code}: ${file} cannot be ${verb}, ${reason} (${refused}): ${next}`);
  }
}

/** A folder that can be written into, which is made where there is none. Throws `BadFile`. @param option that names it. */
export async function usableFolder(option: string, folder: string): Promise<void> {
  const next = `${option} must name a folder that you may write into, or one that there is not yet`;
  await withFile({ code: 'DATA_FOLDER', file: folder, verb: 'used', next }, async () => {
    await mkdir(folder, { recursive: true });
    await access(folder, constants.W_OK);
  });
}

const DEFAULT = 'it must export the settings as its default, as infra/crossfade.config.ts does';

/** What a module exports as its default. Throws `BadFile`. @param option that names the file. */
export async function loaded<Settings extends object>(option: string, file: string): Promise<Settings> {
  const path = resolve(file);
  const next = `${option} must name a file with the configuration`;
  await withFile({ code: 'CONFIG_FILE', file, verb: 'read', next }, () => access(path, constants.R_OK));
  let found: { readonly default?: unknown };
  try {
    found = (await import(pathToFileURL(path).href)) as typeof found;
  } catch (error) {
    const [first] = String((error as Error).message ?? error).split('\n');
    throw new BadFile(`CONFIG_FILE: ${file} cannot be loaded (${first}): mend it; ${DEFAULT}`);
  }
  if (typeof found.default === 'object' && found.default !== null) return found.default as Settings;
  throw new BadFile(`CONFIG_FILE: ${file} has no default export: ${DEFAULT}`);
}
