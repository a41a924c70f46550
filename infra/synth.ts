/** Bundles the functions and writes the CloudFormation template; nothing here asks AWS for anything. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { App } from 'aws-cdk-lib';
import { bundle, type Platform } from './bundle.ts';
import type { CheckedSettings } from './settings.ts';
import { CrossfadeStack } from './stack/stack.ts';
import { aboveLimits } from './template_limits.ts';

/** AWS would refuse the templates. Nothing is to be deployed. */
export class TemplateTooLarge extends Error {
  override readonly name = 'TemplateTooLarge';
}

/** The CDK's own bound of a stack's resources ends at the first stack, with its types and no advice: ours tells all that is above a limit. */
const NO_BOUND = { '@aws-cdk/core:stackResourceLimit': 0 };

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/**
 * @param outdir where the template and the bundle are written.
 * @param platform that the functions will run on.
 * @param checked whether the templates are checked, which takes ten times as long as writing them. A stack on this machine needs no check.
 * @returns the sizes of the bundle's files in bytes.
 */
export async function synthesize(
  settings: CheckedSettings,
  outdir: string,
  platform: Platform,
  checked = true,
): Promise<ReadonlyMap<string, number>> {
  const folder = join(outdir, 'bundle');
  const sizes = await bundle(folder, settings.configuration, platform);
  assemble(settings, outdir, folder, checked ? (await import('./template_checks.ts')).addChecks : null);
  return sizes;
}

/**
 * Writes the template for functions that are bundled in a folder. Throws `TemplateTooLarge` where AWS would refuse the template for its size.
 *
 * @param addChecks registers what looks at the templates beside the CDK's own validation, and throws where it finds something; null for no
 *   check at all.
 */
export function assemble(
  settings: CheckedSettings,
  outdir: string,
  folder: string,
  addChecks: ((app: App) => void) | null,
): App {
  // The CDK's command reads the context of cdk.json by itself; without it, somebody must.
  const { context } = JSON.parse(readFileSync(join(ROOT, 'cdk.json'), 'utf8'));
  const app = new App({
    outdir,
    context: { ...context, ...NO_BOUND },
    builtinCloudFormationValidation: addChecks !== null,
  });
  new CrossfadeStack(app, settings, folder);
  addChecks?.(app);
  app.synth();
  const problems = aboveLimits(outdir);
  if (problems.length > 0)
    throw new TemplateTooLarge(
      `TEMPLATE_TOO_LARGE: AWS would refuse the deployment:\n${problems.join('\n')}\nSet deployment.collectionsInStack to less, or make another ` +
        'deployment for some of the collections, with a name and parameters of its own.',
    );
  return app;
}
