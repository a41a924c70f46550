/**
 * Which release of the stores' code a bundle has: certificates are about it. All that decides what is sent to the stores is part of it, and the drivers;
 * comments, and all other code, are not: a certificate outlives their changes.
 */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { transform } from 'esbuild';
import { type Bundled, packageAt, ROOT } from './packages.ts';

/** What the stores import beside them is texts and patterns of keys (`parsing`), and what runs keep (`records`). */
export const FOLDERS = ['functions/projection', 'functions/protocol', 'functions/stores'] as const;
const DRIVERS = ['node_modules/couchbase', 'node_modules/oracledb'];

/** The same for the same code, 16 characters. */
export async function storesCode(): Promise<string> {
  const names = FOLDERS.flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts'))
      .map((name) => `${folder}/${name.replaceAll('\\', '/')}`),
  );
  const sources = names.map((name) => [name, readFileSync(join(ROOT, name), 'utf8')] as const);
  return codeOf(sources, DRIVERS.map(packageAt));
}

/** @param sources names of files with their texts. */
export async function codeOf(
  sources: readonly (readonly [name: string, text: string])[],
  drivers: readonly Pick<Bundled, 'name' | 'version'>[],
): Promise<string> {
  const plain = await Promise.all(
    sources.map(async ([name, text]) => {
      const { code } = await transform(text, { loader: 'ts', minifyWhitespace: true, legalComments: 'none' });
      return `${name}\n${code}`;
    }),
  );
  const all = [...plain.sort(), ...drivers.map(({ name, version }) => `${name}@${version}`)];
  return createHash('sha256').update(JSON.stringify(all)).digest('base64url').slice(0, 16);
}
