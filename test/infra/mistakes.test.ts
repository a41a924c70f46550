/** Mistakes in the configuration are told together, whichever check finds them, and a program that reads it says nothing else. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { BadConfiguration } from '../../functions/configuration/configuration.ts';
import { checkSettings, type Settings } from '../../infra/settings.ts';
import config from '../shop.config.ts';

/** Ten mistakes: of form, of what belongs together, and of the deployment. */
const WRONG = {
  ...config,
  colections: {},
  shadowreads: 1,
  collections: {
    ...config.collections,
    Users: {
      couchbase: { bucket: 'shop', scope: 'sales', collection: 'users' },
      oracle: { table: 'ORDERS' },
    },
    items: { couchbase: { bucket: 'shop', scope: 'sales' }, oracle: { table: 'ITEMS' } },
  },
  timing: { ...config.timing, refresh: 40_000 },
  deployment: {
    ...config.deployment,
    name: '1',
    oracleSession: 3,
    concurrency: { ...config.deployment.concurrency, api: 100 },
    network: { vpcId: 'x' },
  },
} as unknown as Settings;

const EXPECTED = [
  /^colections: there is no such member/,
  /^shadowreads: there is no such member/,
  /^collections\.Users: its name must be small letters/,
  /^collections\.Users: it has the Oracle table ORDERS, and so has orders/,
  /^collections\.items\.couchbase\.collection: it is missing/,
  /^timing\.refresh: it must be less than timing\.lease/,
  /^deployment\.name: it must be letters/,
  /^deployment\.oracleSession: there is no such member/,
  /^deployment\.concurrency: 121 containers .* lower/,
  /^deployment\.network\.subnetIds: it is missing/,
];

let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'crossfade-mistakes-'));
  await writeFile(join(folder, 'wrong.config.mjs'), `export default ${JSON.stringify(WRONG)};`);
});
after(() => rm(folder, { recursive: true }));

test('mistakes of form, of what belongs together and of the deployment are told at once', () => {
  assert.throws(
    () => checkSettings(WRONG, 'here'),
    (error: BadConfiguration) => {
      assert.ok(error instanceof BadConfiguration);
      for (const each of EXPECTED) {
        const found = error.problems.filter((problem) => each.test(problem));
        assert.equal(found.length, 1, `${each}\n${error.message}`);
      }
      return error.message.split('\n').every((line) => line.startsWith('here: '));
    },
  );
});

test('npm start says them without a stack, and exits with 2', async () => {
  const main = fileURLToPath(new URL('../../infra/local/main.ts', import.meta.url));
  const given = [main, '--port', '0', '--config', join(folder, 'wrong.config.mjs')];
  await assert.rejects(
    promisify(execFile)(process.execPath, given),
    ({ code, stderr, stdout }: { code: number; stderr: string; stdout: string }) => {
      assert.equal(code, 2, stderr);
      assert.match(stderr, /^The configuration has \d+ mistakes\. Nothing was started or written\.\n/);
      assert.match(stderr, /\n.*wrong\.config\.mjs: timing\.refresh: it must be less than timing\.lease\n/);
      assert.ok(!/^ +at /m.test(stderr) && !stdout.includes('starting'), stderr);
      return true;
    },
  );
});
