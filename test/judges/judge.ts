/** A variant, synthesized and judged. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Settings } from '../../infra/settings.ts';
import { readDocument } from '../../infra/template.ts';
import { addChecks } from '../../infra/template_checks.ts';
import { assembledIn } from './assembled.ts';
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

/**
 * @param folder an empty one, where the template is written.
 * @param checked whether the checks of a deployment look at it too: the CDK's own validation only prints what it finds.
 */
export function judge(settings: Settings, folder: string, checked: boolean): Judged {
  const { app, outdir } = assembledIn(folder, settings, checked ? addChecks : null);
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
