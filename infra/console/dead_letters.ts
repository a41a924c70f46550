/** `dead-letters`: what was set aside, and what becomes of it. */
import type { Command } from 'commander';
import type { Wanted } from '../../functions/books/letters.ts';
import type { Listed, Redriven } from '../../functions/operations/dead_letters.ts';
import type { ChoiceMade } from '../../functions/operations/leave_out.ts';
import type { Service } from './service.ts';
import type { Open } from './terminal.ts';
import { choiceLines, closedLines, isWell, letterLines, othersLines } from './told/letters.ts';

export function addDeadLetters(program: Command, open: Open): void {
  const letters = program.command('dead-letters').description('what was set aside, and what becomes of it');
  const wanting = (name: string, description: string) =>
    letters
      .command(name)
      .description(description)
      .option('--cause <cause>', 'with this cause only, as the list tells it')
      .option('--collection <name>', 'of this collection only')
      .option('--key <key>', 'of this document only')
      .option('--caller <caller>', 'of documents that this caller has written, as the list tells it')
      .option('--prefix <prefix>', 'of documents whose keys begin so');
  wanting('list', 'their causes; and themselves, where an option says which').action(
    async (wanted: Wanted) => {
      const terminal = open();
      const listed = await terminal.service.ask<Listed>('dead-letters', wanted);
      const filtered = Object.keys(wanted).length > 0;
      terminal.show(listed, letterLines(listed, filtered, filtered), isWell(listed));
    },
  );
  wanting('explain', 'each of them with its reason').action(async (wanted: Wanted) => {
    const terminal = open();
    const listed = await terminal.service.ask<Listed>('dead-letters', wanted);
    const lines = letterLines(listed, true, Object.keys(wanted).length > 0);
    terminal.show(listed.letters, lines, isWell(listed));
  });
  for (const [name, description, done] of [
    ['redrive', 'send them again, once what was wrong has been mended', 'sent again'],
    ['discard', 'give them up', 'given up'],
  ] as const)
    wanting(name, description)
      .requiredOption('--why <reason>', 'for the audit log')
      .action(async (asked: Wanted & { readonly why: string }) => {
        const terminal = open();
        const count = (text: string) => terminal.count(text);
        const closed = await closeAll({ service: terminal.service, count }, name, asked);
        terminal.show(closed, closedLines(closed, done), !closed.left && closed.skipped === 0);
      });
  addLeaveOut(letters, open);
}

function addLeaveOut(letters: Command, open: Open): void {
  letters
    .command('leave-out')
    .description('leave out, from now on, whatever Oracle can never take of a caller or of some keys')
    .requiredOption('--collection <name>', 'of this collection')
    .option('--caller <caller>', 'what this caller writes, as the list tells it')
    .option('--prefix <prefix>', 'documents whose keys begin so')
    .option('--undo', 'set them aside again; what was left out stays so until it is written again')
    .requiredOption('--why <reason>', 'for the audit log')
    .action(async (asked: LeaveOut) => {
      const terminal = open();
      const { service } = terminal;
      const made = await service.ask<ChoiceMade>('leave-out', asked);
      const { undo, why, ...wanted } = asked;
      if (undo) return terminal.show({ ...made, closed: null }, choiceLines(made, true, null), true);
      // Those that are open already.
      const count = (text: string) => terminal.count(text);
      const closed = await closeAll({ service, count }, 'discard', { ...wanted, why, unstorable: true });
      const others = closed.left ? 0 : (await service.ask<Listed>('dead-letters', wanted)).open;
      const lines = [...choiceLines(made, false, closed), ...othersLines(others, wanted)];
      terminal.show({ ...made, closed }, lines, !closed.left);
    });
}

interface LeaveOut {
  readonly collection: string;
  readonly caller?: string;
  readonly prefix?: string;
  readonly undo?: boolean;
  readonly why: string;
}

/** Requests that do nothing, one after another, before the command gives up: a busy function may need its time for other things. */
const IDLE = 3;

/** Some at a time, since one request has only so much time. */
export async function closeAll(
  { service, count }: { readonly service: Pick<Service, 'ask'>; readonly count: (text: string) => void },
  operation: 'redrive' | 'discard',
  asked: object,
): Promise<Redriven> {
  let done = 0;
  for (let idle = 0; ; ) {
    const last = await service.ask<Redriven>(operation, asked);
    done += last.done;
    idle = last.done === 0 ? idle + 1 : 0;
    // Nothing goes on where only those are left that cannot be sent again.
    if (!last.left || idle === IDLE) return { ...last, done };
    count(`${done} so far`);
  }
}
