import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { globSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { bundle, bundledPackages } from '../../infra/bundle.ts';
import { ROOT } from '../../infra/bundled/packages.ts';
import { sbomOf } from '../../infra/bundled/sbom.ts';
import { codeOf, FOLDERS, storesCode } from '../../infra/bundled/stores_code.ts';
import { platform } from '../../infra/local/start.ts';
import { checkSettings } from '../../infra/settings.ts';
import config from '../shop.config.ts';

const folder = mkdtempSync(join(tmpdir(), 'crossfade-'));
after(() => rmSync(folder, { recursive: true }));
const { configuration } = checkSettings(config, 'test');

test('the same sources make the same bundle, so that nothing is deployed anew without need', async () => {
  const hashes = await Promise.all(
    ['a', 'b'].map(async (name) => {
      const into = join(folder, name);
      await bundle(into, configuration, platform());
      const hash = createHash('sha256');
      for (const file of readdirSync(into)) hash.update(file).update(readFileSync(join(into, file)));
      return hash.digest('hex');
    }),
  );
  assert.equal(hashes[0], hashes[1]);
});

test('a bundle holds one addon, the configuration, and far less than Lambda takes', async () => {
  const sizes = await bundle(join(folder, 'c'), configuration, platform());
  assert.deepEqual(
    [...sizes.keys()].filter((name) => !name.endsWith('.mjs')),
    ['LICENCES.txt', 'couchbase.node', 'crossfade.json', 'stores.json'],
  );
  const total = [...sizes.values()].reduce((sum, size) => sum + size, 0);
  assert.ok(total < 60 * 1024 * 1024, String(total));
});

test('the code of the stores has a name, which comments, types and the order of files do not change, and code and drivers do', async () => {
  const [driver, other] = ['4.7.0', '4.7.1'].map((version) => [{ name: 'couchbase', version }]);
  const read = ['stores/read.ts', 'export const read = (key: string) => ask(key, 1);'] as const;
  const write = ['stores/write.ts', 'export const write = 2;'] as const;
  const code = await codeOf([read, write], driver ?? []);
  const said = [
    read[0],
    `// Asks once.\n${read[1].replace(': string', ': Key').replace('=>', '=>\n ')}`,
  ] as const;
  assert.equal(await codeOf([write, said], driver ?? []), code);
  for (const changed of [
    codeOf([[read[0], read[1].replace('1', '2')], write], driver ?? []),
    codeOf([read], driver ?? []),
    codeOf([read, write], other ?? []),
  ])
    assert.notEqual(await changed, code);
  const bundled = JSON.parse(readFileSync(join(folder, 'c', 'stores.json'), 'utf8'));
  assert.deepEqual(bundled, { code: await storesCode() });
});

test('the code of the stores is all that decides what is sent to them', () => {
  const sources = globSync(`${ROOT}functions/stores/**/*.ts`).map((file) => readFileSync(file, 'utf8'));
  const imported = sources.flatMap((text) =>
    [...text.matchAll(/ from '(?:\.\.\/)+([a-z_]+)\//g)].map(([, name]) => name),
  );
  const others = new Set(['parsing', 'records', 'stores']);
  const wanted = [...new Set(imported)].filter((name) => name !== undefined && !others.has(name));
  assert.ok(wanted.length > 0);
  assert.deepEqual(
    wanted.map((name) => `functions/${name}`).filter((name) => !FOLDERS.some((each) => each === name)),
    [],
  );
});

test('what others have made of a bundle is listed with its hash, and their licences are in it', async () => {
  // The test before has made it.
  const licences = readFileSync(join(folder, 'c', 'LICENCES.txt'), 'utf8');
  const packages = await bundledPackages(platform());
  const { components } = sbomOf(packages, '0.1.0') as { components: { purl: string; hashes: unknown[] }[] };
  for (const { name, version, license } of packages) {
    assert.ok(licences.includes(`\n${name} ${version}\nLicence: ${license}\n`), name);
    const purl = `pkg:npm/${name.replace('@', '%40')}@${version}`;
    assert.ok(
      components.some((component) => component.purl === purl && component.hashes.length === 1),
      purl,
    );
  }
  const names = packages.map(({ name }) => name);
  for (const name of [
    'oracledb',
    'couchbase',
    `@couchbase/couchbase-${platform()}-napi`,
    '@aws-sdk/client-sqs',
  ])
    assert.ok(names.includes(name), name);
  // It is told apart what is installed, and what is deployed.
  for (const name of ['hdr-histogram-js', 'commander', 'cmake-js']) assert.ok(!names.includes(name), name);
  for (const text of ['Permission is hereby granted, free of charge', 'TERMS AND CONDITIONS FOR USE'])
    assert.ok(licences.includes(text), text);
});

test('another version than the lock file names is not listed as that one', () => {
  const other = {
    name: 'valibot',
    version: '0.0.1',
    license: 'MIT',
    author: null,
    folder: 'node_modules/valibot',
  };
  assert.throws(() => sbomOf([other], '0.1.0'), /valibot is 0\.0\.1, and 1\..* in the lock file: run npm ci/);
});

test('an addon that npm has not installed is told how to get', async () => {
  await assert.rejects(
    bundle(join(folder, 'd'), configuration, 'plan9-mips'),
    /npm install --no-save --force @couchbase\/couchbase-plan9-mips-napi@4\.7\.0/,
  );
});
