/** `npm start`: the whole stack on this machine, with sample data, until Ctrl-C. */
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { type CheckedSettings, type Settings, settingsOrExit } from '../settings.ts';
import type { Local } from './start.ts';
import { stopOn } from './stopping.ts';

const HELP = `npm start -- [--port N] [--data DIR] [--config FILE] [--verbose]

Starts the whole stack on this machine: the functions as they are deployed, behind an HTTP API, with SQS, SSM and
Secrets Manager, and an embedded Couchbase and Oracle.

  --port N     port of the HTTP API (8700)
  --data DIR   keep everything in this folder, and go on from there at the next start
  --config FILE  the configuration (infra/crossfade.config.ts)
  --verbose    print what the functions log
`;

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '8700' },
    data: { type: 'string' },
    config: { type: 'string' },
    verbose: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

async function main(): Promise<void> {
  if (values.help) return console.log(HELP);
  const port = Number(values.port);
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw new Error(`--port ${values.port} is no port: 0 to 65535`);
  const checked = await configured(values.config);
  console.log('Bundling the functions, starting the stores …');
  // To load the rest takes seconds: mistakes are told before.
  const [{ startLocal }, { writeSamples }, { welcome }] = await Promise.all([
    import('./start.ts'),
    import('./samples.ts'),
    import('./welcome.ts'),
  ]);
  let local: Local | null = null;
  const stop = async () => {
    console.log('\nStopping …');
    await local?.stop();
  };
  stopOn(stop, () => 0);
  local = await startLocal({
    settings: checked,
    data: values.data ?? null,
    ...{ port, containers: 4, rules: true, log: values.verbose ? print : () => {} },
  });
  await writeSamples(local.logins.couchbase, checked.configuration);
  console.log(await welcome(local, checked));
}

/** @param file the shipped configuration where it is undefined. */
async function configured(file: string | undefined): Promise<CheckedSettings> {
  const url =
    file === undefined ? new URL('../crossfade.config.ts', import.meta.url) : pathToFileURL(resolve(file));
  const { default: settings } = (await import(url.href)) as { default: Settings };
  return settingsOrExit(settings, file ?? 'infra/crossfade.config.ts');
}

function print(source: string, line: string): void {
  console.error(`${source}: ${line}`);
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
});
