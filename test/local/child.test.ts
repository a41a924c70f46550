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

test('what a server is given, passwords among it, is on no command line, and not in what it starts itself', async () => {
  const main = join(folder, 'discreet.mjs');
  const orders = new URL('../../infra/local/servers/orders.ts', import.meta.url);
  const told = `[password, process.argv.join(' '), Object.values(process.env).join(' ')]`;
  await writeFile(
    main,
    `import { givenSettings, takeOrders } from '${orders}';
    const { password } = givenSettings();
    takeOrders({ port: 1 }, () => ${told}, () => {});`,
  );
  const settings: object = { password: 'swordfish' };
  const child = await startChild('discreet', main, settings);
  const [password, line, variables] = (await child.order({})) as [string, string, string];
  await child.stop();
  assert.equal(password, 'swordfish');
  assert.doesNotMatch(`${line} ${variables}`, /swordfish/);
});

test('each order gets its own answer, and none of a server that has ended', { timeout: 20_000 }, async () => {
  const main = join(folder, 'slow.mjs');
  const orders = new URL('../../infra/local/servers/orders.ts', import.meta.url);
  const obeying = `async ({ late, ends }) => {
    if (ends) process.exit(0);
    await new Promise((resolve) => setTimeout(resolve, late ? 50 : 0));
    if (!late) throw new Error('not now');
    return late === 'told' ? { struck: 3 } : undefined;
  }`;
  await writeFile(
    main,
    `import { takeOrders } from '${orders}'; takeOrders({ port: 1 }, ${obeying}, () => {});`,
  );
  const child = await startChild('slow', main, {});
  const answers = await Promise.allSettled([child.order({ late: true }), child.order({ late: false })]);
  assert.deepEqual(
    answers.map(({ status }) => status),
    ['fulfilled', 'rejected'],
  );
  assert.deepEqual(await Promise.all(['told', true].map((late) => child.order({ late }))), [
    { struck: 3 },
    undefined,
  ]);
  await assert.rejects(child.order({ ends: true }), /has ended before it had done what it was told/);
});
