/** `openapi`: the description of the API for apps, for those who make clients, mocks and tests of it. */
import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { openapi } from '../openapi/document.ts';
import { BadCommand } from './service.ts';
import type { Open } from './terminal.ts';

const MORE = `
It asks AWS for nothing. With --url, or CROSSFADE_URL, it names that server. What it prints is JSON, with --json and without.`;

export function addOpenapi(program: Command, _open: Open): void {
  program
    .command('openapi')
    .description('print the OpenAPI 3.1 description of the API for apps')
    .addHelpText('after', MORE)
    .action(() => {
      const { url = process.env.CROSSFADE_URL } = program.opts<{ url?: string }>();
      const manifest = new URL('../../package.json', import.meta.url);
      const { version } = JSON.parse(readFileSync(manifest, 'utf8')) as { version: string };
      process.stdout.write(`${JSON.stringify(openapi(version, serverIn(url)), null, 2)}\n`);
    });
}

function serverIn(url: string | undefined): string | null {
  if (url === undefined || url === '') return null;
  if (!URL.canParse(url) || !/^https?:/i.test(url))
    throw new BadCommand(
      `Where is the API? ${JSON.stringify(url)} is no URL: give the output Url of the stack`,
    );
  return url.replace(/\/+$/, '');
}
