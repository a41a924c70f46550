/** Which packages of others the bundle of the functions holds. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Metafile } from 'esbuild';

export const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** A package, as it is installed. */
export interface Bundled {
  readonly name: string;
  readonly version: string;
  /** An expression of SPDX, as its authors say it. */
  readonly license: string;
  readonly author: string | null;
  /** From the root of the project, with slashes: its name in the lock file. */
  readonly folder: string;
}

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly license?: string;
  readonly author?: string | { readonly name: string };
}

const FOLDER = /(?:^|.*?\/)(node_modules\/(?:.*node_modules\/)?(?:@[^/]+\/)?[^/]+)\//;

/** In the order of their folders. @param metafile of a build: what of a package is left out of it does not count. */
export function packagesIn({ outputs }: Metafile): Bundled[] {
  const folders = Object.values(outputs).flatMap(({ inputs }) =>
    Object.entries(inputs).flatMap(([path, { bytesInOutput }]) => {
      const [, folder] = bytesInOutput > 0 ? (FOLDER.exec(path) ?? []) : [];
      return folder ?? [];
    }),
  );
  return [...new Set(folders)].sort().map(packageAt);
}

/** @param folder from the root of the project. */
export function packageAt(folder: string): Bundled {
  const text = readFileSync(join(ROOT, folder, 'package.json'), 'utf8');
  const { name, version, license = 'none is named', author } = JSON.parse(text) as Manifest;
  return {
    name,
    version,
    license,
    folder,
    author: (typeof author === 'object' ? author.name : author) ?? null,
  };
}
