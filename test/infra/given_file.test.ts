/** Files that a command is given, and that are of no use: each is told by a code, with what to do. */
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { BadFile, loaded, usableFolder, withFile } from '../../infra/given_file.ts';
import { claimFolder } from '../../infra/local/data_folder.ts';

let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'crossfade-'));
});
after(() => rm(folder, { recursive: true }));

const refused = async (acting: Promise<unknown>, told: RegExp) => {
  const error: unknown = await acting.catch((failure: unknown) => failure);
  assert.ok(error instanceof BadFile, String(error));
  assert.match(error.message, told);
  assert.doesNotMatch(error.message, /\n/);
};

test('a file that is not there, is a folder, or lies in a file is told with its option, and no stack', async () => {
  const file = join(folder, 'stores.json');
  const read = (path: string) =>
    withFile({ code: 'STORES_FILE', file: path, verb: 'read', next: '--stores must name one' }, () =>
      readFile(path, 'utf8'),
    );
  await refused(
    read(file),
    /^STORES_FILE: .*stores\.json cannot be read, there is no such file or folder \(ENOENT\): --stores must/,
  );
  await refused(read(folder), /it is a folder \(EISDIR\)/);
  await writeFile(file, 'kept');
  assert.equal(await read(file), 'kept');
  await refused(read(join(file, 'x')), /a part of its path is no folder \(ENOTDIR\)/);
  // What is no file's fault is told as it is.
  const other = new Error('another');
  const failing = () => Promise.reject(other);
  await assert.rejects(withFile({ code: 'X', file, verb: 'read', next: '' }, failing), other);
});

test('a configuration that is missing, broken, or exports nothing is told as that', async () => {
  const path = (name: string) => join(folder, name);
  await refused(
    loaded('--config', path('none.mjs')),
    /^CONFIG_FILE: .*none\.mjs cannot be read, .* --config must name/,
  );
  await writeFile(path('broken.mjs'), 'export default {');
  await refused(
    loaded('--config', path('broken.mjs')),
    /^CONFIG_FILE: .*broken\.mjs cannot be loaded \(.+\): mend it/,
  );
  await writeFile(path('lost.mjs'), "import './nowhere.mjs'; export default {};");
  await refused(loaded('--config', path('lost.mjs')), /cannot be loaded \(.*nowhere\.mjs/);
  await writeFile(path('named.mjs'), 'export const settings = {};');
  await refused(loaded('--config', path('named.mjs')), /^CONFIG_FILE: .*named\.mjs has no default export/);
  await writeFile(path('good.mjs'), 'export default { good: true };');
  assert.deepEqual(await loaded('--config', path('good.mjs')), { good: true });
});

test('a folder that data are to be kept in is made, and a file in its place is told before anything is started', async () => {
  const file = join(folder, 'a file');
  await writeFile(file, '');
  const told = (reason: string) =>
    new RegExp(
      `^DATA_FOLDER: .* cannot be used, ${reason}: --data must name a folder that you may write into`,
    );
  await refused(usableFolder('--data', file), told('it is no folder \\(EEXIST\\)'));
  await refused(
    usableFolder('--data', join(file, 'x')),
    told('a part of its path is no folder \\(ENOTDIR\\)'),
  );
  for (let times = 0; times < 2; times++) await usableFolder('--data', join(folder, 'new', 'data'));
});

test('a folder that another stack keeps its data in is refused, until that one has ended', async () => {
  const data = await mkdtemp(join(folder, 'data-'));
  const release = await claimFolder(data, process.pid);
  await refused(
    claimFolder(data, process.ppid),
    new RegExp(`^DATA_IN_USE: .* by the process ${process.pid}, .*: stop it, or give --data`),
  );
  await release();
  // Left by one that was killed; and by nobody that can be.
  for (const left of [String(2 ** 22 + 1), 'nonsense', '-1', '0', '']) {
    await writeFile(join(data, 'in-use'), left);
    await (await claimFolder(data, process.pid))();
  }
});
