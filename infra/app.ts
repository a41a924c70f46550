/** `npm run synth`, and what the CDK's command runs. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import settings from './crossfade.config.ts';
import { handover } from './handover.ts';
import { settingsOrExit } from './settings.ts';
import { synthesize, TemplateTooLarge } from './synth.ts';
import { readDocument } from './template.ts';

const MEBIBYTE = 1024 * 1024;

// The CDK's command says where it deploys to; `npm run synth` by itself does not know.
const { CDK_DEFAULT_REGION: region, CDK_DEFAULT_ACCOUNT: account } = process.env;
const target = { ...(region && { region }), ...(account && { account }) };
const checked = settingsOrExit(settings, 'infra/crossfade.config.ts', target);
const outdir = process.env.CDK_OUTDIR ?? fileURLToPath(new URL('../cdk.out', import.meta.url));
const sizes = await synthesize(checked, outdir, `linux-${checked.deployment.architecture}`).catch((error) => {
  if (!(error instanceof TemplateTooLarge)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exit(2);
});
const bytes = [...sizes.values()].reduce((sum, each) => sum + each, 0);
if (checked.deployment.alarmTopic === null)
  console.error('No alarm notifies anybody. Set deployment.alarmTopic to the ARN of an SNS topic.');
if (checked.deployment.kmsKey?.startsWith('arn:'))
  console.error('npx crossfade key-policy prints what the policy of deployment.kmsKey needs.');
console.error(`The bundle of all functions has ${(bytes / MEBIBYTE).toFixed(1)} MiB.`);
const page = join(outdir, 'HANDOVER.md');
writeFileSync(page, handover(checked, readDocument(outdir, checked.deployment.name)));
console.error(`${page} lists the permissions of each function, and the statements and grants for Oracle.`);
