/** `identity`: which stores a collection is migrated with. */
import { type Command, Option } from 'commander';
import type { Sight } from '../../functions/identity/sight.ts';
import type { Open } from './terminal.ts';
import { acceptedLines } from './told/identity.ts';

const MORE = `
Repairs follow the versions of both stores, and where a key is in one store alone, the store that the phase reads: Couchbase up to seal, Oracle from switch
on. So --truth must name that one; otherwise the command is refused, and says how to get there. No gate opens until a verification by content is clean.
Behind a disaster-recovery cluster with older data, bring back the old cluster if you can.`;

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
    .addOption(
      new Option('--truth <store>', 'which store decides where the two differ')
        .choices(['couchbase', 'oracle'])
        .makeOptionMandatory(),
    )
    .requiredOption('--why <reason>', 'for the audit log')
    .addHelpText('after', MORE)
    .action(async (collection: string, said: { why: string; truth: string }) => {
      const terminal = open();
      const accepted = await terminal.service.ask<Accepted>('accept-identity', { collection, ...said });
      terminal.show(accepted, acceptedLines(collection, accepted.before));
    });
}
