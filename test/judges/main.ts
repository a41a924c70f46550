/** `npm run judges`: what cdk-nag, asl-validator and cfn-lint find in the templates of all variants. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { lintFindings } from './cfn_lint.ts';
import { judge } from './judge.ts';
import { VARIANTS } from './variants.ts';

const { strict } = parseArgs({
  /** cfn-lint has to be installed. */
  options: { strict: { type: 'boolean', default: false } },
}).values;

const folder = mkdtempSync(join(tmpdir(), 'crossfade-judges-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));

let wrong = 0;
function say(name: string, judges: string, findings: readonly string[]): void {
  wrong += findings.length;
  console.log(`${name}: ${judges}: ${findings.length === 0 ? 'nothing' : `${findings.length} found`}`);
  for (const each of findings) console.log(`  ${each}`);
}

for (const [name, settings] of Object.entries(VARIANTS)) {
  const { findings, templates, resources, machines } = judge(settings, join(folder, name), true);
  say(name, `${resources} resources, ${machines} state machines: cdk-nag, asl-validator`, findings);
  const linted = await lintFindings(templates);
  if (linted !== null) say(name, `${templates.length} templates: cfn-lint`, linted);
  else if (strict) say(name, 'cfn-lint', ['cfn-lint is not installed: pip install -r .ci/cfn-lint.txt']);
  else console.log(`${name}: cfn-lint is not installed, and has not judged`);
}
process.exitCode = wrong === 0 ? 0 : 1;
