/**
 * All functions as one bundle, so that they are always of one version: JavaScript by esbuild, the Couchbase driver's addon of one
 * platform, and the configuration.
 */
import { cpSync, existsSync, mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type BuildOptions, build, type Metafile, type Plugin } from 'esbuild';
import type { Parsed } from '../functions/configuration/configuration.ts';
import { licencesOf } from './bundled/licences.ts';
import { type Bundled, packageAt, packagesIn, ROOT } from './bundled/packages.ts';
import { storesCode } from './bundled/stores_code.ts';

const FUNCTIONS = fileURLToPath(new URL('../functions/', import.meta.url));
/** Lambdas, by the names of their files. */
export const ENTRIES = [
  'api',
  'reconcile',
  'schema',
  'plan',
  'backfill',
  'verify',
  'operate',
  'control',
  'certify',
  'feed',
  'authorize',
  'prove',
] as const;
export type Entry = (typeof ENTRIES)[number];

/**
 * What CommonJS finds around it and modules lack; and where the Couchbase driver looks for its addon, without the scripts that would
 * look for one of this machine.
 */
const BANNER = `import{createRequire as __make}from'node:module';
import{fileURLToPath as __path}from'node:url';
const require=__make(import.meta.url),__filename=__path(import.meta.url),__dirname=__path(new URL('.',import.meta.url));
process.env.CN_PREBUILD_PATH_OVERRIDE??=__dirname+'couchbase.node';`;

/** How whatever loads the drivers is built. */
export const BUILD = {
  // Licences stand in a file beside: most packages have them in none of their sources.
  // Names stay as they are, for whoever reads a log: shortened ones that are given back (`keepNames`) cost a start 20 ms.
  ...{ bundle: true, minifyWhitespace: true, minifySyntax: true, legalComments: 'none' },
  ...{ platform: 'node', target: 'node24', format: 'esm', logLevel: 'warning' },
  banner: { js: BANNER },
  external: ['*/scripts/prebuilds', '@opentelemetry/api'],
  // Modules before CommonJS: what nobody uses of the SDK is left out, and a cold start has a third less to load.
  mainFields: ['module', 'main'],
} satisfies BuildOptions;

/**
 * What the Couchbase driver's meters count with, which are off (see `connect.ts`). To load it takes 12 ms: it asks for the formats of all
 * languages.
 */
const WITHOUT_METERS: Plugin = {
  name: 'without meters',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^hdr-histogram-js$/ }, ({ path }) => ({ path, namespace: 'meters' }));
    const contents =
      "exports.build=()=>{throw new Error('The bundle has no meters: leave enableMetrics off')}";
    onLoad({ filter: /.*/, namespace: 'meters' }, () => ({ contents }));
  },
};

/** The licences of what the bundle holds. */
const LICENCES = 'LICENCES.txt';

function built(folder: string, write: boolean) {
  return build({
    entryPoints: ENTRIES.map((name) => join(FUNCTIONS, `${name}.ts`)),
    outdir: folder,
    outExtension: { '.js': '.mjs' },
    splitting: true,
    plugins: [WITHOUT_METERS],
    ...{ ...BUILD, metafile: true, write },
  });
}

/** What the bundle holds of others. Throws as `bundle` does. */
export async function bundledPackages(platform: Platform): Promise<Bundled[]> {
  const addon = addonOf(platform);
  return withAddon((await built('nowhere', false)).metafile, addon);
}

function withAddon(metafile: Metafile, addon: string): Bundled[] {
  const folder = relative(ROOT, dirname(addon)).replaceAll(sep, '/');
  return [...packagesIn(metafile), packageAt(folder)];
}

/** As the Couchbase driver names its packages of addons: linux-x64, darwin-arm64, … */
export type Platform = `${string}-${string}`;

/** Writes the bundle into an empty folder, and returns the sizes of its files in bytes. */
export async function bundle(
  folder: string,
  configuration: Parsed,
  platform: Platform,
): Promise<ReadonlyMap<string, number>> {
  const addon = addonOf(platform);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const { metafile } = await built(folder, true);
  cpSync(addon, join(folder, 'couchbase.node'));
  writeFileSync(join(folder, 'crossfade.json'), JSON.stringify(configuration));
  writeFileSync(join(folder, 'stores.json'), JSON.stringify({ code: await storesCode() }));
  writeFileSync(join(folder, LICENCES), licencesOf(withAddon(metafile, addon)));
  return new Map(readdirSync(folder).map((name) => [name, statSync(join(folder, name)).size]));
}

/** The path of the driver's addon. Throws where npm has not installed the one for that platform. */
function addonOf(platform: Platform): string {
  const name = `@couchbase/couchbase-${platform}-napi`;
  const driver = createRequire(createRequire(import.meta.url).resolve('couchbase'));
  const folder = driver.resolve
    .paths(name)
    ?.map((each) => join(each, name))
    .find(existsSync);
  const addon = folder === undefined ? undefined : readdirSync(folder).find((file) => file.endsWith('.node'));
  if (folder === undefined || addon === undefined)
    throw new Error(
      `npm has not installed the Couchbase driver for ${platform}. Run: npm install --no-save --force ${name}@` +
        (driver(join(dirname(driver.resolve('couchbase')), '../package.json')) as { version: string })
          .version,
    );
  return join(folder, addon);
}
