/** `status` and `plan`: where the migration is, and what it waits for. */
import type { Command } from 'commander';
import type { Latency } from '../../functions/operations/latencies.ts';
import type { Overview } from '../../functions/operations/overview.ts';
import { BadCommand } from './service.ts';
import type { Open, Terminal } from './terminal.ts';
import { unjudgedLines } from './told/guard.ts';
import { latencyLines, type ToldLatency } from './told/latencies.ts';
import { overviewLines, planLines } from './told/phases.ts';

const CODES = `
Exits with 0 where the collections could be looked at, also where a store does not answer or is slow: then the answer says STORES, with
the reason, and with --json the member evidence has "missing". Exits with 1 where the flags of a collection ask for what cannot be
(REFUSED), and with 2 where the service does not answer.
`;

export function addLook(program: Command, open: Open): void {
  const looking = (
    name: string,
    description: string,
    lines: (all: readonly Measured[], terminal: Terminal) => Promise<string[]>,
    measures: (terminal: Terminal, seen: readonly Overview[], isNamed: boolean) => boolean,
  ) =>
    program
      .command(name)
      .description(description)
      .argument('[collection]', 'this one alone')
      .addHelpText('after', CODES)
      .action(async (collection?: string) => {
        const terminal = open();
        const seen = await seenOf(terminal, collection);
        const isMeasured = measures(terminal, seen, collection !== undefined);
        const all = isMeasured ? await withLatencies(terminal, seen) : seen;
        terminal.show(all, await lines(all, terminal), isWell(all));
      });
  looking(
    'status',
    'where each collection is, what is next, and what that waits for; of one collection, and with --json, also how long requests take',
    async (all) => [...overviewLines(all, Date.now()), ...all.flatMap(latencyLines)],
    // Each of them is a question to CloudWatch, which is paid for.
    ({ isJson }, _, isNamed) => isJson || isNamed,
  );
  looking(
    'plan',
    'the moves that are to come, and what each will wait for',
    async (all, { service }) => {
      const about = await service.about();
      const unjudged = all.flatMap((each) => unjudgedLines(each, each.latency, about.request));
      return [...planLines(all, about), ...unjudged];
    },
    (_, seen) => seen.some(({ moves }) => (moves?.guard ?? null) !== null),
  );
}

/** With what was measured lately; not there where nobody has asked. */
export type Measured = Overview & { readonly latency?: ToldLatency };

/** Collections of one question. */
const MOST = 20;

/** Where it cannot be told, the answer says why: nothing else depends on it. */
async function withLatencies({ service }: Terminal, all: readonly Overview[]): Promise<Measured[]> {
  const measured: Measured[] = [];
  for (let from = 0; from < all.length; from += MOST) {
    const some = all.slice(from, from + MOST);
    const collections = some.map(({ collection }) => collection);
    const found = await service.ask<Latency[]>('latencies', { collections }).catch((error: Error) => error);
    for (const [n, each] of some.entries()) {
      const latency = found instanceof Error ? { unread: found.message } : found[n];
      measured.push(latency === undefined ? each : { ...each, latency });
    }
  }
  return measured;
}

/** Throws where there is no such collection. */
export async function seenOf({ service }: Terminal, collection?: string): Promise<Overview[]> {
  const all = await service.ask<Overview[]>('status');
  const wanted = all.filter((each) => collection === undefined || each.collection === collection);
  if (wanted.length > 0) return wanted;
  throw new BadCommand(
    `There is no collection ${collection}: it is none of ${all.map((each) => each.collection).join(', ')}`,
  );
}

function isWell(all: readonly Overview[]): boolean {
  return all.every(({ decision }) => decision.kind !== 'refused');
}
