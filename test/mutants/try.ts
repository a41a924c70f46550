/** Runs tests against one mutant. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { type Found, ROOT } from './folders.ts';

const here = (name: string) => fileURLToPath(new URL(name, import.meta.url));
const NOTHING_CHANGED = { at: 0, was: '', is: '' };
/** Most of a short test is its start: the compiled files of one mutant serve the next, too. */
const NODE_COMPILE_CACHE = join(tmpdir(), 'crossfade-mutants');

/** How it ended: a mutant that is not found survives, and one that never ends is found. */
export type Ended = 'killed' | 'survived' | 'timed out';

/** @param mutant none: the source as it is, which the tests must let pass. */
export async function tried(
  { file, mutant = NOTHING_CHANGED }: Partial<Found> & { readonly file: string },
  tests: readonly string[],
  milliseconds: number,
): Promise<Ended> {
  const MUTANT = JSON.stringify({ ...mutant, url: pathToFileURL(`${ROOT}/${file}`).href });
  const options = ['--test', '--test-isolation=none', `--test-reporter=${here('./first_failure.ts')}`];
  const child = spawn(process.execPath, ['--import', here('./replace.ts'), ...options, ...tests], {
    cwd: ROOT,
    env: { ...process.env, MUTANT, NODE_COMPILE_CACHE, NODE_TEST_CONTEXT: undefined },
    stdio: 'ignore',
    timeout: Math.ceil(milliseconds),
    killSignal: 'SIGKILL',
  });
  const [code] = (await once(child, 'exit')) as [number | null];
  if (code === null) return 'timed out';
  return code === 0 ? 'survived' : 'killed';
}
