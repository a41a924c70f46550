/** `identity`: which stores a collection is migrated with. */
import type { Command } from 'commander';
import type { Sight } from '../../functions/identity/sight.ts';
import type { Open } from './terminal.ts';
import { acceptedLines } from './told/identity.ts';

const MORE = `
Repairs follow the versions of both stores. So before you accept another store, be sure that it holds the newer state, or that what it has
lost is in the other one: behind a disaster-recovery cluster with older data, bring back the old cluster instead.`;

interface Accepted {
  readonly before: readonly Sight[];
}

export function addIdentity(program: Command, open: Open): void {
  program
    .command('identity')
    .description('which stores a collection is migrated with; status shows them')
    .command('accept')
    .description('go on with the stores that answer now')
    .argument('<collection>')
    .requiredOption('--why <reason>', 'for the audit log')
    .addHelpText('after', MORE)
    .action(async (collection: string, { why }: { why: string }) => {
      const terminal = open();
      const accepted = await terminal.service.ask<Accepted>('accept-identity', { collection, why });
      terminal.show(accepted, acceptedLines(collection, accepted.before));
    });
}
