/**
 * A software bill of materials (CycloneDX 1.6) of the bundle. That of `npm sbom` lists what is installed for production, leaves out what a workspace
 * needs as well (`@aws-sdk/client-sqs`), and has the tools that drivers are built with.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Bundled, ROOT } from './packages.ts';

interface Locked {
  readonly version: string;
  readonly integrity?: string;
}

/** The same packages make the same text: it has neither a time nor a number of its own. */
export function sbomOf(packages: readonly Bundled[], version: string): object {
  const lock = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')) as {
    readonly packages: Readonly<Record<string, Locked>>;
  };
  const components = packages.map((each) => componentOf(each, lock.packages[each.folder]));
  const root = purlOf('crossfade', version);
  const refs = components.map((component) => component['bom-ref']);
  return {
    $schema: 'http://cyclonedx.org/schema/bom-1.6.schema.json',
    ...{ bomFormat: 'CycloneDX', specVersion: '1.6', version: 1 },
    metadata: {
      component: {
        ...{ 'bom-ref': root, type: 'application', name: 'crossfade', version, purl: root },
        licenses: [{ license: { id: 'Apache-2.0' } }],
      },
    },
    components,
    dependencies: [{ ref: root, dependsOn: [...new Set(refs)].sort() }],
  };
}

/** Throws where another version is installed than the lock file names. */
function componentOf({ name, version, license, folder }: Bundled, locked: Locked | undefined) {
  if (locked?.version !== version)
    throw new Error(
      `${folder} is ${version}, and ${locked?.version ?? 'nothing'} in the lock file: run npm ci`,
    );
  const [scope, rest] = name.startsWith('@') ? name.split('/') : [undefined, name];
  return {
    ...{ 'bom-ref': `${purlOf(name, version)}#${folder}`, type: 'library', name: rest ?? name },
    ...(scope !== undefined && { group: scope }),
    ...{ version, scope: 'required', purl: purlOf(name, version), licenses: [licenceOf(license)] },
    hashes: hashesOf(locked.integrity),
  };
}

function licenceOf(license: string): object {
  return /[ ()]/.test(license) ? { expression: license } : { license: { id: license } };
}

function hashesOf(integrity = ''): object[] {
  const [, base64] = /^sha512-(.*)$/.exec(integrity) ?? [];
  return base64 === undefined
    ? []
    : [{ alg: 'SHA-512', content: Buffer.from(base64, 'base64').toString('hex') }];
}

/** A package URL: the @ of a scope is encoded. */
function purlOf(name: string, version: string): string {
  return `pkg:npm/${name.replace('@', '%40')}@${version}`;
}
