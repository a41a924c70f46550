/** `force`: the next move without its gate, and what that puts at risk. */
import type { Command } from 'commander';
import type { page } from '../../functions/operations/at_risk.ts';
import { LISTED, type RiskName } from '../../functions/operations/risks.ts';
import { BadCommand } from './service.ts';
import type { Open, Terminal } from './terminal.ts';
import { type Forced, forcedLines, listedLine } from './told/forced.ts';

export function addForce(program: Command, open: Open): void {
  program
    .command('force')
    .description('the next move, whatever was measured; tells what is at risk, and moves with --confirm')
    .argument('<collection>')
    .option('--why <reason>', 'for the audit log; needed unless keys are listed')
    .option('--confirm', 'do it, or ask another operator to confirm it where fourEyes says so')
    .option('--list', 'all keys at risk, a line each, and nothing else; with --json an object a line')
    .action(async (collection: string, asked: { why?: string; confirm?: boolean; list?: boolean }) => {
      const terminal = open();
      const { list, ...rest } = asked;
      if (list) {
        if (rest.confirm) throw new BadCommand('--list changes nothing: leave --confirm out');
        return listAtRisk(terminal, collection);
      }
      if (rest.why === undefined)
        throw new BadCommand('--why <reason> is missing: say why, for the audit log');
      const forced = await terminal.service.ask<Forced>('force', { collection, ...rest });
      terminal.show(forced, forcedLines(forced, collection), forced.audited !== false);
    });
}

type Listed = Awaited<ReturnType<typeof page>>;

/** Prints page by page: there may be millions. */
export async function listAtRisk(
  { service, each }: Pick<Terminal, 'each'> & { readonly service: Pick<Terminal['service'], 'ask'> },
  collection: string,
): Promise<void> {
  const of = async (kind: RiskName) => {
    let after: string | null = null;
    do {
      const { keys, next }: Listed = await service.ask<Listed>('at-risk', { collection, kind, after });
      for (const { key, why } of keys) each({ kind, key, why }, listedLine(kind, key, why));
      after = next;
    } while (after !== null);
  };
  for (const kind of LISTED) await of(kind);
}
