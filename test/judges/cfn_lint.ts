/** What cfn-lint finds in templates, beside what is acknowledged here. It is a program in Python, and need not be installed. */
import { execFile } from 'node:child_process';

/** Rules of cfn-lint whose findings stay, with the reason. */
const ACKNOWLEDGED = {
  W3005: 'The CDK writes the dependencies of a whole construct: some of them follow from references as well',
} as const;

/** Regions whose resources and limits the templates are held against. */
const REGIONS = ['us-east-1', 'eu-central-1'];

interface Match {
  readonly Filename: string;
  readonly Level: string;
  readonly Message: string;
  readonly Location: { readonly Path?: readonly unknown[] };
  readonly Rule: { readonly Id: string };
}

/** @param templates files. @returns a line for each finding, or null where cfn-lint is not installed. Throws where it has not run. */
export async function lintFindings(templates: readonly string[]): Promise<string[] | null> {
  const output = await printed([
    ...['--format', 'json', '--regions', ...REGIONS],
    ...['--ignore-checks', ...Object.keys(ACKNOWLEDGED), '--template', ...templates],
  ]);
  if (output === null) return null;
  return (JSON.parse(output) as Match[]).map(
    ({ Filename, Rule, Message, Location }) =>
      `cfn-lint ${Rule.Id}: ${Filename}: ${Location.Path?.join('/') ?? ''}: ${Message}`,
  );
}

/** Its exit code is a sum of what it has found: 2 errors, 4 warnings, 8 informations. Others are failures of its own. */
const FOUND = [0, 2, 4, 6, 8, 10, 12, 14];

function printed(given: readonly string[]): Promise<string | null> {
  return new Promise((resolve, reject) => {
    execFile('cfn-lint', given, { maxBuffer: 64 * 1024 * 1024 }, (error, stdout, stderr) => {
      if (error === null) return resolve(stdout);
      if (error.code === ('ENOENT' as unknown)) return resolve(null);
      if (FOUND.includes(Number(error.code)) && stdout.startsWith('[')) return resolve(stdout);
      reject(new Error(`cfn-lint has failed with ${error.code}: ${stderr}`));
    });
  });
}
