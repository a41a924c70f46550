/** `set-aside keep` and `set-aside restore`: what becomes of entries that were set aside. */
import { type Command, Option } from 'commander';
import type { Decided, Outcome } from '../../functions/operations/decide_set_aside.ts';
import { REASONS } from '../../functions/protocol/state.ts';
import { BadCommand, type Service } from './service.ts';
import type { Open } from './terminal.ts';
import { outcomeLine } from './told/set_aside.ts';

interface Given {
  readonly key?: string;
  readonly prefix?: string;
  readonly reason?: string;
  readonly why: string;
  readonly confirm?: true;
  readonly overwrite?: true;
}

export const reasonOption = () =>
  new Option('--reason <reason>', 'only those with this reason').choices(REASONS);

export function addDecisions(command: Command, open: Open): void {
  for (const [how, description] of [
    ['keep', 'closes entries as they are: what the stores hold stays'],
    ['restore', 'writes what entries hold again, unless their key was written since'],
  ] as const) {
    const added = command
      .command(how)
      .description(`${description}; tells what would be done, and does it with --confirm`)
      .arguments('<collection> [id]')
      .option('--key <key>', 'those of this document')
      .option('--prefix <prefix>', 'those of keys that begin so')
      .addOption(reasonOption())
      .requiredOption('--why <reason>', 'for the audit log')
      .option('--confirm', 'do it');
    if (how === 'restore')
      added.option('--overwrite', 'also over what was written since; for one entry, named by its id');
    added.action(async (collection: string, id: string | undefined, { reason, ...given }: Given) => {
      const terminal = open();
      if ([id, given.key, given.prefix, reason].every((each) => each === undefined))
        throw new BadCommand('Say which entries: an id, --key, --prefix or --reason');
      const { confirm = false } = given;
      const asked = { collection, how, ...given, ...(id && { id }), ...(reason && { reasons: [reason] }) };
      const closed = { done: 0, open: 0 };
      for await (const outcome of outcomesOf(terminal.service, asked)) {
        const stays = outcome.does === 'nothing';
        closed[stays ? 'open' : 'done']++;
        // What was done as it was asked for is only counted.
        if (stays || !confirm) terminal.each(outcome, outcomeLine(outcome, confirm));
        else terminal.count(`${closed.done} so far`);
      }
      const { done, open: left } = closed;
      terminal.say(
        confirm
          ? `${done} entries were closed, ${left} stay open.`
          : `${done} entries would be closed, ${left} would stay open. Nothing was done. Say --confirm to do it.`,
      );
      if (left > 0) process.exitCode = 1;
    });
  }
}

/** Some at a time, since one request has only so much time. */
export async function* outcomesOf(service: Pick<Service, 'ask'>, asked: object): AsyncGenerator<Outcome> {
  let after: string | null = null;
  do {
    const page: Decided = await service.ask<Decided>('set-aside-decide', { ...asked, after });
    yield* page.outcomes;
    after = page.next;
  } while (after !== null);
}
