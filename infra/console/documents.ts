/** `explain` and `verified`: what is known of documents. */
import type { Command } from 'commander';
import type { Explanation } from '../../functions/operations/explain.ts';
import type { VerifiedUpTo } from '../../functions/operations/verified.ts';
import type { Open } from './terminal.ts';
import { explanationLines, verifiedLines } from './told/documents.ts';

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
    .command('verified')
    .description('up to when both stores are known to be equal, and what speaks against it')
    .argument('<collection>')
    .action(async (collection: string) => {
      const terminal = open();
      const found = await terminal.service.ask<VerifiedUpTo>('verified', { collection });
      terminal.show(found, verifiedLines(found), found.last?.outcome === 'clean');
    });
}
