/** A stack without its functions: no judge reads them. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { App } from 'aws-cdk-lib';
import { checkSettings, type Settings } from '../../infra/settings.ts';
import { assemble } from '../../infra/synth.ts';

export interface Assembled {
  readonly app: App;
  /** Where the templates are. */
  readonly outdir: string;
}

/**
 * @param folder an empty one, where the templates are written, and a bundle with nothing in it.
 * @param addChecks as in `assemble`.
 */
export function assembledIn(
  folder: string,
  settings: Settings,
  addChecks: ((app: App) => void) | null,
): Assembled {
  const [bundle, outdir] = [join(folder, 'bundle'), join(folder, 'out')];
  mkdirSync(bundle, { recursive: true });
  writeFileSync(join(bundle, 'api.mjs'), '');
  return { app: assemble(checkSettings(settings, 'a variant'), outdir, bundle, addChecks), outdir };
}
