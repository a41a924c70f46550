/** `set-aside keep` and `set-aside restore`: what becomes of entries that were set aside. */
import { type Command, Option } from 'commander';
import type { Outcome } from '../../functions/operations/decide_set_aside.ts';
import { CODES } from '../../functions/stores/oracle/set_aside_rows.ts';
import { outcomesOf, tellDecided } from './decisions.ts';
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
  new Option('--reason <reason>', 'only those with this reason').choices(CODES);

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
      await tellDecided(terminal, setAsideOutcomes(terminal.service, asked), confirm, outcomeLine);
    });
  }
}

/** What becomes of entries that were set aside. */
export function setAsideOutcomes(service: Pick<Service, 'ask'>, asked: object): AsyncGenerator<Outcome> {
  return outcomesOf<Outcome>(service, 'set-aside-decide', asked);
}
