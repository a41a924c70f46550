/** `status` and `plan`: where the migration is, and what it waits for. */
import type { Command } from 'commander';
import type { Overview } from '../../functions/operations/overview.ts';
import { BadCommand } from './service.ts';
import type { Open, Terminal } from './terminal.ts';
import { overviewLines, planLines } from './told/phases.ts';

const CODES = `
Exits with 0 where the collections could be looked at, also where a store does not answer or is slow: then the answer says STORES, with
the reason, and with --json the member evidence has "missing". Exits with 1 where the flags of a collection ask for what cannot be
(REFUSED), and with 2 where the service does not answer.
`;

export function addLook(program: Command, open: Open): void {
  const looking = (
    name: string,
    description: string,
    lines: (all: readonly Overview[], terminal: Terminal) => Promise<string[]>,
  ) =>
    program
      .command(name)
      .description(description)
      .argument('[collection]', 'this one alone')
      .addHelpText('after', CODES)
      .action(async (collection?: string) => {
        const terminal = open();
        const all = await seenOf(terminal, collection);
        terminal.show(all, await lines(all, terminal), isWell(all));
      });
  looking('status', 'where each collection is, what is next, and what that waits for', async (all) =>
    overviewLines(all, Date.now()),
  );
  looking('plan', 'the moves that are to come, and what each will wait for', async (all, terminal) =>
    planLines(all, await terminal.service.about()),
  );
}

/** Throws where there is no such collection. */
export async function seenOf({ service }: Terminal, collection?: string): Promise<Overview[]> {
  const all = await service.ask<Overview[]>('status');
  const wanted = all.filter((each) => collection === undefined || each.collection === collection);
  if (wanted.length > 0) return wanted;
  throw new BadCommand(
    `There is no collection ${collection}: it is none of ${all.map((each) => each.collection).join(', ')}`,
  );
}

function isWell(all: readonly Overview[]): boolean {
  return all.every(({ decision }) => decision.kind !== 'refused');
}
