import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { startChild } from '../../infra/local/servers/child.ts';

let folder: string;
let pid = 0;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'crossfade-child-'));
});
after(async () => {
  try {
    if (pid !== 0) process.kill(pid, 'SIGKILL');
  } catch {
    // It is gone, as it should be.
  }
  await rm(folder, { recursive: true });
});

test('a server that does not end when it is asked to is killed', { timeout: 20_000 }, async () => {
  const main = join(folder, 'stubborn.mjs');
  await writeFile(main, `console.log(JSON.stringify({ port: process.pid })); setInterval(() => {}, 1000);`);
  const child = await startChild('stubborn', main, {}, 200);
  pid = child.port;
  await child.stop();
  assert.throws(() => process.kill(pid, 0), { code: 'ESRCH' });
});
