/** `set` and `force`: what operators want, and what they take upon themselves. */
import type { Command } from 'commander';
import type { Seen } from '../../functions/operations/overview.ts';
import { type Change, changesTo, parameterOf, refusalOf } from './flags.ts';
import { BadCommand, type Service } from './service.ts';
import type { Open } from './terminal.ts';
import { type Forced, forcedLines } from './told/phases.ts';

const SET = `
  crossfade set expand                              both stores are written, Couchbase is read
  crossfade set reads oracle                        one flag alone
  crossfade set contract --collection carts         one collection alone: its flags are its own from now on
  crossfade set inherit --collection carts          it shares the flags of all again

The controller sees it and goes there, one safe move at a time: crossfade plan tells which.`;

export function addMoves(program: Command, open: Open): void {
  program
    .command('set')
    .description('change the flags: one of them, or all three for legacy, expand, settle or contract')
    .argument('<what>', 'a phase, couchbase-writes, oracle-writes, reads, or inherit')
    .argument('[value]', 'of a flag')
    .option('--collection <name>', 'of this collection alone')
    .addHelpText('after', SET)
    .action(async (what: string, value: string | undefined, { collection }: { collection?: string }) => {
      const terminal = open();
      const changes = changesTo(what, value);
      if (changes === null)
        throw new BadCommand(`set ${[what, value].join(' ').trim()}: that is nothing to set. See --help`);
      const names = await setFlags(terminal.service, collection ?? null, changes);
      terminal.show(
        names,
        names.map(({ name, value: now }) => `${name} is ${now}`),
      );
    });
  program
    .command('force')
    .description('the next move, whatever was measured; tells what is at risk, and moves with --confirm')
    .argument('<collection>')
    .requiredOption('--why <reason>', 'for the audit log')
    .option('--confirm', 'do it')
    .action(async (collection: string, asked: { why: string; confirm?: boolean }) => {
      const terminal = open();
      const forced = await terminal.service.ask<Forced>('force', { collection, ...asked });
      terminal.show(forced, forcedLines(forced));
    });
}

/** Refuses what would ask for nothing that could be. @param collection null for all. */
export async function setFlags(
  service: Service,
  collection: string | null,
  changes: readonly Change[],
): Promise<{ readonly name: string; readonly value: string }[]> {
  const { parameters, collections } = await service.about();
  if (collection !== null && !collections.includes(collection))
    throw new BadCommand(`There is no collection ${collection}: it is none of ${collections.join(', ')}`);
  const seen = await service.ask<Seen[]>('status');
  for (const each of seen.filter((one) => collection === null || one.collection === collection)) {
    const refusal = refusalOf(each, changes, collection !== null);
    if (refusal !== null) throw new BadCommand(`Nothing was changed. ${each.collection}: ${refusal}`);
  }
  const set: { name: string; value: string }[] = [];
  for (const { flag, value } of changes) {
    const name = parameterOf(parameters, collection, flag);
    await service.set(name, value);
    set.push({ name, value });
  }
  return set;
}
