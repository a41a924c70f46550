/** `hash`: what to search the logs for, where they have hashes instead of keys. */
import type { Command } from 'commander';
import type { Open } from './terminal.ts';

interface Told {
  /** Null where logs have keys as they are. */
  readonly hash: string | null;
}

export function addHash(program: Command, open: Open): void {
  program
    .command('hash')
    .description('what the logs have instead of a key (deployment.secrets.keys)')
    .argument('<key>')
    .action(async (key: string) => {
      const terminal = open();
      const told = await terminal.service.ask<Told>('hash', { key });
      terminal.show(told, [told.hash ?? 'Logs have keys as they are: deployment.secrets.keys is null.']);
    });
}
