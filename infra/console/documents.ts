/** `explain`, `preflight` and `verified`: what is known of documents. */
import type { Command } from 'commander';
import type { Explanation } from '../../functions/operations/explain.ts';
import type { Preflight } from '../../functions/operations/preflight.ts';
import type { VerifiedUpTo } from '../../functions/operations/verified.ts';
import type { LoadSummary } from '../../functions/runs/load.ts';
import type { Open, Terminal } from './terminal.ts';
import { explanationLines, preflightLines, verifiedLines } from './told/documents.ts';

export function addDocuments(program: Command, open: Open): void {
  program
    .command('explain')
    .description('all that is known of one document, but for what it holds')
    .arguments('<collection> <key>')
    .action(async (collection: string, key: string) => {
      const terminal = open();
      const found = await terminal.service.ask<Explanation>('explain', { collection, key });
      terminal.show(found, explanationLines(found));
    });
  program
    .command('preflight')
    .description(
      'what Oracle could not hold, and whether Couchbase takes durable writes, before anything is copied; changes nothing',
    )
    .argument('<collection>')
    .action(async (collection: string) => {
      const terminal = open();
      const found = await preflightAll(terminal, collection);
      const problem = found.durabilityProblem ?? null;
      terminal.show(found, preflightLines(found), found.refused === 0 && problem === null);
    });
  program
    .command('verified')
    .description('up to when both stores are known to be equal, and what speaks against it')
    .argument('<collection>')
    .action(async (collection: string) => {
      const terminal = open();
      const found = await terminal.service.ask<VerifiedUpTo>('verified', { collection });
      terminal.show(found, verifiedLines(found), found.last?.outcome === 'clean');
    });
}

/** Page by page, since one request has only so much time. */
export async function preflightAll(terminal: Terminal, collection: string): Promise<Preflight> {
  let total: Preflight = { checked: 0, refused: 0, notJson: 0, largest: 0, samples: [], next: null };
  do {
    const page = await terminal.service.ask<Preflight>('preflight', { collection, after: total.next });
    total = {
      checked: total.checked + page.checked,
      refused: total.refused + page.refused,
      notJson: total.notJson + page.notJson,
      largest: Math.max(total.largest, page.largest),
      samples: [...total.samples, ...page.samples].slice(0, 50),
      durabilityProblem: total.durabilityProblem ?? page.durabilityProblem ?? null,
      ...((total.load ?? page.load) === undefined ? {} : { load: (total.load ?? page.load) as LoadSummary }),
      next: page.next,
    };
    terminal.count(`${total.checked} documents`);
  } while (total.next !== null);
  return total;
}
