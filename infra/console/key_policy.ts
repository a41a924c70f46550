/** `key-policy`: what the policy of a key of KMS has to allow before the stack can use the key. */
import type { Command } from 'commander';
import { placeOf } from '../arn.ts';
import { accountStatements, type Statement, serviceStatements, suffixOf } from '../key_policy.ts';
import { MADE } from '../key_settings.ts';
import type { Deployment } from '../settings.ts';
import { shippedSettings } from './schema.ts';
import { BadCommand } from './service.ts';
import type { Open } from './terminal.ts';

const MORE = `
The key is deployment.kmsKey of infra/crossfade.config.ts. It asks AWS for nothing, and prints JSON: add the statements to those that the
policy of the key has, and keep the one that lets its administrators in. A key that the stack makes has its policy already.`;

interface Asked {
  readonly key?: string;
  readonly account?: string;
}

/** @param read the settings; those that are shipped if there is none. */
export function addKeyPolicy(program: Command, _open: Open, read = shippedSettings): void {
  program
    .command('key-policy')
    .description('print the statements that the policy of your KMS key needs')
    .option('--key <arn>', 'a key that the configuration does not name yet')
    .option('--account <number>', 'of the stack, where the key is of another account')
    .addHelpText('after', MORE)
    .action(async (asked: Asked) => {
      const policy = keyPolicy((await read()).deployment, asked);
      process.stdout.write(`${JSON.stringify(policy, null, 2)}\n`);
    });
}

/** Throws `BadCommand` where there is no key that it could be for. */
export function keyPolicy({ kmsKey, alarmTopic }: Deployment, asked: Asked): { Statement: Statement[] } {
  const { partition, region, account } = placeOf(keyIn(asked.key ?? kmsKey));
  if (asked.account !== undefined && !/^\d{12}$/.test(asked.account))
    throw new BadCommand('--account must be the number of an account: twelve digits');
  const holder = { partition, region, account: asked.account ?? account, suffix: suffixOf(partition) };
  const given = { ...holder, notifies: alarmTopic !== null };
  return { Statement: [...accountStatements(given), ...serviceStatements(given)] };
}

function keyIn(key: string | null): string {
  if (key === null)
    throw new BadCommand(
      'deployment.kmsKey is null, so there is no key whose policy could need anything: give --key, or name the key there',
    );
  if (key === MADE)
    throw new BadCommand(
      "deployment.kmsKey is 'made': the stack writes the policy of its key by itself, and nothing is left to do",
    );
  if (!/^arn:aws[a-z-]*:kms:[a-z0-9-]+:\d{12}:key\/[\w-]+$/.test(key))
    throw new BadCommand('--key must be the ARN of a key: arn:aws:kms:REGION:ACCOUNT:key/…, and no alias');
  return key;
}
