/** `npx crossfade schema` with the configuration of the game days: the command itself reads the one that is shipped. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Command } from 'commander';
import { addSchema } from '../../infra/console/schema.ts';
import { Terminal } from '../../infra/console/terminal.ts';
import type { Field } from './field.ts';
import { SETTINGS } from './stack.ts';

const SELF = fileURLToPath(import.meta.url);

/** What it prints, as the owner of the tables. Rejects where it fails. */
export async function schema(field: Field, ...options: string[]): Promise<string> {
  field.given.push(['schema', ...options].join(' '));
  const { connectString, user, password } = field.stack.stores.logins.oracle;
  const env = {
    ...{ ...process.env, ORACLE_CONNECT_STRING: connectString },
    ...{ ORACLE_USER: user, ORACLE_PASSWORD: password },
  };
  return (await promisify(execFile)(process.execPath, [SELF, 'schema', ...options], { env })).stdout;
}

if (process.argv[1] === SELF) {
  const program = new Command('crossfade');
  addSchema(
    program,
    () => new Terminal({}),
    async () => SETTINGS,
  );
  await program.parseAsync(process.argv.slice(2), { from: 'user' });
}
