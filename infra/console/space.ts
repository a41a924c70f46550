/** `space`: what the tables of a collection will need in a month. */
import type { Command } from 'commander';
import type { Measured } from '../../functions/books/space.ts';
import type { Month } from '../../functions/operations/space.ts';
import type { Open } from './terminal.ts';

interface Told {
  readonly measured: Measured;
  readonly month: Month;
}

export function addSpace(program: Command, open: Open): void {
  program
    .command('space')
    .description('what the tables of a collection will need in a month, and what it was measured by')
    .argument('<collection>')
    .action(async (collection: string) => {
      const terminal = open();
      const told = await terminal.service.ask<Told>('space', { collection });
      terminal.show(told, spaceLines(told));
    });
}

export function spaceLines({ measured, month }: Told): string[] {
  const { sample, tombstones, expiring, counted, aside, ours, most } = measured;
  const rows = (count: number) => (count >= most ? `${count} or more` : `${count}`);
  const mean = sample.documents === 0 ? 0 : Math.round(sample.bytes / sample.documents);
  const own = Object.values(ours).reduce((sum, count) => sum + count, 0);
  const [first, last] = [counted[0], counted.at(-1)];
  const counts = first === undefined || last === undefined ? 'none' : `${first.keys} to ${last.keys} keys`;
  return [
    'Measured:',
    `  documents: ${mean} bytes on average, of ${sample.documents}; verifications of the last 90 days counted ${counts}`,
    `  tombstones: ${rows(tombstones.all)}, of the last day ${rows(tombstones.day)}; documents that expire in the next day: ${rows(expiring)}`,
    `  set aside in the last 30 days: ${rows(aside.rows)} contents of ${aside.bytes} bytes`,
    `  rows of our own tables in the last 30 days, of all collections: ${rows(own)}`,
    'A month needs, about:',
    `  documents: ${month.documents === null ? 'not known. Two verifications of all keys, a day or more apart, tell it' : mebibytes(month.documents)}`,
    `  tombstones: ${mebibytes(month.tombstones)} while none is dropped. Dropped once a week they take ${mebibytes(month.tombstonesDropped)} in all`,
    `  what is set aside: ${mebibytes(month.setAside)}`,
    `  our own tables: ${mebibytes(month.ours)}`,
  ];
}

function mebibytes(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(bytes < 10 * 2 ** 20 ? 1 : 0)} MiB`;
}
