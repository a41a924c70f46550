/** Bundles the functions and writes the CloudFormation template; nothing here asks AWS for anything. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { App, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { bundle, type Platform } from './bundle.ts';
import type { CheckedSettings } from './settings.ts';
import { CrossfadeStack } from './stack/stack.ts';
import { aboveLimits } from './template_limits.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/**
 * @param outdir where the template and the bundle are written.
 * @param platform that the functions will run on.
 * @returns the sizes of the bundle's files in bytes.
 */
export async function synthesize(
  settings: CheckedSettings,
  outdir: string,
  platform: Platform,
): Promise<ReadonlyMap<string, number>> {
  const folder = join(outdir, 'bundle');
  const sizes = await bundle(folder, settings.configuration, platform);
  assemble(settings, outdir, folder);
  return sizes;
}

/**
 * Writes the template for functions that are bundled in a folder. Throws where a check of cdk-nag finds something, and where AWS would refuse
 * the template for its size.
 */
export function assemble(settings: CheckedSettings, outdir: string, folder: string): App {
  // The CDK's command reads the context of cdk.json by itself; without it, somebody must.
  const { context } = JSON.parse(readFileSync(join(ROOT, 'cdk.json'), 'utf8'));
  const app = new App({ outdir, context });
  new CrossfadeStack(app, settings, folder);
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  app.synth();
  const problems = aboveLimits(outdir);
  if (problems.length > 0)
    throw new Error(
      `AWS would refuse the deployment:\n${problems.join('\n')}\nMake another deployment for some of the collections, with a name and ` +
        'parameters of its own.',
    );
  return app;
}
