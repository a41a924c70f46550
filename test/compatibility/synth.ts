/**
 * Synthesizes the stack of a checkout with that checkout's own code: `node synth.ts CHECKOUT OUTDIR SETTINGS`. It is a process of its own,
 * so that the modules of two versions are never mixed.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const [checkout = '', outdir = '', settings = ''] = process.argv.slice(2);

function load(file: string): Promise<unknown> {
  return import(pathToFileURL(join(checkout, file)).href);
}

const { checkSettings } = (await load('infra/settings.ts')) as typeof import('../../infra/settings.ts');
const { synthesize } = (await load('infra/synth.ts')) as typeof import('../../infra/synth.ts');
const { platform } = (await load('infra/local/start.ts')) as typeof import('../../infra/local/start.ts');

// The version before knows no certificates, and nobody waits for one here.
const certifies = existsSync(join(checkout, 'functions/certify.ts'));
const given = {
  ...JSON.parse(readFileSync(settings, 'utf8')),
  ...(certifies ? { certification: { wanted: 'none' } } : {}),
};
await synthesize(checkSettings(given, settings), outdir, platform(), false);
