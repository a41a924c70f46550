/** Checkouts of other versions. */
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Settings } from '../../infra/settings.ts';

const run = promisify(execFile);
const SYNTH = fileURLToPath(new URL('./synth.ts', import.meta.url));
const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** There is no version before this one to be compared with. */
export class NoVersionBefore extends Error {
  override readonly name = 'NoVersionBefore';
}

/** The tag of the release before this commit. Throws `NoVersionBefore`. */
export async function lastTag(): Promise<string> {
  const describe = ['describe', '--tags', '--abbrev=0', '--match', 'v[0-9]*', 'HEAD~1'];
  const { stdout } = await run('git', describe, { cwd: ROOT }).catch((error: unknown) => {
    throw new NoVersionBefore(
      `NO_VERSION_BEFORE: git finds no tag v… before this commit (${String(error).split('\n').at(-2) ?? error}). ` +
        'Clone with the history and the tags (git fetch --tags --unshallow), or name a tag: npm run compatibility -- v0.1.0',
    );
  });
  return stdout.trim();
}

export interface Checkout {
  readonly folder: string;
  remove(): Promise<void>;
}

/** The files of a tag in a folder of their own, with their packages. Throws `NoVersionBefore` where there is no such tag. */
export async function checkOut(tag: string): Promise<Checkout> {
  const parent = mkdtempSync(join(tmpdir(), 'crossfade-version-'));
  const folder = join(parent, tag.replaceAll('/', '-'));
  const remove = async () => {
    await run('git', ['worktree', 'remove', '--force', folder], { cwd: ROOT }).catch(() => {});
    rmSync(parent, { recursive: true, force: true });
  };
  try {
    await run('git', ['worktree', 'add', '--detach', folder, tag], { cwd: ROOT }).catch((error: unknown) => {
      throw new NoVersionBefore(`NO_VERSION_BEFORE: git cannot check out ${tag}: ${error}`);
    });
    if (samePackages(folder)) symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
    else await run('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], { cwd: folder });
    return { folder, remove };
  } catch (error) {
    await remove();
    throw error;
  }
}

interface Lock {
  readonly packages: Readonly<Record<string, { readonly version?: string; readonly dev?: true }>>;
}

/** Whether all that its functions are made of is installed here in the same versions. */
function samePackages(folder: string): boolean {
  const lockOf = (root: string): Lock => JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'));
  const { dependencies } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const [theirs, ours] = [lockOf(folder).packages, lockOf(ROOT).packages];
  const built = ['aws-cdk-lib', 'cdk-nag', 'constructs', 'esbuild'];
  const names = [...Object.keys(dependencies), ...built].map((name) => `node_modules/${name}`);
  return names.every((name) => theirs[name]?.version === ours[name]?.version);
}

/** Synthesizes the stack of a checkout, with its own code, into a folder that there is. */
export async function synthesizeIn(checkout: string, outdir: string, settings: Settings): Promise<void> {
  const file = `${outdir}.settings.json`;
  writeFileSync(file, JSON.stringify(settings));
  try {
    await run(process.execPath, [SYNTH, checkout, outdir, file], { cwd: checkout });
  } finally {
    rmSync(file, { force: true });
  }
}
