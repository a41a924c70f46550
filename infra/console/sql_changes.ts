/** `sql-changes`: rows that were changed by SQL, past the API, and what becomes of them. */
import { type Command, Option } from 'commander';
import type { SqlChangePage, SqlOutcome } from '../../functions/operations/sql_changes.ts';
import { WATCHED } from '../../functions/stores/oracle/sql_watch.ts';
import { outcomesOf, tellDecided } from './decisions.ts';
import { BadCommand } from './service.ts';
import type { Open } from './terminal.ts';
import { sqlListLines, sqlOutcomeLine } from './told/sql_changes.ts';

interface Filter {
  readonly key?: string;
  readonly prefix?: string;
  readonly what?: string;
}

/** Entries of one request. */
const PAGE = 100;

const whatOption = () =>
  new Option('--what <what>', 'only where this was changed').choices([...WATCHED, 'unversioned']);

export function addSqlChanges(program: Command, open: Open): void {
  const command = program
    .command('sql-changes')
    .description('rows of the tables in Oracle that were changed by SQL, past the API');
  command
    .command('list')
    .description('which keys, what was changed, when and by whom')
    .argument('<collection>')
    .option('--prefix <prefix>', 'of keys that begin so only')
    .addOption(whatOption())
    .option('--after <key>', 'begin after this key')
    .action(async (collection: string, asked: Filter & { readonly after?: string }) => {
      const terminal = open();
      const page = await terminal.service.ask<SqlChangePage>('sql-changes', {
        ...{ collection, ...asked, limit: PAGE },
      });
      terminal.show(page, sqlListLines(collection, page));
    });
  for (const [how, description] of DECISIONS) addDecision(command, open, how, description);
}

const DECISIONS = [
  ['accept', 'makes each row an ordinary write of the service, which Couchbase is told of'],
  ['leave', 'closes the entries, and writes nothing'],
] as const;

function addDecision(command: Command, open: Open, how: string, description: string): void {
  command
    .command(how)
    .description(`${description}; tells what would be done, and does it with --confirm`)
    .arguments('<collection> [key]')
    .option('--prefix <prefix>', 'those of keys that begin so')
    .addOption(whatOption())
    .requiredOption('--why <reason>', 'for the audit log')
    .option('--confirm', 'do it')
    .action(async (collection: string, key: string | undefined, given: Given) => {
      const terminal = open();
      const asked = { collection, how, ...given, ...(key !== undefined && { key }) };
      if ([key, given.prefix, given.what].every((each) => each === undefined))
        throw new BadCommand('Say which entries: a key, --prefix or --what');
      const { confirm = false } = given;
      const outcomes = outcomesOf<SqlOutcome>(terminal.service, 'sql-changes-decide', asked);
      await tellDecided(terminal, outcomes, confirm, sqlOutcomeLine);
    });
}

interface Given extends Filter {
  readonly why: string;
  readonly confirm?: true;
}
