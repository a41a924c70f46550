/** `erase`: removes what is kept of a deleted document beside the document itself. */
import type { Command } from 'commander';
import type { Erased } from '../../functions/operations/erase.ts';
import type { Open } from './terminal.ts';

const MORE = `
The document itself is deleted by the API before. Without --confirm it tells what there is, and removes nothing. Exits with 1 where time was up
before all of it was looked at: run it again.`;

export function addErase(program: Command, open: Open): void {
  program
    .command('erase')
    .description('remove what is kept of a deleted document, and tell what remains and where')
    .argument('<collection>')
    .argument('<key>')
    .requiredOption('--why <reason>', 'for the audit log, without the key')
    .option('--confirm', 'remove it')
    .addHelpText('after', MORE)
    .action(async (collection: string, key: string, said: { why: string; confirm?: true }) => {
      const terminal = open();
      const erased = await terminal.service.ask<Erased>('erase', { collection, key, ...said });
      terminal.show(erased, erasedLines(erased), !erased.left);
    });
}

export function erasedLines({ confirmed, rows, remains, left }: Erased): string[] {
  const counts = Object.entries(rows).map(([kind, count]) => `  ${kind}: ${count}`);
  return [
    confirmed ? 'Removed, in rows:' : 'There are, in rows (--confirm removes what nothing needs any more):',
    ...counts,
    ...(left ? ['Time was up before all of it was looked at. Run the command again.'] : []),
    'What remains:',
    ...remains.map((each) => `  ${each}`),
  ];
}
