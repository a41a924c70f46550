/** `npm start`: the whole stack on this machine, with sample data, until Ctrl-C. */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { BadFile, loaded, usableFolder, withFile } from '../given_file.ts';
import { moveTopicOf } from '../owner_settings.ts';
import { type CheckedSettings, type Settings, settingsOrExit } from '../settings.ts';
import { ALWAYS } from './aws/queue_faults.ts';
import type { SecretStore } from './aws/secrets.ts';
import { SNS } from './aws/topics.ts';
import { claimFolder } from './data_folder.ts';
import { GATEWAY } from './gateway.ts';
import { QUICK } from './quick.ts';
import type { Around } from './start.ts';
import { stopOn } from './stopping.ts';
import { ACCOUNT, REGION } from './template.ts';

const HELP = `npm start -- [--port N] [--data DIR] [--config FILE] [--stores FILE] [--quick] [--tls] [--verbose]

Starts the whole stack on this machine: the functions as they are deployed, behind an HTTP API, with SQS, SSM and
Secrets Manager, and an embedded Couchbase and Oracle.

  --port N       port of the HTTP API (8700)
  --data DIR     keep everything in this folder, and go on from there at the next start
  --config FILE  the configuration (infra/crossfade.config.ts)
  --stores FILE  stores of your own instead of the embedded ones: JSON with couchbase, oracle and oracleOwner, each as its secret
  --quick        short times instead of those of the configuration: a move takes seconds
  --tls          reach both stores over TLS, with an authority that is made at the start
  --verbose      print what the functions log

Exit codes: 0, it was stopped; 1, it could not be started; 2, an option, a file or the configuration is wrong.
`;

interface Options {
  readonly port: number;
  readonly data: string | null;
  readonly config: string | undefined;
  readonly stores: string | undefined;
  readonly quick: boolean;
  readonly tls: boolean;
  readonly verbose: boolean;
}

/** Milliseconds between two looks of the controller where times are short. In AWS, and otherwise here, it is a minute. */
const LOOK = 2000;

/** What is published to it is printed. */
const TOPIC = `arn:aws:sns:${REGION}:${ACCOUNT}:crossfade`;

async function main(): Promise<void> {
  const options = optionsOrExit();
  if (options === null) return console.log(HELP);
  const { port, data, stores, quick, tls, verbose } = options;
  const settings = await configured(options);
  const release = data === null ? async () => {} : await claimed(data);
  const secrets = stores === undefined ? null : await secretsFrom(stores, settings);
  console.log('Bundling the functions, starting the stores …');
  // To load the rest takes seconds: mistakes are told before.
  const [{ startAround, startLocal }, { writeSamples }, { welcome }] = await Promise.all([
    import('./start.ts'),
    import('./samples.ts'),
    import('./welcome.ts'),
  ]);
  let local: Around | null = null;
  const stop = async () => {
    console.log('\nStopping …');
    await local?.stop();
    await release();
  };
  stopOn(stop, () => 0);
  const log = (source: string, line: string) => {
    if (verbose || [GATEWAY, SNS].includes(source)) console.error(`${source}: ${line}`);
  };
  // A folder that has been used keeps what was done with the samples, deletions too.
  const isNew = data === null || !existsSync(join(data, 'parameters.json'));
  // A whole certification locks a row, and looks whether others can still be read.
  const given = { ...{ settings, data, port, tls, log }, concurrent: true, containers: 4, rules: true };
  // Nothing is written into stores that somebody else has filled.
  if (secrets !== null) local = await startAround(given, async () => secrets);
  else {
    const embedded = await startLocal(given);
    local = embedded;
    if (isNew) await writeSamples(embedded.logins.couchbase, settings.configuration);
  }
  local.queues.behave(ALWAYS);
  if (quick) lookOften(local);
  console.log(await welcome(local, settings, { quick, kept: data }));
  // Beside all else: whoever sets the flags at once waits for some seconds.
  if (settings.configuration.certification.wanted === 'short')
    local.deployment.start('Certify', { form: 'short' });
}

async function claimed(folder: string): Promise<() => Promise<void>> {
  await usableFolder('--data', folder);
  return claimFolder(folder, process.pid);
}

async function secretsFrom(file: string, settings: CheckedSettings): Promise<SecretStore> {
  const { givenSecrets } = await import('./given_stores.ts');
  const next = '--stores must name a file of JSON with couchbase, oracle and oracleOwner, each as its secret';
  const read = () => readFile(file, 'utf8');
  return givenSecrets(
    file,
    await withFile({ code: 'STORES_FILE', file, verb: 'read', next }, read),
    settings,
  );
}

/** The controller looks once a minute by its rule, which is long where a bake takes seconds. */
function lookOften({ deployment }: Around): void {
  const control = deployment.entry('control');
  let looking = false;
  const look = async () => {
    if (looking) return;
    looking = true;
    // It fails where a store is away, and looks again.
    await control.invoke({}).catch(() => {});
    looking = false;
  };
  setInterval(look, LOOK).unref();
}

async function configured({ config, quick }: Options): Promise<CheckedSettings> {
  const shipped = fileURLToPath(new URL('../crossfade.config.ts', import.meta.url));
  const settings = await loaded<Settings>('--config', config ?? shipped);
  // The servers are made anew at each start: what takes seconds is shown each time.
  const local = { certification: { wanted: 'short' as const }, ...settings };
  const source = config ?? 'infra/crossfade.config.ts';
  const checked = settingsOrExit(quick ? { ...local, timing: QUICK } : local, source);
  // Whoever would be told of moves reads it here.
  const moveTopic = moveTopicOf(checked.deployment) ?? TOPIC;
  return { ...checked, deployment: { ...checked.deployment, moveTopic } };
}

/** Null where help is asked for. */
function optionsOrExit(): Options | null {
  try {
    const { values } = parseArgs({
      options: {
        port: { type: 'string', default: '8700' },
        data: { type: 'string' },
        config: { type: 'string' },
        stores: { type: 'string' },
        quick: { type: 'boolean', default: false },
        tls: { type: 'boolean', default: false },
        verbose: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    });
    const { config, stores, quick, tls, verbose } = values;
    const port = Number(values.port);
    if (!Number.isInteger(port) || port < 0 || port > 65_535)
      throw new Error(`--port ${values.port} is no port: 0 to 65535`);
    return values.help ? null : { port, data: values.data ?? null, config, stores, quick, tls, verbose };
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\nnpm start -- --help tells the options.\n`);
    process.exit(2);
  }
}

main().catch((error: NodeJS.ErrnoException) => {
  if (error instanceof BadFile || error.name === 'BadStores') {
    process.stderr.write(`${error.message}\nNothing was started.\n`);
    process.exit(2);
  }
  process.stderr.write(`The stack could not be started: ${error.message}\n`);
  if (error.code === 'EADDRINUSE')
    process.stderr.write(
      'Is it running already? Stop it, or choose another port: npm start -- --port 8701\n',
    );
  process.exit(1);
});
