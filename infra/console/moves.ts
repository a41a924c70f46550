/** `set`: what operators want. */
import type { Command } from 'commander';
import type { Wished } from '../../functions/control/seen.ts';
import { type Change, changesTo, mistakeIn, parameterOf, refusalOf } from './flags.ts';
import { BadCommand, type Service } from './service.ts';
import type { Open } from './terminal.ts';

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
    .option('--why <reason>', 'for the audit log')
    .addHelpText('after', SET)
    .action(async (what: string, value: string | undefined, asked: { collection?: string; why?: string }) => {
      const { collection = null, why = null } = asked;
      const terminal = open();
      const mistake = mistakeIn(what, value, collection);
      if (mistake !== null) throw new BadCommand(mistake);
      const { set, unaudited } = await setFlags(
        terminal.service,
        collection,
        changesTo(what, value) ?? [],
        why,
      );
      const lines = set.map(({ name, value: now }) => `${name} is ${now}`);
      const plan = `npx crossfade plan${collection === null ? '' : ` ${collection}`}`;
      terminal.show(
        set,
        [...lines, `The controller takes it from here, one safe move at a time. What comes next: ${plan}`],
        unaudited === null,
      );
      if (unaudited !== null) terminal.say(unaudited);
    });
}

/** Of a service, as far as flags are set. */
export type Settable = Pick<Service, 'about' | 'ask' | 'set'>;

export interface FlagsSet {
  readonly set: readonly { readonly name: string; readonly value: string }[];
  /** Why the audit log could not be written; null where it was. The flags are set all the same. */
  readonly unaudited: string | null;
}

/** Refuses what would ask for nothing that could be. @param collection null for all. @param why null where nobody says it. */
export async function setFlags(
  service: Settable,
  collection: string | null,
  changes: readonly Change[],
  why: string | null,
): Promise<FlagsSet> {
  const length = why?.trim().length ?? 5;
  if (length < 5 || length > 500)
    throw new BadCommand('Nothing was changed. --why: say why, in 5 to 500 characters');
  const { parameters, collections } = await service.about();
  if (collection !== null && !collections.includes(collection))
    throw new BadCommand(`There is no collection ${collection}: it is none of ${collections.join(', ')}`);
  // No store is asked: flags are set where one is away, above all.
  const seen = await service.ask<Wished[]>('flags').catch((error: Error) => {
    // Functions of the version before know no such operation.
    if (!error.message.includes('There is no operation')) throw error;
    return service.ask<Wished[]>('status');
  });
  for (const each of seen.filter((one) => collection === null || one.collection === collection)) {
    const refusal = refusalOf(each, changes, collection !== null);
    if (refusal !== null) throw new BadCommand(`Nothing was changed. ${each.collection}: ${refusal}`);
  }
  const set: { name: string; value: string }[] = [];
  const done: Change[] = [];
  try {
    for (const change of changes) {
      const name = parameterOf(parameters, collection, change.flag);
      await service.set(name, change.value);
      set.push({ name, value: change.value });
      done.push(change);
    }
  } catch (error) {
    if (set.length === 0) throw error;
    await audited(service, collection, done, why);
    const before = set.map(({ name, value }) => `${name} ${value}`).join(', ');
    const { name, message } = error as Error;
    // By its name the console knows what to advise.
    throw Object.assign(new Error(`${message}. Only this was set: ${before}. Set the rest, or go back`), {
      name,
    });
  }
  return { set, unaudited: await audited(service, collection, done, why) };
}

/** After the flags are set: a store that is away must hold up nobody who wants them changed. */
async function audited(
  service: Settable,
  collection: string | null,
  changes: readonly Change[],
  why: string | null,
): Promise<string | null> {
  if (changes.length === 0) return null;
  return service.ask('set', { collection, changes, why }).then(
    () => null,
    (error: Error) =>
      `The flags are set, but the audit log has no entry of it: ${error.message}\n` +
      'The controller enters who has set them, and when, once Oracle answers. For the reason, give the same command again then.',
  );
}
