/** `confirm`: carries out what another operator has asked for. */
import type { Command } from 'commander';
import { retired } from './retirement.ts';
import { BadCommand } from './service.ts';
import type { Open } from './terminal.ts';
import { type Forced, forcedLines } from './told/forced.ts';

const MORE = `
Where fourEyes names it, force --confirm and retire --confirm ask only, and tell an ID. Another person confirms it within an hour, with
the same right, as long as the phase and the flags are what they were. A later request for the collection takes its place.`;

/** A collection may have digits and - in its name, too. */
const ID = /^(force|retire)-([a-z][a-z0-9-]*)-([1-9]\d{0,14})$/;

export function addConfirm(program: Command, open: Open): void {
  program
    .command('confirm')
    .description('carry out what another operator has asked for, by force or retire')
    .argument('<id>', 'as it was told to who has asked, such as force-orders-3')
    .option('--look', 'tell what is asked for, and do nothing')
    .addHelpText('after', MORE)
    .action(async (id: string, { look = false }: { look?: boolean }) => {
      const [, kind, collection, number] = ID.exec(id) ?? [];
      if (kind === undefined || collection === undefined)
        throw new BadCommand(
          `${JSON.stringify(id)} is no request: it looks like force-orders-3, as force or retire have told it`,
        );
      const terminal = open();
      const input = { collection, request: Number(number), look };
      if (kind === 'retire') return retired(terminal, collection, 'retire-confirm', input, !look);
      const forced = await terminal.service.ask<Forced>('force-confirm', input);
      terminal.show(forced, forcedLines(forced, collection), forced.audited !== false);
    });
}
