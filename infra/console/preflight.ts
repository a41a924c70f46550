/** `preflight`: looks at all documents of Couchbase, page by page, before anything is copied. */
import { type Command, InvalidArgumentError } from 'commander';
import type { AcceptedLarge } from '../../functions/operations/accept_large.ts';
import type { Preflight } from '../../functions/operations/preflight.ts';
import { NotDone, type Service } from './service.ts';
import type { Open, Terminal } from './terminal.ts';
import {
  againCommand,
  isWell,
  preflightLines,
  type Range,
  resumedLine,
  stoppedLine,
} from './told/preflight.ts';

/** Pages in a row that fail: functions may die of one document four times before it is found. */
const FAILURES = 6;
/** As shells tell of a command that Ctrl-C has ended. */
const INTERRUPTED = 130;

const MORE = `
The functions keep what was found, page by page. After Ctrl-C, or a failure, the same command goes on where the last one was; --again begins anew.
Documents that are too large for an answer of the API hold the move from legacy to expand until they are accepted, split or deleted; and so do documents whose
keys match no pattern of any collection, until they are accepted, taken into one, ignored or deleted.`;

export interface Asked extends Range {
  readonly again?: boolean;
}

/** Where it is asked, and told how far it is. */
export interface Asking extends Pick<Terminal, 'say' | 'count'> {
  readonly service: Pick<Service, 'ask'>;
}

export function addPreflight(program: Command, open: Open): void {
  const preflight = program
    .command('preflight')
    .description(
      'what Oracle could not hold and the API could not serve, and whether Couchbase takes durable writes, before anything is copied; changes no document',
    )
    .argument('<collection>')
    .option('--prefix <text>', 'only keys that begin so')
    .option('--after <key>', 'only keys above this one')
    .option('--again', 'begin anew, and do not go on with a look that has not come to its end')
    .addHelpText('after', MORE)
    .action(async (collection: string, asked: Asked) => {
      const terminal = open();
      const found = await preflightAll(terminal, collection, asked);
      terminal.show(found, preflightLines(found, collection), isWell(found));
    });
  preflight
    .command('accept')
    .description(
      'accept that the API can never serve documents that are too large, or that no collection takes some',
    )
    .argument('<collection>')
    .option('--too-large <number>', 'how many are too large, as preflight has told', whole)
    .option('--orphans <number>', 'how many no collection takes, as preflight has told', whole)
    .requiredOption('--why <reason>', 'for the audit log')
    .action(async (collection: string, said: { tooLarge?: number; orphans?: number; why: string }) => {
      const terminal = open();
      const accepted = await terminal.service.ask<AcceptedLarge>('preflight-accept', { collection, ...said });
      const { tooLarge, orphans } = accepted;
      terminal.show(accepted, [
        orphans === undefined
          ? `Accepted: the API can never serve ${tooLarge} documents of ${collection}. Should there be more, the move waits again.`
          : `Accepted: ${orphans} documents beside those of ${collection} stay in Couchbase, since no collection takes them. Should there be more, the move waits again.`,
      ]);
    });
}

/** From where it stands to the end, page by page, since one request has only so much time. Throws with the command that goes on. */
export async function preflightAll(
  terminal: Asking,
  collection: string,
  { again = false, ...range }: Asked = {},
): Promise<Preflight> {
  const pages = new Pages(terminal, collection, range, again);
  const stop = () => {
    terminal.say(pages.stopped('Stopped.'));
    process.exit(INTERRUPTED);
  };
  process.once('SIGINT', stop);
  try {
    return await pages.all();
  } finally {
    process.off('SIGINT', stop);
  }
}

class Pages {
  readonly #terminal: Asking;
  readonly #collection: string;
  readonly #range: Range;
  #how: 'anew' | 'resume';
  #last: Preflight | null = null;

  constructor(terminal: Asking, collection: string, range: Range, again: boolean) {
    this.#terminal = terminal;
    this.#collection = collection;
    this.#range = range;
    this.#how = again ? 'anew' : 'resume';
  }

  /** How far it is, and how to go on. */
  stopped(why: string): string {
    return stoppedLine(why, againCommand(this.#collection, this.#range), this.#last);
  }

  async all(): Promise<Preflight> {
    for (let failures = 0; ; ) {
      try {
        const page = await this.#page();
        failures = 0;
        this.#terminal.count(`${page.checked} documents`);
        if (page.next === null) return page;
      } catch (error) {
        const passes = isPassing(error);
        // Nothing was looked at, and what is refused says what to do next.
        if (!passes && this.#last === null) throw error;
        const { message, cause } = error as Error;
        if (!passes || ++failures === FAILURES) throw new Error(this.stopped(message), { cause });
        this.#terminal.say(`A page has failed, and is asked for again: ${(error as Error).message}`);
      }
    }
  }

  async #page(): Promise<Preflight> {
    const last = this.#last;
    const place = last?.began === undefined ? { walk: this.#how } : { began: last.began };
    // A walk that was begun anew by a request that failed is not begun again.
    this.#how = 'resume';
    const input = { collection: this.#collection, ...this.#range, ...place };
    const page = await this.#terminal.service.ask<Preflight>('preflight', input);
    if (last === null && (page.before ?? 0) > 0) this.#terminal.say(resumedLine(page));
    // What the first page tells of the stores is told at the end.
    const { durabilityProblem, load } = { ...last, ...page };
    this.#last = {
      ...page,
      ...(durabilityProblem === undefined ? {} : { durabilityProblem }),
      ...(load === undefined ? {} : { load }),
    };
    return this.#last;
  }
}

/** Whether another request may fare better: the functions have failed, or were ended, or a store did not answer. */
function isPassing(error: unknown): boolean {
  return error instanceof NotDone && error.status >= 500;
}

function whole(text: string): number {
  if (!/^[1-9]\d{0,14}$/.test(text)) throw new InvalidArgumentError('It is no whole number, 1 or more.');
  return Number(text);
}
