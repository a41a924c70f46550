/** A variant, synthesized and judged. */
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkSettings, type Settings } from '../../infra/settings.ts';
import { assemble } from '../../infra/synth.ts';
import { readDocument } from '../../infra/template.ts';
import { machineFindings, machinesIn } from './machines.ts';
import { nagFindings } from './nag.ts';

export interface Judged {
  /** Where the templates are. */
  readonly outdir: string;
  readonly findings: readonly string[];
  /** Files, those of nested stacks too. */
  readonly templates: readonly string[];
  readonly resources: number;
  readonly machines: number;
}

/** @param folder an empty one, where the template is written. The bundle in it has no functions: no judge reads them. */
export function judge(settings: Settings, folder: string): Judged {
  const [bundle, outdir] = [join(folder, 'bundle'), join(folder, 'out')];
  mkdirSync(bundle, { recursive: true });
  writeFileSync(join(bundle, 'api.mjs'), '');
  const app = assemble(checkSettings(settings, 'a variant'), outdir, bundle);
  const document = readDocument(outdir, settings.deployment.name);
  const machines = machinesIn(document);
  const templates = readdirSync(outdir).filter((name) => name.endsWith('.template.json'));
  return {
    outdir,
    findings: [...nagFindings(app), ...machineFindings(machines)],
    templates: templates.map((name) => join(outdir, name)),
    resources: Object.keys(document.Resources).length,
    machines: machines.size,
  };
}
