/** `npm run sbom`: prints what of others the functions are made of, as CycloneDX. */
import { readFileSync } from 'node:fs';
import { bundledPackages } from './bundle.ts';
import { sbomOf } from './bundled/sbom.ts';
import settings from './crossfade.config.ts';
import { settingsOrExit } from './settings.ts';

const { deployment } = settingsOrExit(settings, 'infra/crossfade.config.ts');
const manifest = new URL('../package.json', import.meta.url);
const { version } = JSON.parse(readFileSync(manifest, 'utf8')) as { version: string };
const packages = await bundledPackages(`linux-${deployment.architecture}`);
process.stdout.write(`${JSON.stringify(sbomOf(packages, version), null, 2)}\n`);
