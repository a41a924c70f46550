/** `hold` and `commit`: moves wait for an operator, who lets one of them through. */
import { type Command, InvalidArgumentError, Option } from 'commander';
import type { Committed, Held } from '../../functions/operations/hold.ts';
import { HOLDABLE } from '../../functions/phases/hold.ts';
import { BadCommand } from './service.ts';
import type { Open } from './terminal.ts';
import { committedLines, heldLines } from './told/hold.ts';

const HOLD = `
  crossfade hold orders --why 'not before the sale is over'
  crossfade hold orders --before switch        only the move into switch waits
  crossfade hold orders --release              what the configuration says counts again

The moves into seal and into switch wait until they are committed, one by one. All that they need is gathered meanwhile, and status says when one is ready.
Moves back and forced ones wait for nobody. It counts from the next look of the controller on: a look that has begun may still make a move.`;

const COMMIT = `
  crossfade commit orders                      the next move is made, now or as soon as it is ready
  crossfade commit orders --within 2h          only if it is ready within two hours

It is about the next move alone: the one after it waits again. A later hold takes it back.`;

/** Milliseconds. */
const UNITS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000 };

export function addHold(program: Command, open: Open): void {
  program
    .command('hold')
    .description('let the moves into seal and switch wait until they are committed')
    .argument('<collection>')
    .option('--why <reason>', 'for status and the audit log')
    .addOption(new Option('--before <phase>', 'only the move into this phase').choices([...HOLDABLE]))
    .option('--release', 'end the hold')
    .addHelpText('after', HOLD)
    .action(
      async (
        collection: string,
        { why, before, release }: { why?: string; before?: string; release?: boolean },
      ) => {
        if (release && before !== undefined)
          throw new BadCommand('--release ends the whole hold: leave --before out');
        const terminal = open();
        const asked = { collection, why, release, ...(before === undefined ? {} : { before: [before] }) };
        const held = await terminal.service.ask<Held>('hold', asked);
        terminal.show(held, heldLines(held), held.audited);
      },
    );
  program
    .command('commit')
    .description('let the next move through that is held')
    .argument('<collection>')
    .option('--why <reason>', 'for status and the audit log')
    .option('--within <time>', 'only if it is ready within this time: 30m, 2h or 1d', milliseconds)
    .option('--outside-window', 'also where no window of the configuration is open')
    .addHelpText('after', COMMIT)
    .action(async (collection: string, asked: { why?: string; within?: number; outsideWindow?: boolean }) => {
      const terminal = open();
      const committed = await terminal.service.ask<Committed>('commit', { collection, ...asked });
      terminal.show(committed, committedLines(committed));
    });
}

function milliseconds(text: string): number {
  const [, number, unit = ''] = /^([1-9]\d{0,5})([mhd])$/.exec(text) ?? [];
  if (number === undefined) throw new InvalidArgumentError('It must be like 30m, 2h or 1d.');
  return Number(number) * (UNITS[unit] as number);
}
