/** Cold starts: a process that loads a function's bundle, beside one that loads both drivers and nothing else. */
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { BUILD, bundle, ENTRIES } from '../../infra/bundle.ts';
import config from '../../infra/crossfade.config.ts';
import { platform } from '../../infra/local/start.ts';
import { checkSettings } from '../../infra/settings.ts';
import { compareIn } from './rounds.ts';

const run = promisify(execFile);
/** The API asks for its secrets while it is loaded: it is told at once that there are none. */
const secrets = createServer((_, response) =>
  response
    .writeHead(400, { 'content-type': 'application/x-amz-json-1.1' })
    .end('{"__type":"ResourceNotFoundException"}'),
).listen(0, '127.0.0.1');
await once(secrets, 'listening');
const folder = mkdtempSync(join(tmpdir(), 'crossfade-start-'));
/** What the stack gives a function. Nothing is asked for before the first event. */
const ENVIRONMENT = {
  ...{ AWS_ACCESS_KEY_ID: 'bench', AWS_SECRET_ACCESS_KEY: 'bench' },
  AWS_ENDPOINT_URL: `http://127.0.0.1:${(secrets.address() as AddressInfo).port}`,
  ...{ AWS_REGION: 'eu-central-1', PARAMETERS: '/crossfade', COUCHBASE_SECRET: 'c', ORACLE_SECRET: 'o' },
  ...{ RECEIPTS_QUEUE: 'q', SHARDS_QUEUE: 'q', DEAD_LETTERS_QUEUE: 'q', PACE_PARAMETER: 'p' },
  ...{ COPY_MACHINE: 'm', VERIFY_MACHINE: 'm', ORACLE_OWNER_SECRET: 'o' },
};

interface Started {
  readonly milliseconds: number;
  readonly mebibytes: number;
}

async function start(file: string): Promise<Started> {
  const code = `const began = performance.now(); await import(${JSON.stringify(join(folder, file))});
    console.log(JSON.stringify({ milliseconds: performance.now() - began, mebibytes: process.memoryUsage().rss / 2 ** 20 }));
    process.exit(0);`;
  const env = { ...ENVIRONMENT, LAMBDA_TASK_ROOT: folder };
  const { stdout } = await run(process.execPath, ['--input-type=module', '-e', code], { env });
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as Started;
}

const { configuration } = checkSettings(config, 'bench');
await bundle(folder, configuration, platform());
writeFileSync(
  join(folder, 'drivers.ts'),
  "import { connect } from 'couchbase';\nimport oracledb from 'oracledb';\nexport const handler = async () => [typeof connect, typeof oracledb];\n",
);
await build({
  entryPoints: [join(folder, 'drivers.ts')],
  outfile: join(folder, 'drivers.mjs'),
  nodePaths: [join(import.meta.dirname, '../../node_modules')],
  ...BUILD,
});
console.log('A process loads the bundle; Lambda adds its own time, and the first request that of two logins');
const of = (label: string, file: string, what: keyof Started) => ({
  label,
  measure: async () => (await start(file))[what],
});
for (const entry of ENTRIES)
  await compareIn(
    'ms',
    `load ${entry}`,
    of('bundle', `${entry}.mjs`, 'milliseconds'),
    of('drivers', 'drivers.mjs', 'milliseconds'),
    entry === 'api' ? { atMost: 1.5 } : null,
  );
await compareIn(
  'MiB',
  'memory of api, loaded',
  of('bundle', 'api.mjs', 'mebibytes'),
  of('drivers', 'drivers.mjs', 'mebibytes'),
);
secrets.close();
rmSync(folder, { recursive: true });
