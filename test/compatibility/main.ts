/**
 * `npm run compatibility`: the functions of the version before and of this one on the same stores, queues and parameters, as they are for
 * a bake during each deployment, and longer here: through every phase, while clients use the routers of both. `-- TAG` names another version,
 * `--log FILE` is for what functions print.
 */
import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { checkSettings } from '../../infra/settings.ts';
import { checkOut, lastTag, NoVersionBefore, synthesizeIn } from './checkout.ts';
import { SETTINGS_BEFORE, WITH_LOGINS } from './configuration.ts';
import { sideBySide } from './side_by_side.ts';
import { startWorld } from './world.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const began = performance.now();
const tell = (line: string) =>
  process.stdout.write(`${((performance.now() - began) / 1000).toFixed(0).padStart(4)} s  ${line}\n`);

async function main(given: string | undefined, file: string | undefined): Promise<number> {
  const tag = given ?? (await lastTag());
  tell(`The version before is ${tag}.`);
  const folder = mkdtempSync(join(tmpdir(), 'crossfade-compatibility-'));
  const before = await checkOut(tag);
  try {
    const outdirs = { before: join(folder, 'before'), now: join(folder, 'now') };
    await synthesizeIn(before.folder, outdirs.before, SETTINGS_BEFORE);
    await synthesizeIn(ROOT, outdirs.now, WITH_LOGINS);
    const world = await startWorld(checkSettings(WITH_LOGINS, 'test/compatibility/configuration.ts'));
    try {
      const wrong = await sideBySide(
        world,
        outdirs,
        { before: before.folder, now: ROOT },
        tell,
        (version, source, line) => {
          if (file !== undefined)
            appendFileSync(file, `${new Date().toISOString()} ${version} ${source} ${line}\n`);
        },
      );
      for (const each of wrong) tell(`WRONG  ${each}`);
      tell(wrong.length === 0 ? `${tag} and this version run side by side.` : `${wrong.length} faults.`);
      return wrong.length === 0 ? 0 : 1;
    } finally {
      await world.stop();
    }
  } finally {
    await before.remove();
    rmSync(folder, { recursive: true, force: true });
  }
}

try {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { log: { type: 'string' } },
  });
  process.exitCode = await main(positionals[0], values.log);
} catch (error) {
  // It could not be run, which is no fault of this version.
  process.stderr.write(`${error instanceof NoVersionBefore ? error.message : (error as Error).stack}\n`);
  process.exitCode = 2;
}
