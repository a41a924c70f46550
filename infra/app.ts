/** `npm run synth`, and what the CDK's command runs. */
import { fileURLToPath } from 'node:url';
import settings from './crossfade.config.ts';
import { checkSettings } from './settings.ts';
import { synthesize } from './synth.ts';

const MEBIBYTE = 1024 * 1024;

const checked = checkSettings(settings, 'infra/crossfade.config.ts');
const outdir = process.env.CDK_OUTDIR ?? fileURLToPath(new URL('../cdk.out', import.meta.url));
const sizes = await synthesize(checked, outdir, `linux-${checked.deployment.architecture}`);
console.error('The bundle that every function is deployed with:');
for (const [name, bytes] of sizes) console.error(`${(bytes / MEBIBYTE).toFixed(2).padStart(6)} MiB  ${name}`);
