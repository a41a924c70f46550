import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { bundle } from '../../infra/bundle.ts';
import { platform } from '../../infra/local/start.ts';
import { checkSettings } from '../../infra/settings.ts';
import config from '../shop.config.ts';

const folder = mkdtempSync(join(tmpdir(), 'crossfade-'));
after(() => rmSync(folder, { recursive: true }));
const { configuration } = checkSettings(config, 'test');

test('the same sources make the same bundle, so that nothing is deployed anew without need', async () => {
  const hashes = await Promise.all(
    ['a', 'b'].map(async (name) => {
      const into = join(folder, name);
      await bundle(into, configuration, platform());
      const hash = createHash('sha256');
      for (const file of readdirSync(into)) hash.update(file).update(readFileSync(join(into, file)));
      return hash.digest('hex');
    }),
  );
  assert.equal(hashes[0], hashes[1]);
});

test('a bundle holds one addon, the configuration, and far less than Lambda takes', async () => {
  const sizes = await bundle(join(folder, 'c'), configuration, platform());
  assert.deepEqual(
    [...sizes.keys()].filter((name) => !name.endsWith('.mjs')),
    ['couchbase.node', 'crossfade.json'],
  );
  const total = [...sizes.values()].reduce((sum, size) => sum + size, 0);
  assert.ok(total < 60 * 1024 * 1024, String(total));
});

test('an addon that npm has not installed is told how to get', async () => {
  await assert.rejects(
    bundle(join(folder, 'd'), configuration, 'plan9-mips'),
    /npm install --no-save --force @couchbase\/couchbase-plan9-mips-napi@4\.7\.0/,
  );
});
