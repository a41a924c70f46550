/** `dead-letters`: what was set aside, and what becomes of it. */
import type { Command } from 'commander';
import type { Listed, Redriven } from '../../functions/operations/dead_letters.ts';
import type { Wanted } from '../../functions/stores/oracle/letters.ts';
import type { Open, Terminal } from './terminal.ts';
import { letterLines } from './told/documents.ts';

export function addDeadLetters(program: Command, open: Open): void {
  const letters = program.command('dead-letters').description('what was set aside, and what becomes of it');
  const wanting = (name: string, description: string) =>
    letters
      .command(name)
      .description(description)
      .option('--cause <cause>', 'with this cause only, as the list tells it')
      .option('--collection <name>', 'of this collection only')
      .option('--key <key>', 'of this document only');
  wanting('list', 'their causes; and themselves, where an option says which').action(
    async (wanted: Wanted) => {
      const terminal = open();
      const listed = await terminal.service.ask<Listed>('dead-letters', wanted);
      const lines = letterLines(listed, Object.keys(wanted).length > 0);
      terminal.show(listed, lines, listed.groups.length === 0);
    },
  );
  wanting('explain', 'each of them with its reason').action(async (wanted: Wanted) => {
    const terminal = open();
    const listed = await terminal.service.ask<Listed>('dead-letters', wanted);
    terminal.show(listed.letters, letterLines(listed, true), listed.groups.length === 0);
  });
  for (const [name, description, done] of [
    ['redrive', 'send them again, once what was wrong has been mended', 'sent again'],
    ['discard', 'give them up', 'given up'],
  ] as const)
    wanting(name, description)
      .requiredOption('--why <reason>', 'for the audit log')
      .action(async (asked: Wanted & { readonly why: string }) => {
        const terminal = open();
        const closed = await closeAll(terminal, name, asked);
        terminal.show(closed, [`${closed.done} ${done}.`], !closed.left && closed.skipped === 0);
      });
}

/** Some at a time, since one request has only so much time. */
async function closeAll(
  terminal: Terminal,
  operation: 'redrive' | 'discard',
  asked: object,
): Promise<Redriven> {
  const total = { done: 0, skipped: 0, left: false };
  for (;;) {
    const { done, left, skipped } = await terminal.service.ask<Redriven>(operation, asked);
    total.done += done;
    total.skipped = skipped;
    // Nothing goes on where only those are left that cannot be sent again.
    if (!left || done === 0) return { ...total, left };
    terminal.count(`${total.done} so far`);
  }
}
