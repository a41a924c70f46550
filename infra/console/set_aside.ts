/** `set-aside`: contents that a repair replaced, after a forced move or since a store had forgotten something, and that are kept. */
import { type Command, InvalidArgumentError } from 'commander';
import type { Held, Piece, SetAsidePage } from '../../functions/operations/set_aside.ts';
import { unsteering } from '../../functions/parsing/steering.ts';
import { addDecisions, reasonOption } from './decide.ts';
import type { Service } from './service.ts';
import type { Open } from './terminal.ts';
import { entryLine, exportLine, listLines, shownBody } from './told/set_aside.ts';

type Asks = Pick<Service, 'ask'>;

interface Filter {
  readonly prefix?: string;
  readonly reason?: string;
  readonly open?: boolean;
}

/** Entries of one request. */
const PAGE = 500;

export function addSetAside(program: Command, open: Open): void {
  const command = program
    .command('set-aside')
    .description(
      'contents that a repair replaced, after a forced move or since a store had forgotten something',
    );
  addDecisions(command, open);
  command
    .command('list')
    .description('which keys, in which version, when and why')
    .argument('<collection>')
    .option('--prefix <prefix>', 'of keys that begin so only')
    .addOption(reasonOption())
    .option('--open', 'only what nobody has decided on')
    .option('--after <id>', 'begin after this entry')
    .option('--limit <number>', 'so many entries at most', numberIn, 100)
    .action(async (collection: string, asked: Filter & { after?: string; limit: number }) => {
      const terminal = open();
      const { reason, ...rest } = asked;
      const wanted = { collection, ...rest, ...(reason && { reasons: [reason] }) };
      const { total, entries, next } = await listed(terminal.service, wanted);
      terminal.show({ total, entries, next }, listLines(collection, entries, total, next));
    });
  command
    .command('show')
    .description('all that was set aside of one document, with its content')
    .arguments('<collection> <key>')
    .action(async (collection: string, key: string) => {
      const terminal = open();
      const [lines, whole]: [string[], object[]] = [[], []];
      for await (const { entry, body } of entriesOf(terminal.service, { collection, key })) {
        lines.push(entryLine(entry), ...(entry.deleted ? [] : [shownBody(body)]));
        whole.push(JSON.parse(exportLine(entry, body)));
      }
      terminal.show(whole, lines.length === 0 ? ['Nothing was set aside of it.'] : lines);
    });
  addExport(command, open);
}

function addExport(command: Command, open: Open): void {
  command
    .command('export')
    .description('everything, one JSON object a line, on the standard output')
    .argument('<collection>')
    .action(async (collection: string) => {
      const terminal = open();
      let written = 0;
      for await (const { entry, body } of entriesOf(terminal.service, { collection })) {
        await print(`${unsteering(exportLine(entry, body))}\n`);
        terminal.count(`${++written} entries`);
      }
      terminal.say(`${written} entries are written.`);
    });
}

function numberIn(text: string): number {
  const number = Number(text);
  if (Number.isSafeInteger(number) && number > 0) return number;
  throw new InvalidArgumentError('It must be a whole number above 0.');
}

/** Whoever reads the standard output may be slower than the API. */
function print(text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    process.stdout.write(text, (error) => (error ? reject(error) : resolve()));
  });
}

/** Entries without their contents, `limit` of them at most. `total` is that of the first page. */
export async function listed(
  service: Asks,
  {
    limit,
    after = null,
    ...wanted
  }: { limit: number; after?: string | null; collection: string } & Omit<Filter, 'reason'> & {
      reasons?: string[];
    },
): Promise<SetAsidePage> {
  const entries: Held[] = [];
  for (let [from, total]: [string | null, number | null] = [after, null]; ; ) {
    const size = Math.min(PAGE, limit - entries.length);
    const page = await service.ask<SetAsidePage>('set-aside', { ...wanted, after: from, limit: size });
    entries.push(...page.entries);
    total ??= page.total;
    if (page.next === null || entries.length >= limit) return { total, entries, next: page.next };
    from = page.next;
  }
}

/** All entries with their contents, to the end. Throws where fewer came than the first page has counted. */
export async function* entriesOf(
  service: Asks,
  wanted: { readonly collection: string; readonly key?: string },
): AsyncGenerator<{ readonly entry: Held; readonly body: Buffer }> {
  let [seen, total] = [0, 0];
  for (let after: string | null = null, first = true; first || after !== null; first = false) {
    const page: SetAsidePage = await service.ask('set-aside', {
      ...wanted,
      after,
      limit: PAGE,
      bodies: true,
    });
    total += page.total ?? 0;
    for (const entry of page.entries) {
      seen++;
      yield { entry, body: await bodyOf(service, wanted.collection, entry) };
    }
    after = page.next;
  }
  if (seen < total)
    throw new Error(
      `${total} entries were counted, and ${seen} came: entries were deleted meanwhile. Export again`,
    );
}

async function bodyOf(service: Asks, collection: string, { id, body, bytes }: Held): Promise<Buffer> {
  if (body !== null) return Buffer.from(body, 'base64');
  const pieces: Buffer[] = [];
  for (let from = 0; from < bytes; ) {
    const piece = await service.ask<Piece>('set-aside-body', { collection, id, from });
    const part = Buffer.from(piece.body, 'base64');
    if (part.length === 0)
      throw new Error(`The content of the entry ${id} ended after ${from} of ${bytes} bytes`);
    pieces.push(part);
    from += part.length;
  }
  return Buffer.concat(pieces);
}
