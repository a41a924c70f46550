/** Which packages each part of the project may import: its own and those of the root, which serve what is deployed and operated. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { build, type Metafile } from 'esbuild';
import { ENTRIES } from '../../infra/bundle.ts';

interface Manifest {
  readonly workspaces: readonly string[];
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

const ROOT = join(import.meta.dirname, '../..');
const manifestOf = (folder: string): Manifest =>
  JSON.parse(readFileSync(join(ROOT, folder, 'package.json'), 'utf8'));
const ROOT_MANIFEST = manifestOf('.');
const namesIn = (packages: Manifest['dependencies'] = {}) => new Set(Object.keys(packages));
const INSTALLED_FOR_OPERATORS = namesIn(ROOT_MANIFEST.dependencies);
const INSTALLED_FOR_DEPLOYING = new Set([
  ...INSTALLED_FOR_OPERATORS,
  ...namesIn(ROOT_MANIFEST.devDependencies),
]);

/** Of each file, what it imports when it runs: types are not there. */
let inputs: Metafile['inputs'];
before(async () => {
  const { metafile } = await build({
    entryPoints: ['functions/**/*.ts', 'infra/**/*.ts', 'test/**/*.ts'],
    ...{ absWorkingDir: ROOT, outdir: 'nowhere', write: false, metafile: true, logLevel: 'error' },
    ...{
      bundle: true,
      splitting: true,
      packages: 'external',
      format: 'esm',
      platform: 'node',
      target: 'es2024',
    },
  });
  inputs = metafile.inputs;
});

/** `@aws-sdk/client-sqs` of `@aws-sdk/client-sqs/dist/x`. */
const packageOf = (specifier: string) => specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');

/** What a file loads by name with the function that `createRequire` makes, which esbuild does not follow. */
function loadedByName(file: string): string[] {
  const source = readFileSync(join(ROOT, file), 'utf8');
  if (!source.includes('createRequire(')) return [];
  return [...source.matchAll(/(?:\bload|\brequire|\.resolve)\('([^'.][^']*)'\)/g)].map(
    ([, name]) => name as string,
  );
}

function packagesOf(file: string): Set<string> {
  const imported = (inputs[file]?.imports ?? []).filter(({ external }) => external).map(({ path }) => path);
  const names = [...imported, ...loadedByName(file)].filter((name) => !name.startsWith('node:'));
  return new Set(names.map(packageOf));
}

function reachedFrom(...entries: readonly string[]): Set<string> {
  const reached = new Set(entries);
  for (const file of reached) {
    assert.ok(inputs[file] !== undefined, `${file} is no file of the project`);
    for (const { path, external } of inputs[file].imports) if (external !== true) reached.add(path);
  }
  return reached;
}

/** Each file with a package that it imports and may not. */
function undeclared(files: Iterable<string>, declaredFor: (file: string) => ReadonlySet<string>): string[] {
  return [...files].flatMap((file) => {
    const declared = declaredFor(file);
    return [...packagesOf(file)]
      .filter((name) => !declared.has(name))
      .map((name) => `${file} imports ${name}`);
  });
}

const functions = ENTRIES.map((name) => `functions/${name}.ts`);
const console = 'infra/console/main.ts';

test('what operators run and what is deployed need only the dependencies of the root package', () => {
  const files = reachedFrom(console, ...functions);
  assert.deepEqual(
    undeclared(files, () => INSTALLED_FOR_OPERATORS),
    [],
  );
});

test('a deployment needs only the packages of the root, without any workspace', () => {
  assert.deepEqual(
    undeclared(reachedFrom('infra/app.ts'), () => INSTALLED_FOR_DEPLOYING),
    [],
  );
});

test('every file imports packages of the root or of its own workspace, and no other', () => {
  const workspaceOf = (file: string) => ROOT_MANIFEST.workspaces.find((each) => file.startsWith(`${each}/`));
  const files = Object.keys(inputs);
  assert.ok(files.length > 600, `only ${files.length} files were found`);
  const declaredFor = (file: string) => {
    const workspace = workspaceOf(file);
    const own = workspace === undefined ? [] : namesIn(manifestOf(workspace).devDependencies);
    return new Set([...INSTALLED_FOR_DEPLOYING, ...own]);
  };
  assert.deepEqual(undeclared(files, declaredFor), []);
});

test('neither what operators run nor what is deployed reaches the local stack, the demo or the tests', () => {
  const files = reachedFrom(console, 'infra/app.ts', ...functions);
  const inWorkspaces = [...files].filter((file) =>
    ROOT_MANIFEST.workspaces.some((each) => file.startsWith(`${each}/`)),
  );
  assert.deepEqual(inWorkspaces, []);
});

test('a package has one version, pinned exactly, and no workspace is installed where development is left out', () => {
  const versions = new Map<string, string>();
  for (const folder of ['.', ...ROOT_MANIFEST.workspaces]) {
    const { dependencies = {}, devDependencies = {}, optionalDependencies = {} } = manifestOf(folder);
    if (folder !== '.') assert.deepEqual(dependencies, {}, `${folder} has dependencies for production`);
    for (const [name, version] of Object.entries({
      ...dependencies,
      ...devDependencies,
      ...optionalDependencies,
    })) {
      assert.match(version, /^\d+\.\d+\.\d+(-[\w.]+)?$/, `${folder}: ${name} is not pinned`);
      assert.equal(
        versions.get(name) ?? version,
        version,
        `${folder}: ${name} has another version elsewhere`,
      );
      versions.set(name, version);
    }
  }
});

interface Locked {
  readonly link?: boolean;
  readonly inBundle?: boolean;
  readonly integrity?: string;
  readonly hasInstallScript?: boolean;
}

test('the lock file has the hash of each package, and Node itself is one of them', () => {
  const { packages } = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')) as {
    packages: Readonly<Record<string, Locked>>;
  };
  const installed = Object.entries(packages).filter(
    // What is in the bundle of another package is in its hash.
    ([path, { link, inBundle }]) => path.includes('node_modules/') && link !== true && inBundle !== true,
  );
  assert.ok(installed.length > 200, `only ${installed.length} packages were found`);
  assert.deepEqual(
    installed.filter(([, { integrity = '' }]) => !integrity.startsWith('sha512-')).map(([path]) => path),
    [],
  );
  // A package whose install script downloads Node, such as `node`, gets it past the lock file.
  assert.equal(packages['node_modules/node'], undefined);
  const binaries = Object.entries(ROOT_MANIFEST.optionalDependencies ?? {});
  assert.ok(binaries.length > 0);
  for (const [name, version] of binaries) {
    assert.match(name, /^node-(linux|win|darwin)-/);
    assert.equal(version.split('.')[0], '24', 'Lambda runs nodejs24.x');
    assert.ok(packages[`node_modules/${name}`]?.hasInstallScript !== true, name);
  }
});

test('the changelog has a section of this version, and one of what is not released yet', () => {
  const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string };
  const sections = [...readFileSync(join(ROOT, 'CHANGELOG.md'), 'utf8').matchAll(/^## (\S+)/gm)].map(
    ([, name]) => name,
  );
  assert.ok(sections.includes(version), `${sections} have no ${version}`);
  assert.ok(sections.includes('Unreleased'), `${sections} have no Unreleased`);
});
