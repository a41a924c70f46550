/** Cold starts: a process that loads a function's bundle, and answers its first request, beside one that has both drivers and nothing else. */
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { parseConfiguration } from '../../functions/configuration/configuration.ts';
import { BUILD, bundle, ENTRIES } from '../../infra/bundle.ts';
import { platform } from '../../infra/local/start.ts';
import { testCluster } from '../stores/couchbase/cluster.ts';
import { testDatabase } from '../stores/oracle/database.ts';
import { compareIn } from './rounds.ts';

const run = promisify(execFile);
const [cluster, database] = await Promise.all([testCluster(), testDatabase()]);
const EVENT = JSON.parse(
  readFileSync(new URL('../../events/api.put.json', import.meta.url), 'utf8'),
) as Record<string, unknown>;
/** Secrets Manager and Parameter Store, as far as a first request asks them. */
const LOGINS: Readonly<Record<string, object>> = {
  c: { connectionString: cluster.connectionString, username: 'app', password: 'secret' },
  o: database.credentials,
};
const PHASE = JSON.stringify({ phase: 'legacy', since: 0, by: 'bench' });
const ANSWERS: Readonly<Record<string, (asked: { SecretId: string; Names: string[] }) => unknown>> = {
  'secretsmanager.GetSecretValue': ({ SecretId }) => ({
    SecretString: JSON.stringify({ ...LOGINS[SecretId], insecure: true }),
  }),
  'AmazonSSM.GetParameters': ({ Names }) => ({
    Parameters: Names.map((Name) => ({ Name, Value: PHASE, Version: 1, LastModifiedDate: 1 })),
  }),
};
const aws = createServer(async (request, response) => {
  const asked = JSON.parse(await text(request)) as { SecretId: string; Names: string[] };
  const answer = ANSWERS[String(request.headers['x-amz-target'])]?.(asked);
  response
    .writeHead(answer === undefined ? 400 : 200, { 'content-type': 'application/x-amz-json-1.1' })
    .end(JSON.stringify(answer ?? { __type: 'UnknownOperationException' }));
}).listen(0, '127.0.0.1');
await once(aws, 'listening');
const folder = mkdtempSync(join(tmpdir(), 'crossfade-start-'));
/** What the stack gives a function. */
const ENVIRONMENT = {
  ...{ AWS_ACCESS_KEY_ID: 'bench', AWS_SECRET_ACCESS_KEY: 'bench' },
  AWS_ENDPOINT_URL: `http://127.0.0.1:${(aws.address() as AddressInfo).port}`,
  ...{
    AWS_REGION: 'eu-central-1',
    PARAMETERS: '/crossfade',
    COUCHBASE_SECRET: 'c',
    ORACLE_SECRET: 'o',
  },
  ...{ RECEIPTS_QUEUE: 'q', SHARDS_QUEUE: 'q', DEAD_LETTERS_QUEUE: 'q', PACE_PARAMETER: 'p' },
  ...{
    COPY_MACHINE: 'm',
    VERIFY_MACHINE: 'm',
    AUDIT_LOG: 'a',
    ORACLE_OWNER_SECRET: 'o',
    ORA_SDTZ: '+00:00',
  },
};

interface Started {
  readonly milliseconds: number;
  readonly mebibytes: number;
}

/** @param act what is done with the module once it is there. */
async function start(file: string, act = ''): Promise<Started> {
  // Only for an endpoint without TLS does the SDK load Node's HTTP as a module; on AWS there is none.
  const code = `await import('node:http'); const began = performance.now(); const { handler } = await import(${JSON.stringify(join(folder, file))}); ${act}
    console.log(JSON.stringify({ milliseconds: performance.now() - began, mebibytes: process.memoryUsage().rss / 2 ** 20 }));
    process.exit(0);`;
  const env = { ...ENVIRONMENT, LAMBDA_TASK_ROOT: folder };
  const { stdout } = await run(process.execPath, ['--input-type=module', '-e', code], { env });
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as Started;
}

const FIRST = `const { statusCode } = await handler(${JSON.stringify(EVENT)}, { getRemainingTimeInMillis: () => 20000 });
  if (statusCode !== 204) throw new Error(String(statusCode));`;
const { keyspace } = cluster;
const configuration = parseConfiguration(
  {
    collections: { orders: { couchbase: keyspace, oracle: { table: database.table.name } } },
    timing: { lease: 30_000, refresh: 5_000, request: 20_000, call: 3_000, backfill: 300_000 },
    connections: 2,
    grants: { kind: 'everything' },
  },
  'bench',
);
await bundle(folder, configuration, platform());

/** What loads both drivers, connects to both stores, and writes a document into one. */
const DRIVERS = `import { connect } from 'couchbase';
import oracledb from 'oracledb';
export const handler = async ({ body, pathParameters: { key } }) => {
  const opening = oracledb.createPool(${JSON.stringify(database.credentials)}).then((pool) => pool.getConnection());
  const cluster = await connect('${cluster.connectionString}', { username: 'app', password: 'secret' });
  const { bucket, scope, collection } = ${JSON.stringify(keyspace)};
  await cluster.bucket(bucket).scope(scope).collection(collection).upsert(key, JSON.parse(body));
  await opening;
  return { statusCode: 204 };
};
`;
writeFileSync(join(folder, 'drivers.ts'), DRIVERS);
await build({
  entryPoints: [join(folder, 'drivers.ts')],
  outfile: join(folder, 'drivers.mjs'),
  nodePaths: [join(import.meta.dirname, '../../node_modules')],
  ...BUILD,
});
console.log('A process loads the bundle; Lambda adds its own time');
const of = (label: string, file: string, what: keyof Started, act = '') => ({
  label,
  measure: async () => (await start(file, act))[what],
});
await compareIn(
  'ms',
  'api, load and first request',
  of('bundle', 'api.mjs', 'milliseconds', FIRST),
  of('drivers', 'drivers.mjs', 'milliseconds', FIRST),
  { atMost: 1.5 },
);
for (const entry of ENTRIES)
  await compareIn(
    'ms',
    entry === 'api' ? 'load api, which connects to both stores' : `load ${entry}`,
    of('bundle', `${entry}.mjs`, 'milliseconds'),
    of('drivers', 'drivers.mjs', 'milliseconds'),
  );
await compareIn(
  'MiB',
  'memory of api, loaded',
  of('bundle', 'api.mjs', 'mebibytes'),
  of('drivers', 'drivers.mjs', 'mebibytes'),
);
aws.close();
await Promise.all([cluster.stop(), database.stop()]);
rmSync(folder, { recursive: true });
